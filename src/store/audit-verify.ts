import { type Kysely, sql } from 'kysely';
import { type Anchor, macOf, sameSeal } from './audit-chain.ts';
import { readHead, readPage, type StoredHead } from './audit-rows.ts';
import { KEPT } from './audit-texts.ts';
import { createWalk, type Trouble, type Verdict, verdictOf, type Walk } from './audit-walk.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

const PAGE = 500;

/**
 * Follows the chain from its beginning to its end. Entries sealed or pruned meanwhile don't disturb. `noted`: a head that somebody wrote
 * down earlier, which the trail has to have passed.
 */
export async function verifyTrail(db: Db, key: string, noted: Anchor | null = null): Promise<Verdict> {
  const unsealed = await countUnsealed(db);
  for (let tries = 3; ; tries--) {
    const head = await readHead(db);
    const walk = head === null ? null : createWalk(key, { no: head.baseNo, seal: head.baseSeal }, noted);
    const trouble = head === null || walk === null ? await withoutHead(db, noted) : await follow(db, key, head, walk);
    if (trouble === null || tries === 0) return verdictOf(walk, trouble, unsealed);
    // Retention may have cut the beginning away under our feet: then the head has moved, and we look again.
    if ((await readHead(db))?.mac === head?.mac) return verdictOf(walk, trouble, unsealed);
  }
}

async function follow(db: Db, key: string, head: StoredHead, walk: Walk): Promise<Trouble | null> {
  if (!sameSeal(head.mac, macOf(key, head))) {
    const why = 'the record of where the trail begins and ends was changed, or AUDIT_KEY is another one';
    return { no: head.baseNo + 1, why };
  }
  const first = walk.begin();
  if (first !== null) return first;
  while (walk.at().no < head.count) {
    const { no } = walk.at();
    const rows = await readPage(db, { no }, Math.min(PAGE, head.count - no));
    for (const row of rows) {
      const trouble = walk.take(row);
      if (trouble !== null) return trouble;
    }
    if (rows.length === 0) return { no: no + 1, why: 'it is missing: the end of the trail was cut off' };
  }
  if (!sameSeal(walk.at().seal, head.seal)) return { no: head.count, why: 'its seal is not the one that was noted' };
  const [beyond] = await readPage(db, { no: head.count }, 1);
  if (beyond !== undefined && (await readHead(db))?.count === head.count) {
    return { no: head.count + 1, why: 'it was added behind the end of the trail' };
  }
  return walk.end() ?? cutOff(walk);
}

/** Only retention may take the beginning away, and it leaves word of that. */
function cutOff(walk: Walk): Trouble | null {
  if (walk.start.no === 0 || walk.begins()?.pruned === true) return null;
  const why =
    'it is missing, and all before it: the beginning was cut off, and not by retention, which would have said so';
  return { no: walk.start.no, why };
}

/** Nothing was ever sealed, or it is all gone. */
async function withoutHead(db: Db, noted: Anchor | null): Promise<Trouble | null> {
  const [row] = await readPage(db, { no: 0 }, 1);
  if (row !== undefined) {
    return { no: row.no ?? 1, why: 'the record of where the trail begins and ends was removed' };
  }
  if (noted !== null)
    return { no: 1, why: `it is missing: you noted a trail of ${noted.no} entries, and all are gone` };
  if (!(await wasInUse(db))) return null;
  return { no: 1, why: 'it is missing: a bot has been at work on this database, and its whole trail is gone' };
}

/** A bot remembers each policy in the transaction that writes the entry with its text. Where that is gone, more is. */
async function wasInUse(db: Db): Promise<boolean> {
  const { rows } = await sql`select key from settings where key like 'policy:%' and not exists (
    select from audit where action in ('policy.loaded', ${KEPT}) and data ? 'text' and 'policy:' || (data->>'hash') = settings.key)
    limit 1`.execute(db);
  return rows.length > 0;
}

async function countUnsealed(db: Db): Promise<number> {
  const row = await db
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('no', 'is', null)
    .executeTakeFirstOrThrow();
  return row.count;
}
