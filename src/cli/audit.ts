import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readAuditConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { createLog } from '../log.ts';
import { parseDuration } from '../policy/index.ts';
import type { AuditTrail } from '../store/audit.ts';
import { type Anchor, anchorWords, parseAnchor } from '../store/audit-chain.ts';
import { verifyExport } from '../store/audit-verify-file.ts';
import type { Beginning, Verdict } from '../store/audit-walk.ts';
import { openStore } from '../store/open.ts';

/**
 * `audit verify [FILE]`: exit 0 when the trail is unbroken, 1 with the first bad entry otherwise. With an anchor it has to have passed
 * that one, too.
 */
export async function auditVerify(file: string | undefined, options: { anchor?: string } = {}): Promise<void> {
  const noted = options.anchor === undefined ? null : anchorOf('--anchor', options.anchor);
  const verdict = file === undefined ? await withTrail((trail) => trail.verify(noted)) : await verifyFile(file, noted);
  const { head, firstBad, unsealed, count, begins } = verdict;
  const tail = unsealed === 0 ? '' : ` ${unsealed} newer entries are not sealed yet, so nothing proves them.`;
  if (firstBad !== null) {
    const where = ` First bad entry: no. ${firstBad.no}: ${firstBad.why}.`;
    process.stderr.write(`The trail is NOT as it was sealed.${where}${tail}\n`);
    process.exitCode = 1;
    return;
  }
  const from = noted === null ? '' : `, and it goes on from the head that you noted (no. ${noted.no})`;
  process.stdout.write(`The trail is unbroken: ${count} sealed entries${from}.${tail}\n`);
  if (begins !== null) process.stdout.write(`${beginningWords(begins)}\n`);
  if (head !== null) process.stdout.write(`Head: ${anchorWords(head)}\n`);
}

function beginningWords({ no, at, pruned }: Beginning): string {
  const begins = `It begins with no. ${no} of ${at}`;
  if (no === 1) return `${begins}.`;
  return pruned
    ? `${begins}; retention removed the older ones.`
    : `${begins}, and proves nothing about those before: it was exported from there on.`;
}

function anchorOf(option: string, words: string): Anchor {
  const anchor = parseAnchor(words);
  if (anchor !== null) return anchor;
  const what = 'is no head of a trail; “audit verify” prints one, such as 1234: and 64 digits and letters.';
  throw new AppError('usage', `${option}: “${words}” ${what}`);
}

async function verifyFile(file: string, noted: Anchor | null): Promise<Verdict> {
  const key = process.env.AUDIT_KEY?.trim() ?? '';
  if (key.length < 32) throw new AppError('config', 'AUDIT_KEY: the key that sealed the trail is needed to verify it.');
  const input = await openFile(file);
  return verifyExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), key, noted);
}

async function openFile(file: string): Promise<Readable> {
  try {
    // Opened here, so that a name that leads nowhere fails here.
    return (await open(file)).createReadStream();
  } catch (cause) {
    throw new AppError('usage', `${file} can't be read. It should be a file that audit export wrote.`, { cause });
  }
}

/** `audit export`: the trail on standard output. */
export async function auditExport(options: { since?: string; after?: string; format: 'jsonl' | 'csv' }): Promise<void> {
  if (options.since !== undefined && options.after !== undefined) {
    throw new AppError('usage', '--since and --after: use one of the two.');
  }
  const since = options.since === undefined ? null : timeOf(options.since);
  const after = options.after === undefined ? null : anchorOf('--after', options.after);
  await withTrail(async (trail) => {
    for await (const line of trail.export({ since, after, format: options.format })) {
      if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  });
}

/** A time as typed behind `--since`, in milliseconds. Throws AppError `usage`. */
export function timeOf(words: string): number {
  const length = parseDuration(words);
  const at = length === null ? Date.parse(words) : Date.now() - length;
  if (Number.isNaN(at))
    throw new AppError('usage', `--since: “${words}” is neither an ISO time nor a length such as 24h.`);
  return at;
}

async function withTrail<T>(work: (trail: AuditTrail) => Promise<T>): Promise<T> {
  const config = readAuditConfig(process.env);
  const secrets = [config.auditKey, ...(config.database.kind === 'postgres' ? [config.database.url] : [])];
  const opened = await openStore({
    ...(config.database.kind === 'postgres'
      ? { databaseUrl: config.database.url }
      : { dataDir: config.database.folder }),
    auditKey: config.auditKey,
    clock: { now: () => Date.now() },
    log: createLog('error', { destination: process.stderr, secrets }),
  });
  try {
    return await work(opened.audit);
  } finally {
    await opened.close();
  }
}
