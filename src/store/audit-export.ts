import type { Kysely } from 'kysely';
import type { Time } from '../model/request.ts';
import { macOf, sameSeal } from './audit-chain.ts';
import { type AuditRow, readHead, readPage, type StoredHead } from './audit-rows.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** `since`: only entries from then on; null for all. */
export interface ExportOptions {
  since: Time | null;
  format: 'jsonl' | 'csv';
}

const PAGE = 500;
const COLUMNS = ['no', 'at', 'actor', 'action', 'requestId', 'runId', 'data', 'previous', 'seal'] as const;
type Line = Omit<AuditRow, 'id'> & { previous: string | null };

/**
 * The trail, line by line: sealed entries in the order of the chain, then those not sealed yet. JSONL ends with a line
 * `{"end": …}` that proves where the trail begins and ends; CSV is for reading in spreadsheets, with a header.
 */
export async function* exportTrail(db: Db, key: string, options: ExportOptions): AsyncIterable<string> {
  if (options.format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  const head = await readHead(db);
  if (head !== null) {
    const start = await startOf(db, head, options.since);
    for await (const line of sealedLines(db, start, head.count)) yield format(line, options.format);
  }
  for await (const line of unsealedLines(db, options.since)) yield format(line, options.format);
  if (options.format === 'jsonl' && head !== null) {
    yield `${JSON.stringify({ end: await endOf(db, key, head, options.since) })}\n`;
  }
}

/** The ends of this export, sealed. A head that isn't ours is passed on as it is: sealing it would make it true. */
async function endOf(db: Db, key: string, head: StoredHead, since: Time | null): Promise<StoredHead> {
  const { mac, ...ends } = head;
  if (since === null || !sameSeal(mac, macOf(key, ends))) return head;
  const start = await startOf(db, head, since);
  const exported = { ...ends, baseNo: start.no, baseSeal: start.seal };
  return { ...exported, mac: macOf(key, exported) };
}

async function* sealedLines(db: Db, start: Start, count: number): AsyncIterable<Line> {
  let { no, seal } = start;
  while (no < count) {
    const rows = await readPage(db, { no }, Math.min(PAGE, count - no));
    if (rows.length === 0) return;
    for (const { id: _, ...row } of rows) {
      yield { ...row, previous: seal };
      no = row.no ?? no;
      seal = row.seal ?? '';
    }
  }
}

interface Start {
  no: number;
  seal: string;
}

/** The chain from the first entry at or after `since`: no gap, so that it can be verified. */
async function startOf(db: Db, head: StoredHead, since: Time | null): Promise<Start> {
  const base = { no: head.baseNo, seal: head.baseSeal };
  if (since === null) return base;
  const first = await db
    .selectFrom('audit')
    .select('no')
    .where('no', '<=', head.count)
    .where('at', '>=', new Date(since))
    .orderBy('no')
    .limit(1)
    .executeTakeFirst();
  if (first === undefined || first.no === null) return { no: head.count, seal: head.seal };
  const before = await db
    .selectFrom('audit')
    .select('seal')
    .where('no', '=', first.no - 1)
    .executeTakeFirst();
  return before === undefined ? base : { no: first.no - 1, seal: before.seal ?? '' };
}

async function* unsealedLines(db: Db, since: Time | null): AsyncIterable<Line> {
  let after = 0;
  for (;;) {
    const rows = await readPage(db, { id: after }, PAGE);
    for (const { id, ...row } of rows) {
      after = id;
      if (since === null || Date.parse(row.at) >= since) yield { ...row, previous: null };
    }
    if (rows.length < PAGE) return;
  }
}

function format(line: Line, format: ExportOptions['format']): string {
  if (format === 'jsonl') return `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, line[name]])))}\n`;
  return `${COLUMNS.map((name) => cell(line[name])).join(',')}\r\n`;
}

/** RFC 4180, and no formulas: spreadsheets run what begins with one of these (OWASP, CSV injection), so it gets a quote before it. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
