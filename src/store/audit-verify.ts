import type { Kysely } from 'kysely';
import { z } from 'zod';
import { macOf, type SealedContent, sameSeal, sealOf } from './audit-chain.ts';
import { type AuditRow, readHead, readPage, type StoredHead } from './audit-rows.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** What a verification found. `count` sealed entries were good; `unsealed` are not covered yet. */
export interface Verdict {
  ok: boolean;
  count: number;
  unsealed: number;
  /** The first entry (by its number in the chain) that isn't as it was sealed, and what is wrong, for people. */
  firstBad: { no: number; why: string } | null;
}

const PAGE = 500;

/** Follows the chain from its beginning to its end. Entries sealed or pruned meanwhile don't disturb. */
export async function verifyTrail(db: Db, key: string): Promise<Verdict> {
  const unsealed = await countUnsealed(db);
  for (let tries = 3; ; tries--) {
    const head = await readHead(db);
    const verdict = { ...(await follow(db, key, head)), unsealed };
    if (verdict.ok || tries === 0) return verdict;
    // Retention may have cut the beginning away under our feet: then the head has moved, and we look again.
    if ((await readHead(db))?.mac === head?.mac) return verdict;
  }
}

type Result = Omit<Verdict, 'unsealed'>;

async function follow(db: Db, key: string, head: StoredHead | null): Promise<Result> {
  if (head === null) return await withoutHead(db);
  if (!sameSeal(head.mac, macOf(key, head))) {
    return bad(
      0,
      head.baseNo + 1,
      'the record of where the trail begins and ends was changed, or AUDIT_KEY is another one',
    );
  }
  const chain = createChain(key, { no: head.baseNo, seal: head.baseSeal });
  while (chain.no() < head.count) {
    const rows = await readPage(db, { no: chain.no() }, Math.min(PAGE, head.count - chain.no()));
    for (const row of rows) {
      const trouble = chain.take(row);
      if (trouble !== null) return bad(chain.taken(), chain.no() + 1, trouble);
    }
    if (rows.length === 0) return bad(chain.taken(), chain.no() + 1, 'it is missing: the end of the trail was cut off');
  }
  if (!sameSeal(chain.seal(), head.seal))
    return bad(chain.taken(), head.count, 'its seal is not the one that was noted');
  const [beyond] = await readPage(db, { no: head.count }, 1);
  if (beyond !== undefined && (await readHead(db))?.count === head.count) {
    return bad(chain.taken(), head.count + 1, 'it was added behind the end of the trail');
  }
  return { ok: true, count: chain.taken(), firstBad: null };
}

async function withoutHead(db: Db): Promise<Result> {
  const [row] = await readPage(db, { no: 0 }, 1);
  if (row === undefined) return { ok: true, count: 0, firstBad: null };
  return bad(0, row.no ?? 1, 'the record of where the trail begins and ends was removed');
}

/** Takes entries one by one; `take` tells what is wrong with one, or null. */
function createChain(key: string, start: { no: number; seal: string }) {
  let { no, seal } = start;
  return {
    start,
    no: () => no,
    seal: () => seal,
    taken: () => no - start.no,
    take: (row: Pick<AuditRow, 'no' | 'seal'> & Omit<SealedContent, 'no'>): string | null => {
      if (row.no !== no + 1) return 'it is missing: an entry was removed or moved';
      const expected = sealOf(key, seal, { ...row, no: row.no });
      if (row.seal === null || !sameSeal(row.seal, expected)) {
        return 'its seal does not fit: it was changed, inserted or moved, or sealed with another key';
      }
      no = row.no;
      seal = expected;
      return null;
    },
  };
}

const ENTRY = z.object({
  no: z.number().int().nullable(),
  at: z.string(),
  actor: z.unknown(),
  action: z.string(),
  requestId: z.string().nullable(),
  runId: z.string().nullable(),
  data: z.unknown(),
  previous: z.string().nullable(),
  seal: z.string().nullable(),
});
const END = z.object({
  end: z.object({
    baseNo: z.number(),
    baseSeal: z.string(),
    count: z.number(),
    seal: z.string(),
    mac: z.string(),
  }),
});

/** Verifies an exported JSONL trail. Its last line proves where it begins (also one made with `--since`) and ends. */
export async function verifyExport(lines: AsyncIterable<string>, key: string): Promise<Verdict> {
  let chain: ReturnType<typeof createChain> | null = null;
  let unsealed = 0;
  let last = 0;
  const state = (trouble: string): Verdict => ({ ...bad(chain?.taken() ?? 0, last + 1, trouble), unsealed });
  let ended = false;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (ended) return state('something follows the last line of the trail');
    const value = parseLine(line);
    const end = END.safeParse(value);
    if (end.success) {
      const trouble = endTrouble(key, end.data.end, chain);
      if (trouble !== null) return state(trouble);
      ended = true;
      continue;
    }
    const entry = ENTRY.safeParse(value);
    if (!entry.success) return state('the line is no audit entry');
    if (entry.data.no === null) {
      unsealed += 1;
      continue;
    }
    chain ??= createChain(key, { no: entry.data.no - 1, seal: entry.data.previous ?? '' });
    const trouble = chain.take(entry.data as Pick<AuditRow, 'no' | 'seal'> & Omit<SealedContent, 'no'>);
    if (trouble !== null) return { ...bad(chain.taken(), chain.no() + 1, trouble), unsealed };
    last = chain.no();
  }
  if (!ended) return state('the last line, which proves the end of the trail, is missing');
  return { ok: true, count: chain?.taken() ?? 0, unsealed, firstBad: null };
}

function endTrouble(
  key: string,
  end: z.infer<typeof END>['end'],
  chain: ReturnType<typeof createChain> | null,
): string | null {
  if (!sameSeal(end.mac, macOf(key, end))) return 'the last line was changed, or AUDIT_KEY is another one';
  const { no, seal } = chain?.start ?? { no: end.baseNo, seal: end.baseSeal };
  if (no !== end.baseNo || seal !== end.baseSeal)
    return 'the trail does not begin where it did: the beginning was cut off';
  const last = chain === null ? { no, seal } : { no: chain.no(), seal: chain.seal() };
  return last.no === end.count && sameSeal(last.seal, end.seal) ? null : 'it is missing: the end was cut off';
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

async function countUnsealed(db: Db): Promise<number> {
  const row = await db
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('no', 'is', null)
    .executeTakeFirstOrThrow();
  return row.count;
}

function bad(count: number, no: number, why: string): Result {
  return { ok: false, count, firstBad: { no, why } };
}
