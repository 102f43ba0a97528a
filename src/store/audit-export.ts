import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import type { Time } from '../model/request.ts';
import { type Anchor, anchorWords, exportMacOf, macOf, sameSeal } from './audit-chain.ts';
import { type AuditRow, readHead, readPage, type StoredHead } from './audit-rows.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/**
 * `since`: only entries from then on. `after`: only those behind this one, and none that isn't sealed yet, so that file after file makes
 * the whole trail. Null, or none: all.
 */
export interface ExportOptions {
  since: Time | null;
  after?: Anchor | null;
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
  const { format, since, after = null } = options;
  const head = await readHead(db);
  const start = await startOf(db, head, options);
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  for await (const line of sealedLines(db, start, head?.count ?? 0)) yield inFormat(line, format);
  if (after === null) for await (const line of unsealedLines(db, since)) yield inFormat(line, format);
  if (format === 'jsonl' && head !== null) yield `${JSON.stringify({ end: endOf(key, head, start) })}\n`;
}

/** The ends of this export, sealed. A head that isn't ours is passed on as it is: sealing it would make it true. */
function endOf(key: string, head: StoredHead, start: Anchor): StoredHead {
  const { mac, ...ends } = head;
  if (!sameSeal(mac, macOf(key, ends))) return head;
  const exported = { ...ends, baseNo: start.no, baseSeal: start.seal };
  return { ...exported, mac: exportMacOf(key, exported) };
}

async function* sealedLines(db: Db, start: Anchor, count: number): AsyncIterable<Line> {
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

/** The entry before the first one to be exported. From there on nothing is left out, so that it can be verified. */
async function startOf(db: Db, head: StoredHead | null, options: ExportOptions): Promise<Anchor> {
  const { since, after = null } = options;
  if (after !== null) return await startAfter(db, head, after);
  const base = { no: head?.baseNo ?? 0, seal: head?.baseSeal ?? '' };
  if (since === null || head === null) return base;
  const first = await db
    .selectFrom('audit')
    .select('no')
    .where('no', '<=', head.count)
    .where('at', '>=', new Date(since))
    .orderBy('no')
    .limit(1)
    .executeTakeFirst();
  if (first === undefined || first.no === null) return { no: head.count, seal: head.seal };
  const seal = await sealAt(db, head, first.no - 1);
  return seal === null ? base : { no: first.no - 1, seal };
}

async function startAfter(db: Db, head: StoredHead | null, after: Anchor): Promise<Anchor> {
  const seal = head === null || after.no > head.count ? null : await sealAt(db, head, after.no);
  if (seal !== null && sameSeal(seal, after.seal)) return after;
  const what =
    head !== null && after.no < head.baseNo
      ? `entry no. ${after.no} was removed with the oldest ones, so there would be a gap. Export without --after.`
      : `the trail doesn’t go on from there. \`liveresponse audit verify --anchor ${anchorWords(after)}\` tells more.`;
  throw new AppError('database', `--after: ${what}`);
}

async function sealAt(db: Db, head: StoredHead, no: number): Promise<string | null> {
  if (no === head.baseNo) return head.baseSeal;
  const row = await db.selectFrom('audit').select('seal').where('no', '=', no).executeTakeFirst();
  return row?.seal ?? null;
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

function inFormat(line: Line, format: ExportOptions['format']): string {
  if (format === 'jsonl') return `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, line[name]])))}\n`;
  return `${COLUMNS.map((name) => cell(line[name])).join(',')}\r\n`;
}

/**
 * RFC 4180, and no formulas: spreadsheets run what begins with one of these (OWASP, CSV injection), so it gets a quote before it, also
 * behind a semicolon or tab, which other languages' spreadsheets split at, quoted or not.
 */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = text.replace(/(?<=^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])/g, "'");
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
