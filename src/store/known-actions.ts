import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** What the records know of machine actions. */
export interface KnownActions {
  /** The ids, in lower case, of those that were a run of ours, by the runs or by the audit trail. */
  ours: ReadonlySet<string>;
  /** Those of the runs asked for that were sent, perhaps, and haven't found their action: one that names them may be theirs. */
  open: ReadonlySet<string>;
}

/** Which of these actions are runs of ours, and which of these runs still look for theirs. */
export async function knownActions(
  db: Db,
  asked: { actionIds: readonly string[]; runIds: readonly string[] },
): Promise<KnownActions> {
  const ids = JSON.stringify(asked.actionIds.map((id) => id.toLowerCase()));
  const { rows } = await sql<{ id: string }>`
    with asked as (select jsonb_array_elements_text(${ids}::jsonb) as id)
    select id from asked where id in (select lower(action_id) from runs where action_id is not null)
      or id in (select lower(data->>'actionId') from audit where run_id is not null and data->>'actionId' is not null)`.execute(
    db,
  );
  const open = await db
    .selectFrom('runs')
    .select('id')
    .where('id', 'in', [...asked.runIds, ''])
    .where('action_id', 'is', null)
    .where(sql<boolean>`(body->>'attempt')::integer > 0`)
    .execute();
  return { ours: new Set(rows.map(({ id }) => id)), open: new Set(open.map(({ id }) => id)) };
}
