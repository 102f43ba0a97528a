import { openStore } from '../../src/store/open.ts';
import { fakeClock, quiet } from '../contracts/store/fixtures.ts';

/** A process that opens the store in a folder, writes deliveries `1`, `2`, … and says each number once it is committed. */
const [folder = ''] = process.argv.slice(2);
const { store, jobs } = await openStore({
  dataDir: folder,
  auditKey: 'a key of the tests, long enough to be one',
  clock: fakeClock(),
  log: quiet,
});
await jobs.work('prepare.slack', { concurrency: 1 }, async () => {
  process.stdout.write('working\n');
  await new Promise(() => undefined);
});
for (let number = 1; ; number++) {
  await store.transaction(async (tx) => {
    await tx.takeDelivery(String(number));
    await tx.setSetting('last', number);
    if (number === 1) await tx.enqueue({ queue: 'prepare.slack', id: 'orphan' });
  });
  process.stdout.write(`${number}\n`);
}
