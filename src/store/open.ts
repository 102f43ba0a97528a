import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { Clock, Job, Jobs, Log, Store } from '../flow/ports.ts';
import { type AuditTrail, createAuditTrail } from './audit.ts';
import { type Database, insideTransaction, openPglite, openPostgres } from './database.ts';
import { translate } from './errors.ts';
import { type Engine, startEngine } from './jobs.ts';
import { type KnownActions, knownActions } from './known-actions.ts';
import { releaseLease, takeLease } from './leases.ts';
import { readLink } from './messages.ts';
import { migrate } from './migrate.ts';
import * as queries from './queries.ts';
import { findStranded } from './revive.ts';
import { outputsOf } from './runs.ts';
import { cardsOf, createSender } from './sender.ts';
import { createTx } from './tx.ts';
import { prune, type Stats, stats } from './upkeep.ts';

/** Exactly one of `databaseUrl` (PostgreSQL) and `dataDir` (embedded; `memory://` keeps nothing). */
export interface StoreOptions {
  databaseUrl?: string;
  dataDir?: string;
  auditKey: string;
  clock: Clock;
  log: Log;
  /** Names this process among several; what leases are held by. */
  instance?: string;
  /** The data folder was taken by another process: stop at once. Default: exit 1. */
  onLost?: () => void;
}

/** The store, its engine and its audit trail. */
export interface OpenStore {
  store: Store;
  jobs: Jobs;
  audit: AuditTrail;
  /** Whether database and job engine answer, each within three seconds. */
  healthy(): Promise<{ database: boolean; jobs: boolean }>;
  stats(): Promise<Stats>;
  prune(now: number, keep: { results: number; audit: number }): Promise<void>;
  /** What the records know of these actions at Defender. */
  knownActions(asked: { actionIds: readonly string[]; runIds: readonly string[] }): Promise<KnownActions>;
  close(): Promise<void>;
}

/** Opens the database, brings its tables up to date and starts the job engine. AppError `database`, `folder_locked` or `config`. */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  return await openStoreOn(await connect(options), options);
}

/** The same on a database that is open already; closes it when that fails. */
export async function openStoreOn(database: Database, options: StoreOptions): Promise<OpenStore> {
  try {
    const engine = await database.alone(async () => {
      await migrate(database.db);
      return await startEngine(database, options.log);
    });
    return assemble(database, engine, options);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw translate(error);
  }
}

async function connect({ databaseUrl, dataDir, log, onLost }: StoreOptions): Promise<Database> {
  if (databaseUrl !== undefined) return openPostgres(databaseUrl, log);
  if (dataDir !== undefined) return await openPglite(dataDir, log, onLost ?? (() => process.exit(1)));
  throw new AppError('config', 'Set DATABASE_URL or DATA_DIR: the bot needs a database.');
}

function assemble(database: Database, engine: Engine, options: StoreOptions): OpenStore {
  const { db } = database;
  const audit = createAuditTrail(db, options.auditKey);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await engine.close();
    await database.close();
  };
  return {
    store: createStore(database, engine, options),
    jobs: engine.jobs,
    audit,
    healthy: async () => {
      const [answered, working] = await Promise.all([
        answers(async () => {
          await sql`select 1`.execute(db);
          return true;
        }),
        answers(() => engine.healthy()),
      ]);
      return { database: answered, jobs: working };
    },
    stats: () => stats(db, options.clock.now()),
    prune: (now, keep) => prune(db, audit, now, keep),
    knownActions: (asked) => knownActions(db, asked),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** A probe has little patience; what hangs isn't well. Milliseconds. */
const PATIENCE = 3_000;

async function answers(probe: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE);
  });
  const answer = await Promise.race([probe().catch(() => false), late]);
  clearTimeout(timer);
  return answer;
}

function createStore({ db }: Database, engine: Engine, options: StoreOptions): Store {
  const { clock } = options;
  const holder = options.instance ?? randomUUID();
  const transaction: Store['transaction'] = async (work) => {
    const jobs: Job[] = [];
    try {
      const { result, wake } = await db.transaction().execute(async (trx) => {
        const result = await insideTransaction(() => work(createTx(trx, clock, jobs)));
        return { result, wake: await engine.enqueue(trx, jobs) };
      });
      wake();
      return result;
    } catch (error) {
      throw translate(error);
    }
  };
  return {
    transaction,
    requestsBy: (filter) => queries.requestsBy(db, filter),
    runsBy: (filter) => queries.runsBy(db, filter),
    dispatchable: (now, limit) => queries.dispatchable(db, now, limit),
    placeInLine: (run) => queries.placeInLine(db, run),
    requestsByThread: (platform, thread) => queries.requestsByThread(db, platform, thread),
    sameLine: (person, line, since) => queries.sameLine(db, person, line, since),
    lastApprovedDigest: (fileName) => queries.lastApprovedDigest(db, fileName),
    cardsOf: (requestId) => cardsOf(db, requestId),
    link: (hash) => readLink(db, hash),
    outputsOf: (requestId, runId) => outputsOf(db, requestId, runId),
    sender: createSender(db, clock),
    revive: async (now) => {
      const jobs = await findStranded(db, now);
      if (jobs.length > 0)
        await transaction(async (tx) => {
          for (const job of jobs) await tx.enqueue(job);
        });
      return jobs.length;
    },
    lease: (name, ttl, named = holder) => takeLease(db, name, named, clock.now(), ttl),
    releaseLease: (name, named = holder) => releaseLease(db, name, named),
  };
}
