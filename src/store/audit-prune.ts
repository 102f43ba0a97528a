import type { Kysely } from 'kysely';
import type { Time } from '../model/request.ts';
import { type Anchor, type ChainHead, PRUNED, pruneProof, sealOf } from './audit-chain.ts';
import { endOf, ownHead, refuseSetBack, writeHead } from './audit-head.ts';
import { KEPT, textsToKeep } from './audit-texts.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** What is to go, and when that was decided. */
export interface Pruning {
  before: Time;
  now: Time;
}

/**
 * Shortens the chain from its beginning, and says so at its end in an entry that is sealed at once: a beginning that no such entry tells of
 * was cut off by somebody else.
 */
export async function pruneTrail(
  trx: Db,
  key: string,
  pruning: Pruning,
  sealedLast: Anchor | null,
): Promise<{ removed: number; at: Anchor | null }> {
  const head = await ownHead(trx, key);
  await refuseSetBack(trx, head, sealedLast);
  const base = await lastToGo(trx, pruning);
  if (base === null) return { removed: 0, at: endOf(head) };
  const { inForce, texts } = await textsToKeep(trx, base.no);
  const { numDeletedRows } = await trx.deleteFrom('audit').where('no', '<=', base.no).executeTakeFirst();
  const removed = Number(numDeletedRows);
  const data = {
    upTo: base.no,
    removed,
    before: new Date(pruning.before).toISOString(),
    policy: inForce,
    proof: pruneProof(key, base),
  };
  const next = { ...head, baseNo: base.no, baseSeal: base.seal };
  for (const text of texts) await sealAtOnce(trx, key, next, pruning.now, KEPT, text);
  await sealAtOnce(trx, key, next, pruning.now, PRUNED, data);
  await writeHead(trx, key, next);
  return { removed, at: endOf(next) };
}

/**
 * The last entry that is to go, by its place: the last old one before the first that is to stay. A clock that was wrong for a moment keeps
 * nothing: an entry of a time still to come goes with those around it. Null where all stay.
 */
async function lastToGo(trx: Db, { before, now }: Pruning): Promise<Anchor | null> {
  const sealed = trx.selectFrom('audit').select(['no', 'seal']).where('no', 'is not', null).limit(1);
  const staying = await sealed
    .where('at', '>=', new Date(before))
    .where('at', '<=', new Date(now))
    .orderBy('no')
    .executeTakeFirst();
  const old = sealed.where('at', '<', new Date(before)).orderBy('no', 'desc');
  const last = await (staying === undefined ? old : old.where('no', '<', staying.no)).executeTakeFirst();
  return last === undefined || last.no === null || last.seal === null ? null : { no: last.no, seal: last.seal };
}

/** Writes an entry of the bot as the next of the chain, before those that wait. Moves the head on; storing it is left to the caller. */
async function sealAtOnce(
  trx: Db,
  key: string,
  head: ChainHead,
  now: Time,
  action: string,
  data: unknown,
): Promise<void> {
  const no = head.count + 1;
  const at = new Date(now);
  const content = { no, at: at.toISOString(), actor: 'bot', action, requestId: null, runId: null, data };
  const seal = sealOf(key, head.seal, content);
  const [actor, json] = [JSON.stringify('bot'), JSON.stringify(data)];
  await trx
    .insertInto('audit')
    .values({ at, actor, action, request_id: null, run_id: null, data: json, no, seal })
    .execute();
  head.count = no;
  head.seal = seal;
}
