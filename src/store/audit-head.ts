import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import { type Anchor, type ChainHead, macOf, sameSeal } from './audit-chain.ts';
import { readHead } from './audit-rows.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** The head, locked. Somebody else's must not be continued: that would seal what they did. */
export async function ownHead(trx: Db, key: string): Promise<ChainHead> {
  const empty: ChainHead = { baseNo: 0, baseSeal: '', count: 0, seal: '' };
  await trx
    .insertInto('audit_head')
    .values({ id: 1, base_no: 0, base_seal: '', count: 0, seal: '', mac: macOf(key, empty) })
    .onConflict((clash) => clash.doNothing())
    .execute();
  const head = await readHead(trx, true);
  if (head === null || !sameSeal(head.mac, macOf(key, head))) {
    throw new AppError(
      'database',
      'The audit trail was sealed with another AUDIT_KEY or has been changed; `liveresponse audit verify` tells more. Nothing was sealed.',
    );
  }
  const { mac: _, ...chain } = head;
  return chain;
}

/** Stores the head under a seal of its own. */
export async function writeHead(trx: Db, key: string, head: ChainHead): Promise<void> {
  await trx
    .updateTable('audit_head')
    .set({
      base_no: head.baseNo,
      base_seal: head.baseSeal,
      count: head.count,
      seal: head.seal,
      mac: macOf(key, head),
    })
    .where('id', '=', 1)
    .execute();
}

/**
 * An older head with its own true seal looks right to whoever reads only the database. Who sealed further knows better, and must not go
 * on from there: that would cover up what was taken away.
 */
export async function refuseSetBack(trx: Db, head: ChainHead, last: Anchor | null): Promise<void> {
  if (last === null || last.seal === head.seal) return;
  const row = await trx.selectFrom('audit').select('seal').where('no', '=', last.no).executeTakeFirst();
  const pruned = last.no <= head.baseNo;
  if (head.count >= last.no && (pruned || row?.seal === last.seal)) return;
  throw new AppError(
    'database',
    `The audit trail was set back: entry no. ${last.no} was sealed by this process and isn't there any more. Nothing is sealed until you have looked into it and restarted the bot; \`liveresponse audit verify --anchor ${last.no}:${last.seal}\` shows it.`,
  );
}

/** Where the chain ends; null while nothing is sealed. */
export function endOf(head: ChainHead): Anchor | null {
  return head.count === 0 ? null : { no: head.count, seal: head.seal };
}
