import { type Kysely, sql } from 'kysely';
import type { Job } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import type { Tables } from './schema.ts';

/** Younger records are on the normal way, whose jobs may just be committing. */
const SETTLED = 2_000;
/** Milliseconds after which a post in progress counts as one whose sender is gone. */
export const POSTING_IN_DOUBT = 15_000;

/**
 * Work for every unfinished record that is due and has no live job: one that is queued, or active with a heartbeat in the
 * last 12 seconds. Reads the engine's table, so that asking costs one query however many records there are. Ids are those
 * that the spine uses, so a channel stands with its platform in front.
 */
export async function findStranded(db: Kysely<Tables>, now: Time): Promise<Job[]> {
  const old = now - SETTLED;
  const { rows } = await sql<{ queue: Job['queue']; id: string; attempt: number | null }>`
    with due as (
      select 'prepare.' || platform as queue, id from requests where status = 'received' and updated_at <= ${old}
      union select case kind when 'click' then 'decide.' else 'look_up.' end || (body ->> 'platform'), id from inbound where created_at <= ${old}
      union select 'dispatch', 'next' where exists (
        select from runs where status = 'queued' and not_before <= ${now} and updated_at <= ${old})
      union select 'reconcile', id from runs where updated_at <= ${old}
        and ((status = 'submitting' and deadline < ${now}) or (status = 'reconciling' and not_before <= ${now}))
      union select 'cancel', id from runs where cancel_due and not_before <= ${now} and updated_at <= ${old}
      union select 'collect', id from runs where collect_due and not_before <= ${now} and updated_at <= ${old}
      union select 'delete', id from requests where status = 'approved' and updated_at <= ${old}
        and (body -> 'deletion' ->> 'notBefore')::bigint <= ${now}
      union select 'report.' || c.platform, c.platform || '|' || c.channel from cards c join requests r on r.id = c.request_id
        where c.not_before <= ${now} and c.updated_at <= ${old} and (
          c.state = 'pending' or (c.state = 'posting' and c.updated_at <= ${now - POSTING_IN_DOUBT})
          or (c.state = 'posted' and c.shown < r.touched and r.updated_at <= ${old}))
      union select 'report.' || r.platform, r.platform || '|' || p.channel from replies p join requests r on r.id = p.request_id
        where p.not_before <= ${now} and p.updated_at <= ${old}
          and (p.state = 'pending' or (p.state = 'posting' and p.updated_at <= ${now - POSTING_IN_DOUBT}))
          and exists (select from cards c where c.request_id = p.request_id and c.channel = p.channel and c.state = 'posted' and c.thread is not null)
      union select 'answer.' || (body ->> 'platform'), id from answers where updated_at <= ${old}
    )
    select due.queue, due.id from due where not exists (
      select from pgboss.job j where j.name = due.queue and j.singleton_key = due.id and (
        j.state in ('created', 'retry')
        or (j.state = 'active' and j.heartbeat_on > pgboss.job_now() - interval '12 seconds')))
  `.execute(db);
  return rows.map(({ queue, id }) => ({ queue, id }) as Job);
}
