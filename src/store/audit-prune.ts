import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import type { Time } from '../model/request.ts';
import { type Anchor, type ChainHead, PRUNED, pruneProof, sealOf } from './audit-chain.ts';
import { endOf, ownHead, refuseSetBack, writeHead } from './audit-head.ts';
import { readPage } from './audit-rows.ts';
import { KEPT, textsToKeep } from './audit-texts.ts';
import { createWalk, type Trouble } from './audit-walk.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

const PAGE = 500;

/** What is to go, and when that was decided. */
export interface Pruning {
  before: Time;
  now: Time;
}

/** Entries that are to go, all of them as they were sealed: those behind `from`, up to `upTo`. */
interface Going extends Pruning {
  from: Anchor;
  upTo: Anchor;
}

/**
 * What is to go now, proved as `audit verify` proves it: what doesn't fit must not vanish, least of all with a proof that the bot removed it.
 * `at` is under the seal, so nothing goes before its time. Page by page, outside of a transaction: it may take a minute for a
 * million, and neither sealing nor the one session of an embedded database is to wait so long. Null where nothing goes. Throws AppError
 * `database` at the first entry that isn't as it was sealed.
 */
export async function findGoing(db: Db, key: string, pruning: Pruning): Promise<Going | null> {
  const head = await ownHead(db, key);
  const last = await lastToGo(db, head, pruning);
  if (last === null) return null;
  const walk = createWalk(key, { no: head.baseNo, seal: head.baseSeal }, null);
  while (walk.at().no < last) {
    const { no } = walk.at();
    const rows = await readPage(db, { no }, Math.min(PAGE, last - no));
    // Another instance may have removed them meanwhile.
    if (rows[0]?.no !== no + 1 && (await ownHead(db, key)).baseNo !== head.baseNo) return null;
    if (rows.length === 0) throw misfit({ no: no + 1, why: 'it is missing: an entry was removed' });
    for (const row of rows) {
      const trouble = walk.take(row);
      if (trouble !== null) throw misfit(trouble);
    }
  }
  return { ...pruning, from: walk.start, upTo: walk.at() };
}

/**
 * Shortens the chain from its beginning, and says so at its end in an entry that is sealed at once: a beginning that no such entry tells of
 * was cut off by somebody else. Nothing, where the chain begins elsewhere by now.
 */
export async function pruneTrail(
  trx: Db,
  key: string,
  going: Going,
  sealedLast: Anchor | null,
): Promise<{ removed: number; at: Anchor | null }> {
  const head = await ownHead(trx, key);
  await refuseSetBack(trx, head, sealedLast);
  const { from, upTo, before, now } = going;
  if (head.baseNo !== from.no || head.baseSeal !== from.seal) return { removed: 0, at: endOf(head) };
  const removed = upTo.no - from.no;
  // Below the beginning is nothing of the trail, whoever put it there; its texts must not be kept as if it were.
  await trx.deleteFrom('audit').where('no', '<=', from.no).execute();
  const { inForce, texts } = await textsToKeep(trx, upTo.no);
  const { numDeletedRows } = await trx.deleteFrom('audit').where('no', '<=', upTo.no).executeTakeFirst();
  if (Number(numDeletedRows) !== removed || head.count < upTo.no) {
    throw misfit({ no: from.no + 1, why: 'it, or one behind it, was changed while I looked' });
  }
  const data = {
    upTo: upTo.no,
    removed,
    before: new Date(before).toISOString(),
    policy: inForce,
    proof: pruneProof(key, upTo),
  };
  const next = { ...head, baseNo: upTo.no, baseSeal: upTo.seal };
  for (const text of texts) await sealAtOnce(trx, key, next, now, KEPT, text);
  await sealAtOnce(trx, key, next, now, PRUNED, data);
  await writeHead(trx, key, next);
  return { removed, at: endOf(next) };
}

/**
 * The number of the last entry that is to go, by its place: the last old one before the first that is to stay. A clock that was wrong for a
 * moment keeps nothing: an entry of a time still to come goes with those around it. Null where all stay.
 */
async function lastToGo(db: Db, head: ChainHead, { before, now }: Pruning): Promise<number | null> {
  const sealed = db
    .selectFrom('audit')
    .select('no')
    .where('no', '>', head.baseNo)
    .where('no', '<=', head.count)
    .limit(1);
  const staying = await sealed
    .where('at', '>=', new Date(before))
    .where('at', '<=', new Date(now))
    .orderBy('no')
    .executeTakeFirst();
  const old = sealed.where('at', '<', new Date(before)).orderBy('no', 'desc');
  const last = await (staying === undefined ? old : old.where('no', '<', staying.no)).executeTakeFirst();
  return last?.no ?? null;
}

function misfit({ no, why }: Trouble): AppError {
  return new AppError(
    'database',
    `Retention removes nothing of the audit trail: of what is past its time, entry no. ${no} isn't as it was sealed (${why}). Run \`liveresponse audit verify\` and look into who can write the database. All of it stays, and each hour I look again.`,
  );
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
