import { type Kysely, sql } from 'kysely';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Job, Jobs, Log, Queue } from '../flow/ports.ts';
import { PLATFORMS } from '../model/person.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import { type Crew, createCrew, createLookout } from './workers.ts';

/** Every queue there is. */
export const QUEUES: readonly Queue[] = [
  'dispatch',
  'send',
  'reconcile',
  'cancel',
  'collect',
  'delete',
  ...PLATFORMS.flatMap((platform): Queue[] => [
    `prepare.${platform}`,
    `decide.${platform}`,
    `look_up.${platform}`,
    `report.${platform}`,
    `answer.${platform}`,
  ]),
];

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
  // NOTIFY wakes every worker of a queue, so where all jobs come from this process it would only cost looks in vain.
  const notify = database.kind === 'postgres';
  const boss = new PgBoss({
    ...database.boss,
    useListenNotify: notify,
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
  for (const queue of QUEUES) await boss.createQueue(queue, { ...QUEUE_OPTIONS, notify });
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
  const crews = new Map<Queue, Crew>();
  const wake = (queue: Queue): void => crews.get(queue)?.wake();
  const lookout = createLookout(boss, log, (queue) => crews.get(queue)?.wakeAll());
  return {
    jobs: {
      work: async (queue, { concurrency }, handler) => {
        const crew = crews.get(queue) ?? createCrew(boss, queue);
        crews.set(queue, crew);
        for (let index = 0; index < concurrency; index++) await crew.add((job) => run(log, queue, job, handler));
        lookout.start();
      },
      stop: async (timeout) => {
        await withTimeout(Promise.all(QUEUES.map((queue) => boss.offWork(queue, { wait: true }))), timeout);
        await lookout.stop();
      },
    },
    enqueue: async (db, jobs) => {
      for (const job of inOrder(jobs)) await send(boss, db, job);
      const queues = new Set(jobs.map((job) => job.queue));
      return () => queues.forEach(wake);
    },
    healthy: async () => !closed && (await boss.getDb().executeSql('select 1')).rows.length === 1,
    close: async () => {
      if (closed) return;
      closed = true;
      await lookout.stop();
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
async function send(boss: PgBoss, db: Kysely<Tables>, job: Job): Promise<void> {
  const { queue, ...data } = job;
  const singletonKey = keyOf(job);
  for (;;) {
    if ((await boss.send(queue, data, { singletonKey, db: fromKysely(db) })) !== null) return;
    const { rows } = await sql`select id from pgboss.job where name = ${queue} and singleton_key = ${singletonKey}
      and state = 'created' for share`.execute(db);
    if (rows.length > 0) return;
  }
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
