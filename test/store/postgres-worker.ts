import { openStore } from '../../src/store/open.ts';
import { fakeClock, quiet } from '../contracts/store/fixtures.ts';

/** A process that takes one `prepare` job of the database at the url, says `working`, and never ends it. */
const [databaseUrl = ''] = process.argv.slice(2);
const { jobs } = await openStore({
  databaseUrl,
  auditKey: 'a key of the tests, long enough to be one',
  clock: fakeClock(),
  log: quiet,
});
process.stdout.write('open\n');
await jobs.work('prepare.slack', { concurrency: 1 }, async () => {
  process.stdout.write('working\n');
  await new Promise(() => undefined);
});
