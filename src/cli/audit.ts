import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readAuditConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { createLog } from '../log.ts';
import { parseDuration } from '../policy/index.ts';
import type { AuditTrail } from '../store/audit.ts';
import { type Verdict, verifyExport } from '../store/audit-verify.ts';
import { openStore } from '../store/open.ts';

/** `audit verify [FILE]`: exit 0 when the trail is unbroken, 1 with the first bad entry otherwise. */
export async function auditVerify(file?: string): Promise<void> {
  const verdict = file === undefined ? await withTrail((trail) => trail.verify()) : await verifyFile(file);
  const tail =
    verdict.unsealed === 0 ? '' : ` ${verdict.unsealed} newer entries are not sealed yet, so nothing proves them.`;
  if (verdict.ok) {
    process.stdout.write(`The trail is unbroken: ${verdict.count} sealed entries.${tail}\n`);
    return;
  }
  const where =
    verdict.firstBad === null ? '' : ` First bad entry: no. ${verdict.firstBad.no}: ${verdict.firstBad.why}.`;
  process.stderr.write(`The trail is NOT as it was sealed.${where}${tail}\n`);
  process.exitCode = 1;
}

async function verifyFile(file: string): Promise<Verdict> {
  const key = process.env.AUDIT_KEY ?? '';
  if (key.length < 32) throw new AppError('config', 'AUDIT_KEY: the key that sealed the trail is needed to verify it.');
  const input = await openFile(file);
  return verifyExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), key);
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
export async function auditExport(options: { since?: string; format: 'jsonl' | 'csv' }): Promise<void> {
  const since = options.since === undefined ? null : timeOf(options.since);
  await withTrail(async (trail) => {
    for await (const line of trail.export({ since, format: options.format })) {
      if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  });
}

function timeOf(words: string): number {
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
