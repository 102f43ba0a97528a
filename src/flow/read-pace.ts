import type { Deps } from './deps.ts';

const HOUR = 3_600_000;
/** Reads at this distance or more leave enough of Defender's 1,500 an hour to everything else. Milliseconds. */
const BEARABLE = 4_000;
/** Reads that may come faster in any hour, and the distance of all others: 900 in all. */
const FAST = 600;
const SLOW = 12_000;
/** So many actions are asked about in one read. */
const IN_ONE_READ = 100;

/**
 * Whether it is time to look at so many actions, at the pace of `limits.pollEvery`. Where that is faster than an hour bears, it holds
 * for the first looks of an hour, which is long enough for a run that is under way; what goes on beyond is looked at less often.
 */
export async function mayLook(deps: Pick<Deps, 'store' | 'policy'>, actions: number): Promise<boolean> {
  const reads = Math.ceil(actions / IN_ONE_READ);
  if (deps.policy().limits.pollEvery >= BEARABLE * reads) return true;
  return deps.store.transaction(
    async (tx) =>
      (await tx.takeCall('duty:watch_fast', [{ count: Math.floor(FAST / reads), within: HOUR }])) === 0 ||
      (await tx.takeCall('duty:watch_slow', [{ count: 1, within: SLOW * reads }])) === 0,
  );
}
