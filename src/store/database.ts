import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { ConstructorOptions, Db } from 'pg-boss';
import { AppError } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import { unpackEmptyDatabase } from './empty-database.ts';
import { takeFolder } from './folder-lock.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { prepareInserts } from './prepared.ts';
import { togetherUntilSync } from './protocol.ts';
import type { Tables } from './schema.ts';

/** An open database: rows through kysely, and what pg-boss needs to work on the same. */
export interface Database {
  kind: 'postgres' | 'pglite';
  db: Kysely<Tables>;
  boss: Pick<ConstructorOptions, 'db' | 'backend' | 'connectionString' | 'max' | 'reindex' | 'monitorVacuum'>;
  /** Runs `work` while no other instance does the same. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Whether this code runs inside of a transaction's work. Asking for another connection there would wait for ever on the
 * one-session database, and read the past on the other: a programming error, told at once on both.
 */
const inside = new AsyncLocalStorage<{ open: boolean }>();

/** Runs a transaction's work: until it settles, only what goes through the transaction reaches the database. */
export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const mark = { open: true };
  try {
    return await inside.run(mark, work);
  } finally {
    mark.open = false;
  }
}

function refuseInside(): void {
  if (inside.getStore()?.open === true) {
    throw new Error(
      'The store was used inside of a transaction; use what the transaction offers, or wait for its end.',
    );
  }
}

/** int8 as a number: all of ours are counts and milliseconds. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Any number will do, as long as it is ours: two bots that start at once wait for each other here. */
const START_LOCK = 7_140_283;

/** Jobs that wait for each other's rows must leave some to those whom a platform gives three seconds. */
const CONNECTIONS = { all: 10, background: 6 };

/** Connects to PostgreSQL. */
export function openPostgres(url: string, log: Log): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS.all,
    min: CONNECTIONS.all,
    types,
    connectionTimeoutMillis: 10_000,
    application_name: 'liveresponse',
  });
  const lanes = createLanes(CONNECTIONS);
  // A server that goes away breaks idle connections; the pool replaces them, and the next query tells.
  const lost = (error: Error) => log.warn({ code: (error as { code?: string }).code }, 'lost a database connection');
  pool.on('error', lost);
  // The pool listens only while a client is idle; one that breaks in the middle of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  warm(pool);
  return {
    kind: 'postgres',
    db: kyselyOn(() => throughLane(lanes, false, () => pool.connect())),
    boss: { connectionString: url, max: 8 },
    alone: (work) => aloneOn(url, work),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

/** Opens the connections now, so that the first flood of commands doesn't wait for them. Whoever needs one tells what fails. */
function warm(pool: pg.Pool): void {
  for (let index = 0; index < CONNECTIONS.all; index++) {
    pool.connect().then(
      (client) => client.release(),
      () => undefined,
    );
  }
}

/** A client of a pool when it is the caller's turn; the turn ends with the client's release. */
async function throughLane(
  lanes: Lanes,
  patient: boolean,
  connect: () => Promise<pg.PoolClient>,
): Promise<pg.PoolClient> {
  const leave = await lanes.enter(patient);
  try {
    const client = await connect();
    const release = client.release.bind(client);
    client.release = (error) => {
      release(error);
      leave();
    };
    return client;
  } catch (error) {
    leave();
    throw error;
  }
}

/** Whoever opened the pool ends it. */
function kyselyOn(connect: () => Promise<pg.PoolClient>): Kysely<Tables> {
  const pool = {
    connect: async () => {
      refuseInside();
      return await connect();
    },
    end: async () => undefined,
  };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

async function aloneOn<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [START_LOCK]);
    return await work();
  } finally {
    // Ending the session frees the lock.
    await client.end().catch(() => undefined);
  }
}

/**
 * Opens the embedded database in a folder (`memory://`: nowhere), under its lock. `onLost` is called when another
 * process took the folder, which it only does when this one looked dead; from then on every query fails.
 */
export async function openPglite(dataDir: string, log: Log, onLost: () => void): Promise<Database> {
  if (dataDir.startsWith('memory://')) return openEngine(await PGlite.create('memory://'), log);
  log.warn(
    { dataDir },
    'the embedded database survives kills, but not power loss, and serves one process; use DATABASE_URL in production',
  );
  await mkdir(dataDir, { recursive: true });
  const lock = await takeFolder(dataDir, log, onLost);
  try {
    const folder = join(dataDir, 'database');
    await unpackEmptyDatabase(folder);
    const engine = await PGlite.create(folder);
    return openEngine(engine, log, lock);
  } catch (error) {
    await lock.release();
    throw new AppError(
      'database',
      `The embedded database in ${dataDir} doesn't open. If another version wrote it, start that version and export, or use a new folder.`,
      { cause: error },
    );
  }
}

type FolderLock = Awaited<ReturnType<typeof takeFolder>>;

function openEngine(engine: PGlite, log: Log, lock?: FolderLock): Database {
  // PGlite is one session. This pool of one is the only way to it: whoever holds the client holds the session, so no
  // statement of anybody else slips into an open transaction. The config's connection is reused, so it must never idle out.
  const pool = new pg.Pool({
    ...createPgConfig(togetherUntilSync(engine) as PGlite),
    max: 1,
    idleTimeoutMillis: 0,
    types,
  });
  pool.on('error', (error) => log.error({ error }, 'the embedded database failed'));
  pool.on('connect', prepareInserts);
  const lanes = createLanes({ all: 1, background: 1 });
  const connect = (patient = false) =>
    throughLane(lanes, patient, async () => {
      await lock?.confirm();
      return await pool.connect();
    });
  return {
    kind: 'pglite',
    db: kyselyOn(connect),
    boss: { db: bossDatabase(engine, () => connect(true)), backend: 'pglite', reindex: false, monitorVacuum: false },
    // The folder's lock has seen to it.
    alone: (work) => work(),
    close: async () => {
      await pool.end();
      await engine.close();
      await lock?.release();
    },
  };
}

/** pg-boss on the one session; a failed statement must not leave it in an aborted transaction for the next. */
function bossDatabase(engine: PGlite, connect: () => Promise<pg.PoolClient>): Db {
  return {
    executeSql: async (text, values) => {
      const client = await connect();
      try {
        const result: unknown = await client.query(text, values ?? []);
        return { rows: rowsOf(result) };
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    listen: async (channel, onNotification, onReconnect) => {
      const client = await connect();
      try {
        const unsubscribe = await engine.listen(channel, onNotification);
        onReconnect();
        return { close: () => unsubscribe() };
      } finally {
        client.release();
      }
    },
  };
}

function rowsOf(result: unknown): unknown[] {
  const results = Array.isArray(result) ? result : [result];
  return results.flatMap((one: { rows?: unknown[] }) => one.rows ?? []);
}
