import { type Kysely, sql } from 'kysely';
import type { RequestStatus, RunStatus, Time } from '../model/request.ts';
import type { AuditTrail } from './audit.ts';
import { isMissingTable } from './errors.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** How many there are of each, for metrics. */
export interface Stats {
  requests: Partial<Record<RequestStatus, number>>;
  runs: Partial<Record<RunStatus, number>>;
  jobs: { queue: string; state: string; count: number }[];
  /** What was started without approval and isn't reviewed yet. */
  reviews: { open: number; overdue: number };
}

/** Counts requests, runs and jobs by state. */
export async function stats(db: Db, now: Time): Promise<Stats> {
  return {
    requests: await byStatus(db, 'requests'),
    runs: await byStatus(db, 'runs'),
    jobs: await jobs(db),
    reviews: await reviews(db, now),
  };
}

async function byStatus(db: Db, table: 'requests' | 'runs'): Promise<Record<string, number>> {
  const { rows } = await sql<{ status: string; count: number }>`
    select status, count(*) as count from ${sql.table(table)} group by status`.execute(db);
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function reviews(db: Db, now: Time): Promise<Stats['reviews']> {
  const { rows } = await sql<Stats['reviews']>`
    select count(*) as open, count(*) filter (where review_by < ${now}) as overdue
    from requests where review_by is not null`.execute(db);
  return rows[0] ?? { open: 0, overdue: 0 };
}

async function jobs(db: Db): Promise<Stats['jobs']> {
  try {
    const { rows } = await sql<Stats['jobs'][number]>`
      select name as queue, state::text as state, count(*) as count from pgboss.job group by name, state`.execute(db);
    return rows;
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

/** Deliveries are told apart for so long; platforms repeat one for minutes at most. */
const DELIVERIES = 3 * 24 * 3_600_000;

/** What a person did counts for a minute at most. */
const OWN_CALLS = 3_600_000;

/** No audit entry goes before, whatever a policy says: a slip of the pen, or a file that somebody changed, must not empty the trail. */
const AUDIT_AT_LEAST = 24 * 3_600_000;

/** Removes what is past its time: outputs and expired links after `results`, audit entries after `audit` milliseconds. */
export async function prune(
  db: Db,
  audit: AuditTrail,
  now: Time,
  keep: { results: number; audit: number },
): Promise<void> {
  await db
    .deleteFrom('outputs')
    .where('at', '<', now - keep.results)
    .execute();
  // An expired link stays as long as results do, to say “past its time” instead of “never valid”.
  await db
    .deleteFrom('links')
    .where('expires_at', '<', now - keep.results)
    .execute();
  await db
    .deleteFrom('deliveries')
    .where('at', '<', now - DELIVERIES)
    .execute();
  await db
    .deleteFrom('leases')
    .where('until', '<', now - DELIVERIES)
    .execute();
  await db
    .deleteFrom('calls')
    .where('budget', 'like', 'person:%')
    .where('at', '<', now - OWN_CALLS)
    .execute();
  await db
    .deleteFrom('replies')
    .where('state', '=', 'posted')
    .where('updated_at', '<', now - keep.results)
    .execute();
  await forgetOutput(db, now - keep.results);
  // Last: a trail that somebody has changed is left as it is, with an error, and nothing else is to wait for that.
  await audit.prune(now - Math.max(keep.audit, AUDIT_AT_LEAST), now);
}

/** The first lines of output stand in the runs themselves, for the cards; they go when results go. */
async function forgetOutput(db: Db, before: Time): Promise<void> {
  await sql`update runs set body = jsonb_set(body, '{commands}', (
      select jsonb_agg(command || '{"head": [], "moreLines": 0, "errors": []}'::jsonb order by place)
      from jsonb_array_elements(body->'commands') with ordinality as t(command, place)))
    where updated_at < ${before} and status in ('succeeded', 'failed', 'timed_out', 'cancelled')
      and jsonb_path_exists(body, '$.commands[*] ? (@.head.size() > 0 || @.errors.size() > 0)')`.execute(db);
}
