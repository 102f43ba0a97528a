import { constants } from 'node:fs';
import { access, cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { holderOf } from './folder-lock.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** What a look into a database tells. */
export interface Look {
  /** PostgreSQL's own number: 160004 is 16.4. */
  version: number;
  /** A copy that only follows another server takes no rows. */
  replica: boolean;
  /** Whether the user may make the tables and schemas that are missing. */
  mayCreate: boolean;
  /** Migrations of ours that are in it, that it lacks, and those that this version doesn't know. */
  applied: string[];
  pending: string[];
  unknown: string[];
  /** Connections that a bot holds now. */
  connections: number;
  /** What platforms remember in it, by key. */
  settings: ReadonlyMap<string, unknown>;
}

/** What a look at the folder of an embedded database tells. */
export type FolderLook =
  | { state: 'missing'; creatable: boolean }
  | { state: 'no_folder' }
  | { state: 'not_ours' }
  | { state: 'held'; by: string }
  /** There is no database in it yet. */
  | { state: 'empty' }
  /** Too large to be copied; in bytes. */
  | { state: 'large'; size: number }
  /** There is no place for the copy. */
  | { state: 'no_room' }
  | { state: 'open'; look: Look };

type Query = (sql: string) => Promise<unknown[]>;

const Facts = z.object({
  version: z.coerce.number(),
  replica: z.boolean(),
  may_create: z.boolean().nullable(),
  has_ours: z.boolean(),
  has_settings: z.boolean(),
  connections: z.coerce.number(),
});
const Name = z.object({ name: z.string() });
const Setting = z.object({ key: z.string(), value: z.unknown() });

const FACTS = `select current_setting('server_version_num') as version, pg_is_in_recovery() as replica,
  has_database_privilege(current_database(), 'CREATE') and has_schema_privilege(current_schema(), 'CREATE') as may_create,
  to_regclass('kysely_migration') is not null as has_ours, to_regclass('settings') is not null as has_settings,
  (select count(*) from pg_stat_activity where datname = current_database() and application_name = 'liveresponse')
    as connections`;

/** Reads what there is to know, in a transaction that can't write. */
async function lookInto(query: Query): Promise<Look> {
  await query('begin read only');
  const facts = Facts.parse((await query(FACTS))[0]);
  const names = facts.has_ours ? await query('select name from kysely_migration order by name') : [];
  const found = names.map((row) => Name.parse(row).name);
  const applied = found.filter((name) => Object.hasOwn(MIGRATIONS, name));
  const rows = applied.length > 0 && facts.has_settings ? await query('select key, value from settings') : [];
  await query('rollback');
  return {
    version: facts.version,
    replica: facts.replica,
    mayCreate: facts.may_create === true,
    applied,
    pending: Object.keys(MIGRATIONS).filter((name) => !applied.includes(name)),
    unknown: found.filter((name) => !Object.hasOwn(MIGRATIONS, name)),
    connections: facts.connections,
    settings: new Map(rows.map((row) => Setting.parse(row)).map(({ key, value }) => [key, value])),
  };
}

/** A look at a PostgreSQL database, over one connection. `patience` in milliseconds. Throws AppError `database`. */
export async function lookAtPostgres(url: string, patience: number): Promise<Look> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    application_name: 'liveresponse doctor',
  });
  // A connection that breaks between two questions is told by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await lookInto(async (sql) => (await client.query(sql)).rows);
  } catch (error) {
    throw trouble(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Sentences by SQLSTATE. PostgreSQL's own words name users and addresses, so they aren't told. */
const MEANINGS: Record<string, string> = {
  '28P01': "PostgreSQL doesn't accept this user and password.",
  '28000': "PostgreSQL doesn't let this user in from here.",
  '3D000': 'The server has no database of this name.',
  '42501': "The user may not read the bot's tables.",
  '53300': 'The server has no connection left.',
  '57P03': 'The server is starting or stopping.',
};

function trouble(error: unknown): AppError {
  const code = codeOf(error);
  const unanswered = `The database gives no answer${code === null ? '' : ` (${code})`}.`;
  const sentence = (code === null ? undefined : MEANINGS[code]) ?? unanswered;
  return new AppError('database', sentence, { cause: error });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Bytes; a larger database is only looked at from outside. */
const LARGEST_COPY = 512 * 1024 * 1024;

/**
 * A look at the folder of an embedded database. What nobody holds is looked into by way of a copy that is removed at once: opening the
 * database itself would write to it, perhaps as another user than the bot's. Throws AppError `database`.
 */
export async function lookAtFolder(folder: string): Promise<FolderLook> {
  const kind = await kindOf(folder);
  if (kind === 'missing') return { state: 'missing', creatable: await mayMake(folder) };
  if (kind === 'other') return { state: 'no_folder' };
  if (!(await may(folder, constants.R_OK | constants.W_OK | constants.X_OK))) return { state: 'not_ours' };
  const by = await holderOf(folder);
  if (by !== null) return { state: 'held', by };
  const database = join(folder, 'database');
  if ((await kindOf(database)) === 'missing') return { state: 'empty' };
  try {
    const size = await sizeOf(database);
    return size > LARGEST_COPY ? { state: 'large', size } : { state: 'open', look: await lookAtCopy(database) };
  } catch (cause) {
    if (NO_ROOM.test(codeOf(cause) ?? '')) return { state: 'no_room' };
    throw new AppError('database', `The embedded database in ${folder} can't be read.`, { cause });
  }
}

/** The folder for temporary files is full, or may not be written. */
const NO_ROOM = /^(?:ENOSPC|EROFS|EDQUOT)$/;

async function lookAtCopy(database: string): Promise<Look> {
  const aside = await mkdtemp(join(tmpdir(), 'liveresponse-doctor-'));
  try {
    const copy = join(aside, 'database');
    await cp(database, copy, { recursive: true });
    const engine = await PGlite.create(copy);
    try {
      return await lookInto(async (sql) => (await engine.query(sql)).rows);
    } finally {
      await engine.close();
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function kindOf(path: string): Promise<'missing' | 'folder' | 'other'> {
  return await stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'other'),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'missing' : 'other'),
  );
}

/** Whether the nearest folder above that exists lets us make one in it. */
async function mayMake(folder: string): Promise<boolean> {
  for (let above = dirname(resolve(folder)); ; above = dirname(above)) {
    const kind = await kindOf(above);
    if (kind !== 'missing') return kind === 'folder' && (await may(above, constants.W_OK | constants.X_OK));
  }
}

async function may(path: string, what: number): Promise<boolean> {
  return await access(path, what).then(
    () => true,
    () => false,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
