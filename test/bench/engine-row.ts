import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../src/flow/ports.ts';
import { openStore } from '../../src/store/open.ts';
import { AUDIT_KEY } from '../support/bot.ts';
import { type Spread, spread } from './numbers.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** From the beginning of the transaction that enqueues a job to the call of its handler. */
export async function engineRow(
  database: { dataDir: string } | { databaseUrl: string },
  count: number,
): Promise<Spread> {
  const opened = await openStore({ ...database, auditKey: AUDIT_KEY, clock: { now: Date.now }, log: quiet });
  const taken = new Map<string, (at: number) => void>();
  await opened.jobs.work('collect', { concurrency: 4 }, async (job) => taken.get(job.id)?.(performance.now()));
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const id = `bench-${index}`;
    const arrival = new Promise<number>((resolve) => taken.set(id, resolve));
    const began = performance.now();
    await opened.store.transaction((tx) => tx.enqueue({ queue: 'collect', id }));
    times.push((await arrival) - began);
    await pause(15);
  }
  await opened.jobs.stop(5_000);
  await opened.close();
  return spread(times);
}
