import type { PgBoss } from 'pg-boss';
import type { Log, Queue } from '../flow/ports.ts';
import { inBackground } from './lanes.ts';

/** How often due jobs are looked for that nobody was woken for: retries, and those of a dead worker. Milliseconds. */
const LOOK_EVERY = 500;
/** Seconds after which a worker looks by itself, should all else fail. */
const BACKSTOP = 30;

/** The workers of one queue in this process. */
export interface Crew {
  /** Starts one more worker. */
  add(handler: (data: object) => Promise<void>): Promise<void>;
  /** A job was committed: one that is free looks at once; when none is, whoever ends first does. */
  wake(): void;
  /** Jobs are due that we know nothing of. */
  wakeAll(): void;
}

/** Creates a crew without workers. One that gets a job wakes the next, and looks again at once when it has done it. */
export function createCrew(boss: PgBoss, queue: Queue): Crew {
  const ids: string[] = [];
  const busy = new Set<number>();
  const wake = (): void => {
    const free = ids.findIndex((_id, index) => !busy.has(index));
    const id = ids[free];
    if (id !== undefined) boss.notifyWorker(id);
  };
  return {
    wake,
    wakeAll: () => {
      for (const id of ids) boss.notifyWorker(id);
    },
    add: async (handler) => {
      const index = ids.length;
      ids.push('');
      const options = { pollingIntervalSeconds: BACKSTOP, notifyPollingIntervalSeconds: BACKSTOP };
      ids[index] = await boss.work<object>(queue, options, async (batch) => {
        busy.add(index);
        wake();
        try {
          for (const job of batch) await inBackground(() => handler(job.data));
        } finally {
          busy.delete(index);
          boss.notifyWorker(ids[index] ?? '');
        }
      });
    },
  };
}

/** Asks about all queues at once, instead of every worker about its own. */
export interface Lookout {
  start(): void;
  stop(): Promise<void>;
}

/** Creates the look-out; `found` is called with each queue that has a job due. */
export function createLookout(boss: PgBoss, log: Log, found: (queue: Queue) => void): Lookout {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      for (const queue of await dueQueues(boss)) found(queue);
    } catch (error) {
      if (!stopped) log.warn({ error }, 'the job engine could not look for due jobs; it tries again');
    }
    if (!stopped) timer = setTimeout(next, LOOK_EVERY);
  };
  const next = (): void => {
    looking = look();
  };
  return {
    start: () => {
      if (looking === undefined && !stopped) next();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function dueQueues(boss: PgBoss): Promise<Queue[]> {
  const { rows } = await boss.getDb().executeSql(`select distinct name from pgboss.job
    where state < 'active' and not blocked and start_after <= pgboss.job_now()`);
  return (rows as { name: Queue }[]).map((row) => row.name);
}
