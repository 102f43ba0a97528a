import { type Kysely, Migrator, sql } from 'kysely';
import { AppError } from '../errors.ts';
import { isMissingTable } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Tables } from './schema.ts';

/** Brings the tables up to date. AppError `database` when a newer version has been here. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await refuseNewer(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new AppError('database', "The database's tables could not be brought up to date; the log has the cause.", {
      cause: error,
    });
  }
}

async function refuseNewer(db: Kysely<Tables>): Promise<void> {
  const unknown = (await applied(db)).filter((name) => MIGRATIONS[name] === undefined);
  if (unknown.length === 0) return;
  throw new AppError(
    'database',
    `The database was used by a newer version of this bot (it knows ${unknown.join(', ')}). Start that version, or restore a backup from before it.`,
  );
}

async function applied(db: Kysely<Tables>): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    return rows.map((row) => row.name);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}
