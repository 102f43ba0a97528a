import { type Kysely, sql } from 'kysely';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Job, Jobs, Log, Queue } from '../flow/ports.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/** Every queue there is. */
export const QUEUES = [
  'prepare',
  'decide',
  'look_up',
  'dispatch',
  'send',
  'reconcile',
  'cancel',
  'collect',
  'report',
  'answer',
] as const satisfies readonly Queue[];

/** The engine as the store uses it. */
export interface Engine {
  jobs: Jobs;
  /** Enqueues in the caller's transaction. What it returns is to be called after the commit: it wakes this instance's workers. */
  enqueue(db: Kysely<Tables>, jobs: readonly Job[]): Promise<() => void>;
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

/** Seconds, as pg-boss counts. A worker that dies is noticed within heartbeat + supervise + monitor. */
const HEARTBEAT = 10;
const QUEUE_OPTIONS = {
  policy: 'short',
  notify: true,
  heartbeatSeconds: HEARTBEAT,
  // A kill uses up a retry, and our work waits for other systems: it ends by the records' own limits, not by counting.
  retryLimit: 1_000_000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 30,
  expireInSeconds: 900,
  deleteAfterSeconds: 3_600,
} as const;

/** Starts pg-boss on the database, with its queues. Call while no other instance starts. */
export async function startEngine(database: Database, log: Log): Promise<Engine> {
  // Where nobody else could take over, nobody needs to look for the dead so often.
  const lookout = database.kind === 'postgres' ? 2 : 10;
  const boss = new PgBoss({
    ...database.boss,
    useListenNotify: true,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: lookout,
    monitorIntervalSeconds: lookout,
    maintenanceIntervalSeconds: 600,
    warningQueueSize: 100_000,
  });
  boss.on('error', (error) => log.warn({ error: error.message }, 'the job engine met an error; it goes on'));
  boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'the job engine warns'));
  await boss.start();
  // Creating a queue also warms the engine's cache of it: inside a transaction of the one-session database it must not ask.
  for (const queue of QUEUES) await boss.createQueue(queue, QUEUE_OPTIONS);
  if (database.kind === 'pglite') await freeOrphans(database.db);
  return createEngine(boss, log);
}

/** We hold the folder's lock, so whatever is active or leased belongs to a process that is gone. */
async function freeOrphans(db: Kysely<Tables>): Promise<void> {
  await db.deleteFrom('leases').execute();
  await sql`update pgboss.job set state = 'retry', start_after = pgboss.job_now(), heartbeat_on = null
    where state = 'active'`.execute(db);
}

function createEngine(boss: PgBoss, log: Log): Engine {
  let closed = false;
  const workers = new Map<Queue, string[]>();
  const wake = (queue: Queue): void => {
    for (const worker of workers.get(queue) ?? []) boss.notifyWorker(worker);
  };
  return {
    jobs: {
      work: async (queue, { concurrency }, handler) => {
        const ids = workers.get(queue) ?? [];
        workers.set(queue, ids);
        for (let index = 0; index < concurrency; index++) await startWorker(boss, log, queue, ids, handler);
      },
      stop: async (timeout) => {
        await withTimeout(Promise.all(QUEUES.map((queue) => boss.offWork(queue, { wait: true }))), timeout);
      },
    },
    enqueue: async (db, jobs) => {
      const joined = new Set<Queue>();
      for (const job of inOrder(jobs)) if ((await send(boss, db, job)) === 'joined') joined.add(job.queue);
      return () => joined.forEach(wake);
    },
    healthy: async () => !closed && (await boss.getDb().executeSql('select 1')).rows.length === 1,
    close: async () => {
      if (closed) return;
      closed = true;
      await boss.stop({ graceful: false, close: true });
    },
  };
}

function keyOf(job: Job): string {
  return job.queue === 'send' ? `${job.id}:${job.attempt}` : job.id;
}

/** Each job once and always in the same order, so that transactions which wait for each other's jobs never form a circle. */
function inOrder(jobs: readonly Job[]): Job[] {
  const unique = new Map(jobs.map((job) => [`${job.queue} ${keyOf(job)}`, job]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, job]) => job);
}

/**
 * A job that is queued already is the same job, but only if it can't start before this transaction commits: it would not
 * see what it is sent for. So we hold its row; had it been taken in between, there is none to hold and we send again.
 */
async function send(boss: PgBoss, db: Kysely<Tables>, job: Job): Promise<'sent' | 'joined'> {
  const { queue, ...data } = job;
  const singletonKey = keyOf(job);
  for (;;) {
    if ((await boss.send(queue, data, { singletonKey, db: fromKysely(db) })) !== null) return 'sent';
    const { rows } = await sql`select id from pgboss.job where name = ${queue} and singleton_key = ${singletonKey}
      and state = 'created' for share`.execute(db);
    if (rows.length > 0) return 'joined';
  }
}

/**
 * One worker. All wake on NOTIFY; a queue's first also looks twice a second, for what comes without one (retries). One that
 * ends a job looks again at once and wakes the next, instead of waiting for its turn.
 */
async function startWorker(
  boss: PgBoss,
  log: Log,
  queue: Queue,
  ids: string[],
  handler: (job: Job) => Promise<void>,
): Promise<void> {
  const index = ids.length;
  const seconds = index === 0 ? 0.5 : 10;
  const options = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: seconds };
  const id = await boss.work<object>(queue, options, async (batch) => {
    const next = ids[index + 1];
    if (next !== undefined) boss.notifyWorker(next);
    for (const job of batch) await run(log, queue, job.data, handler);
    const self = ids[index];
    if (self !== undefined) boss.notifyWorker(self);
  });
  ids[index] = id;
}

async function run(log: Log, queue: Queue, data: object, handler: (job: Job) => Promise<void>): Promise<void> {
  const job = { queue, ...data } as Job;
  try {
    await handler(job);
  } catch (error) {
    log.warn({ error, queue, id: job.id }, 'a job failed and will be tried again');
    throw error;
  }
}

async function withTimeout(work: Promise<unknown>, timeout: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
