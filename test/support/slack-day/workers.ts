import type { Deps } from '../../../src/flow/deps.ts';
import type { Job, Queue } from '../../../src/flow/ports.ts';
import { stage } from '../../../src/work.ts';
import type { World } from '../world.ts';
import type { Crew, DayClock } from './clock.ts';

/** Jobs of a queue at a time, as one instance works; dispatching is one at a time. */
const AT_ONCE: Record<string, number> = { dispatch: 1, report: 4 };
const OTHERWISE = 6;
const LONGEST_WAIT = 30;

/** The engine's part that the bot's process has. */
export interface Workers {
  start(deps: Deps): void;
  wake(): void;
  revive(now: number): Promise<number>;
}

/** The engine: so many jobs of a queue at a time, failed ones again a while later, none twice for the sweeper. */
export function createWorkers(world: World, clock: DayClock, crew: Crew, errors: unknown[]): Workers {
  const active = new Map<string, number>();
  const live = new Map<string, number>();
  const failures = new Map<string, number>();
  let deps: Deps | null = null;

  const queueOf = (queue: Queue): string => queue.split('.')[0] ?? queue;
  const count = (map: Map<string, number>, key: string, by: number): void =>
    void map.set(key, (map.get(key) ?? 0) + by);

  function wake(): void {
    if (deps === null || crew.isDead) return;
    for (let index = 0; index < world.jobs.length; ) {
      const job = world.jobs[index] as Job;
      const queue = queueOf(job.queue);
      if ((active.get(queue) ?? 0) >= (AT_ONCE[queue] ?? OTHERWISE)) index += 1;
      else {
        world.jobs.splice(index, 1);
        begin(job, deps);
      }
    }
  }

  function begin(job: Job, with_: Deps): void {
    const key = JSON.stringify(job);
    count(active, queueOf(job.queue), 1);
    count(live, key, 1);
    crew.run(async () => {
      try {
        await stage(with_, job);
        failures.delete(key);
        count(live, key, -1);
      } catch (error) {
        failed(job, key, error);
      } finally {
        count(active, queueOf(job.queue), -1);
        wake();
      }
    });
  }

  function failed(job: Job, key: string, error: unknown): void {
    if (!isExpected(error)) errors.push({ job, error });
    const before = failures.get(key) ?? 0;
    failures.set(key, before + 1);
    clock.at(clock.now() + Math.min(2 ** before, LONGEST_WAIT) * 1_000, () => {
      if (crew.isDead) return;
      count(live, key, -1);
      if (!world.jobs.some((one) => JSON.stringify(one) === key)) world.jobs.push(job);
      wake();
    });
  }

  /** The sweeper reads the engine's table, which is empty here: what is live shows in our counts. */
  async function revive(now: number): Promise<number> {
    const before = new Set(world.jobs);
    await world.store.revive(now);
    const kept = world.jobs.filter((job) => before.has(job) || (live.get(JSON.stringify(job)) ?? 0) === 0);
    world.jobs.splice(0, world.jobs.length, ...kept);
    return kept.length - before.size;
  }

  return {
    wake,
    revive,
    start(given) {
      deps = given;
      wake();
    },
  };
}

/** Slack's trouble is what the day is about; a job that met it is tried again. */
const isExpected = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('chat_');
