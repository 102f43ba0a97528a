import { type Kysely, sql } from 'kysely';

/** Until when what was started without approval is to be reviewed, while it isn't. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table requests add column review_by bigint`.execute(db);
  await sql`create index requests_review on requests (review_by) where review_by is not null`.execute(db);
}
