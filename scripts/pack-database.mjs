// A part of the build: a database as the first start of the bot leaves it, as one file, so that no start takes the seconds to make it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_DATABASE, packDatabase } from '../dist/store/empty-database.js';
import { openStore } from '../dist/store/open.js';

const silent = () => undefined;
const log = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (...words) => process.stderr.write(`${words.at(-1)}\n`),
};
const folder = await mkdtemp(join(tmpdir(), 'liveresponse-pack-'));
try {
  const auditKey = randomBytes(32).toString('hex');
  const opened = await openStore({ dataDir: folder, auditKey, clock: { now: () => Date.now() }, log });
  await opened.close();
  await packDatabase(join(folder, 'database'), EMPTY_DATABASE);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
