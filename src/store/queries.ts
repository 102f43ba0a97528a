import { type Kysely, sql } from 'kysely';
import type { Store } from '../flow/ports.ts';
import { type PersonRef, type Platform, personKey } from '../model/person.ts';
import type { Request, Run, Time } from '../model/request.ts';
import { storable } from './json.ts';
import { lineKey } from './requests.ts';
import { IN_FLIGHT } from './runs.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** Requests that match all of the filter, newest first. `machine`: an id, a DNS name or its first label, in any case. */
export async function requestsBy(db: Db, filter: Parameters<Store['requestsBy']>[0]): Promise<Request[]> {
  let query = db.selectFrom('requests').select('body');
  if (filter.status !== undefined) query = query.where('status', 'in', [...filter.status, '']);
  if (filter.platform !== undefined) query = query.where('platform', '=', filter.platform);
  if (filter.requester !== undefined) query = query.where('requester', '=', personKey(filter.requester));
  if (filter.since !== undefined) query = query.where('created_at', '>=', filter.since);
  if (filter.machine !== undefined) {
    const name = storable(filter.machine.toLowerCase());
    query = query.where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('machine', '=', name),
        exists(
          selectFrom('runs')
            .select('runs.id')
            .whereRef('runs.request_id', '=', 'requests.id')
            .where((run) =>
              run.or([run('machine_id', '=', name), run('machine_name', '=', name), run('machine_label', '=', name)]),
            ),
        ),
      ]),
    );
  }
  if (filter.after !== undefined) {
    const { createdAt, id } = filter.after;
    query = query.where(({ or, and, eb }) =>
      or([eb('created_at', '<', createdAt), and([eb('created_at', '=', createdAt), eb('id', '>', id)])]),
    );
  }
  if (filter.expiredBy !== undefined) query = query.where('expires_at', '<=', filter.expiredBy).orderBy('expires_at');
  if (filter.reviewBy !== undefined) query = query.where('review_by', '<=', filter.reviewBy).orderBy('review_by');
  if (filter.lateBy !== undefined) query = query.where('start_by', '<=', filter.lateBy).orderBy('start_by');
  const rows = await query.orderBy('created_at', 'desc').orderBy('id').limit(filter.limit).execute();
  return rows.map((row) => row.body as Request);
}

/** Runs in any of these states, in the order in which they were queued. */
export async function runsBy(db: Db, filter: Parameters<Store['runsBy']>[0]): Promise<Run[]> {
  let query = db
    .selectFrom('runs')
    .select('body')
    .where('status', 'in', [...filter.status, '']);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  const rows = await query.orderBy('queued_at').orderBy('request_id').orderBy('number').execute();
  return rows.map((row) => row.body as Run);
}

/**
 * The line of queued runs: a request's next run stands behind as many as the request has in flight or before it, so that a big
 * request takes turns with small ones; then the oldest first.
 */
const LINE = sql`
  select q.id, q.body, q.machine_id, q.not_before, row_number() over (
    order by q.turn, q.queued_at, q.request_id, q.number) as place
  from (
    select r.*, row_number() over (partition by r.request_id order by r.number) + coalesce(f.busy, 0) as turn
    from runs r
    left join (
      select request_id, count(*) as busy from runs where status in (${sql.join([...IN_FLIGHT])}) group by request_id
    ) f on f.request_id = r.request_id
    where r.status = 'queued'
  ) q`;

/** Queued runs that may be sent now, in the order of the line; of one machine only the first, and none while it is busy. */
export async function dispatchable(db: Db, now: Time, limit: number): Promise<Run[]> {
  const { rows } = await sql<{ body: Run }>`
    with line as (${LINE}),
    ready as (
      select distinct on (machine_id) body, place from line
      where not_before <= ${now} and not exists (
        select from runs b where b.machine_id = line.machine_id and b.status in (${sql.join([...IN_FLIGHT])}))
      order by machine_id, place)
    select body from ready order by place limit ${limit}`.execute(db);
  return rows.map((row) => row.body);
}

/** How many queued runs stand before this one. */
export async function placeInLine(db: Db, run: Run): Promise<number> {
  const { rows } = await sql<{ place: number }>`
    with line as (${LINE}) select place from line where id = ${run.id}`.execute(db);
  return Math.max(0, (rows[0]?.place ?? 1) - 1);
}

/** The newest request whose card or thread this is, or null. */
export async function requestsByThread(db: Db, platform: Platform, thread: string): Promise<string[]> {
  const rows = await db
    .selectFrom('cards')
    .select('request_id')
    .where('platform', '=', platform)
    .where(({ or, eb }) => or([eb('thread', '=', thread), eb('message', '=', thread)]))
    .groupBy('request_id')
    .orderBy(({ fn }) => fn.max('created_at'), 'desc')
    .orderBy('request_id')
    .limit(20)
    .execute();
  return rows.map((row) => row.request_id);
}

/** The newest request of the person with this line since then, or null. */
export async function sameLine(db: Db, person: PersonRef, line: string, since: Time): Promise<Request | null> {
  const row = await db
    .selectFrom('requests')
    .select('body')
    .where('requester', '=', personKey(person))
    .where('line', '=', lineKey(line))
    .where('created_at', '>=', since)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : (row.body as Request);
}

/** The digest that a file of this name had in the request approved last, or null. */
export async function lastApprovedDigest(db: Db, fileName: string): Promise<string | null> {
  const { rows } = await sql<{ body: Request }>`
    select body from requests
    where approved_at is not null and body->'files' @> ${JSON.stringify([{ fileName: storable(fileName) }])}::jsonb
    order by approved_at desc, id limit 1`.execute(db);
  return rows[0]?.body.files.find((file) => file.fileName === fileName)?.sha256 ?? null;
}
