import { type Kysely, sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { AuditEntry } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import { type Anchor, type ChainHead, macOf, sameSeal, sealOf } from './audit-chain.ts';
import { type ExportOptions, exportTrail } from './audit-export.ts';
import { readHead, readPage } from './audit-rows.ts';
import { verifyTrail } from './audit-verify.ts';
import type { Verdict } from './audit-walk.ts';
import { storable, toJson } from './json.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** The audit trail beyond writing entries. */
export interface AuditTrail {
  /** Seals up to `limit` entries in order; returns how many. One sealer at a time, across instances. */
  seal(limit: number): Promise<number>;
  /** Proves the sealed part unbroken, in constant memory; and that it has passed a head that was noted earlier. */
  verify(noted?: Anchor | null): Promise<Verdict>;
  /** The last entry that this process sealed or found sealed; null before. Written down elsewhere, it holds later trails to it. */
  head(): Anchor | null;
  /** The trail as lines with their newlines; unsealed entries last. */
  export(options: ExportOptions): AsyncIterable<string>;
  /** Removes sealed entries older than the time, from the chain's beginning only; returns how many. */
  prune(before: Time): Promise<number>;
}

/** Writes an entry in the transaction of what it describes. Writers don't wait for each other: sealing comes later. */
export async function writeAudit(db: Db, entry: AuditEntry, now: Time): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      at: new Date(now),
      actor: toJson(entry.actor),
      action: storable(entry.action),
      request_id: entry.requestId ?? null,
      run_id: entry.runId ?? null,
      data: toJson(entry.data ?? {}),
      no: null,
      seal: null,
    })
    .execute();
}

/** The audit trail of a database, sealed under a key that is not in it. */
export function createAuditTrail(db: Db, key: string): AuditTrail {
  let last: Anchor | null = null;
  return {
    seal: async (limit) => {
      const { count, at } = await db.transaction().execute((trx) => seal(trx, key, limit, last));
      last = at;
      return count;
    },
    verify: (noted) => verifyTrail(db, key, noted),
    head: () => last,
    export: (options) => exportTrail(db, key, options),
    prune: (before) => db.transaction().execute((trx) => prune(trx, key, before)),
  };
}

async function seal(
  trx: Db,
  key: string,
  limit: number,
  last: Anchor | null,
): Promise<{ count: number; at: Anchor | null }> {
  const head = await ownHead(trx, key);
  if (last !== null && last.seal !== head.seal) await refuseSetBack(trx, head, last);
  const rows = await readPage(trx, { id: 0 }, limit);
  const sealed = rows.map((row) => {
    head.count += 1;
    head.seal = sealOf(key, head.seal, { ...row, no: head.count });
    return { id: row.id, no: head.count, seal: head.seal };
  });
  if (sealed.length > 0) {
    await sql`update audit set no = sealed.no, seal = sealed.seal
      from jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) as sealed (id bigint, no bigint, seal text)
      where audit.id = sealed.id`.execute(trx);
    await writeHead(trx, key, head);
  }
  return { count: sealed.length, at: head.count === 0 ? null : { no: head.count, seal: head.seal } };
}

/**
 * An older head with its own true seal looks right to whoever reads only the database. Who sealed further knows better, and must not go
 * on from there: that would cover up what was taken away.
 */
async function refuseSetBack(trx: Db, head: ChainHead, last: Anchor): Promise<void> {
  const row = await trx.selectFrom('audit').select('seal').where('no', '=', last.no).executeTakeFirst();
  const pruned = last.no <= head.baseNo;
  if (head.count >= last.no && (pruned || row?.seal === last.seal)) return;
  throw new AppError(
    'database',
    `The audit trail was set back: entry no. ${last.no} was sealed by this process and isn't there any more. Nothing is sealed until you have looked into it and restarted the bot; \`liveresponse audit verify --anchor ${last.no}:${last.seal}\` shows it.`,
  );
}

async function prune(trx: Db, key: string, before: Time): Promise<number> {
  const head = await ownHead(trx, key);
  // The chain may only be shortened from its beginning: up to the first entry that is to stay.
  const first = await trx
    .selectFrom('audit')
    .select('no')
    .where('no', 'is not', null)
    .where('at', '>=', new Date(before))
    .orderBy('no')
    .limit(1)
    .executeTakeFirst();
  const last = first?.no === undefined || first.no === null ? head.count : first.no - 1;
  if (last <= head.baseNo) return 0;
  const row = await trx.selectFrom('audit').select('seal').where('no', '=', last).executeTakeFirst();
  if (row?.seal === undefined || row.seal === null) return 0;
  await forgetPolicies(trx, last);
  const { numDeletedRows } = await trx.deleteFrom('audit').where('no', '<=', last).executeTakeFirst();
  await writeHead(trx, key, { ...head, baseNo: last, baseSeal: row.seal });
  return Number(numDeletedRows);
}

/** A policy's text goes with its entry, so the next load of it has to write it down again. The key is the one of `policy-file`. */
async function forgetPolicies(trx: Db, last: number): Promise<void> {
  await sql`delete from settings where key in (
    select 'policy:' || (data->>'hash') from audit where no <= ${last} and action = 'policy.loaded' and data ? 'text')`.execute(
    trx,
  );
}

/** The head, locked. Somebody else's must not be continued: that would seal what they did. */
async function ownHead(trx: Db, key: string): Promise<ChainHead> {
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

async function writeHead(trx: Db, key: string, head: ChainHead): Promise<void> {
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
