import { z } from 'zod';
import { type Anchor, exportMacOf, macOf, sameSeal } from './audit-chain.ts';
import { createWalk, type Passing, type Trouble, type Verdict, verdictOf, type Walk } from './audit-walk.ts';

const ENTRY = z.strictObject({
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
const END = z.strictObject({
  end: z.strictObject({
    baseNo: z.number(),
    baseSeal: z.string(),
    count: z.number(),
    seal: z.string(),
    mac: z.string(),
  }),
});
type End = z.output<typeof END>['end'];
type Entry = z.output<typeof ENTRY>;

/**
 * Verifies an exported JSONL trail, line by line. Its last line proves where it begins and ends; one that begins in the middle proves
 * nothing about what was before, unless `noted` is its very beginning or lies behind it.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  key: string,
  noted: Anchor | null = null,
): Promise<Verdict> {
  let walk: Walk | null = null;
  let unsealed = 0;
  let end: End | null = null;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const bad = (why: string): Verdict => verdictOf(walk, { no: (walk?.at().no ?? 0) + 1, why }, unsealed);
    if (end !== null) return bad('something follows the last line of the trail');
    const value = parseLine(line);
    if (value === null) return bad('the line is not as it was exported: something was added to it, or changed in it');
    const last = END.safeParse(value);
    if (last.success) {
      end = last.data.end;
      continue;
    }
    const entry = ENTRY.safeParse(value);
    if (!entry.success) return bad('the line is no audit entry');
    const misplaced = misplacedIn(entry.data, walk, unsealed);
    if (misplaced !== null) return bad(misplaced);
    if (entry.data.no === null) {
      unsealed += 1;
      continue;
    }
    const fresh: Walk | null =
      walk === null ? createWalk(key, { no: entry.data.no - 1, seal: entry.data.previous ?? '' }, noted) : null;
    walk ??= fresh;
    const trouble: Trouble | null = fresh?.begin() ?? walk?.take(entry.data as Passing) ?? null;
    if (trouble !== null) return verdictOf(walk, trouble, unsealed);
  }
  if (end === null) {
    const why = 'the last line, which proves the end of the trail, is missing';
    return verdictOf(walk, { no: (walk?.at().no ?? 0) + 1, why }, unsealed);
  }
  const empty = createWalk(key, { no: end.baseNo, seal: end.baseSeal }, noted);
  return verdictOf(walk ?? empty, endTrouble(key, end, walk ?? empty, walk === null), unsealed);
}

function endTrouble(key: string, end: End, walk: Walk, empty: boolean): Trouble | null {
  const next = walk.at().no + 1;
  if (sameSeal(end.mac, macOf(key, end))) {
    return {
      no: next,
      why: 'the file was written by an older version, whose last line proves nothing any more: export anew',
    };
  }
  if (!sameSeal(end.mac, exportMacOf(key, end))) {
    return { no: next, why: 'the last line was changed, or AUDIT_KEY is another one' };
  }
  if (walk.start.no !== end.baseNo || walk.start.seal !== end.baseSeal) {
    return { no: end.baseNo + 1, why: 'the trail does not begin where it did: the beginning was cut off' };
  }
  if (walk.at().no !== end.count || !sameSeal(walk.at().seal, end.seal)) {
    return { no: next, why: 'it is missing: the end was cut off' };
  }
  return (empty ? walk.begin() : null) ?? walk.end();
}

/** What no entry can be where it stands, although nothing of it would break the chain. */
function misplacedIn({ no, previous, seal }: Entry, walk: Walk | null, unsealed: number): string | null {
  if (no === null) {
    return previous === null && seal === null ? null : 'an entry without a number bears a seal, or one before it';
  }
  if (unsealed > 0) return 'an entry that isn’t sealed stands before it, where none can be';
  if (walk !== null && previous !== walk.at().seal) return 'the seal before it, as its line says, is another one';
  return null;
}

/** The line's value, or null where it isn't written as `audit export` writes it: what JSON forgives could show people something else. */
function parseLine(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return JSON.stringify(value) === line.replace(/\r?\n$/, '') ? value : null;
  } catch {
    return null;
  }
}
