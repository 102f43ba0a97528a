import { type Kysely, sql } from 'kysely';
import { PRUNED } from './audit-chain.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** The action of the entry that goes on keeping a policy's text when retention removes the one that had it. */
export const KEPT = 'policy.kept';

/** A policy's text, as it stands in the trail. */
interface Text {
  hash: string;
  text: string;
}

/**
 * The texts that are about to go and still say what was allowed: of the policy that was in force where the trail will begin, and of each that an
 * entry which stays goes by. Of the others it is forgotten that they were kept, so that their next load writes them down again; the
 * key is the one of `policy-file`.
 */
export async function textsToKeep(trx: Db, last: number): Promise<{ inForce: string | null; texts: Text[] }> {
  const inForce = await inForceAt(trx, last);
  const { rows } = await sql<Text & { needed: boolean }>`
    with texts as (
      select distinct on (data->>'hash') data->>'hash' as hash, data->>'text' as text from audit old
      where no <= ${last} and action in ('policy.loaded', ${KEPT}) and data ? 'text'
        and not exists (select from audit later where (later.no > ${last} or later.no is null)
          and later.action in ('policy.loaded', ${KEPT}) and later.data ? 'text' and later.data->>'hash' = old.data->>'hash'))
    select hash, text, hash = ${inForce ?? ''}
      or exists (select from audit where (no > ${last} or no is null) and strpos(data::text, hash) > 0) as needed
    from texts order by hash`.execute(trx);
  const forgotten = rows.filter(({ needed }) => !needed).map(({ hash }) => `policy:${hash}`);
  if (forgotten.length > 0) await trx.deleteFrom('settings').where('key', 'in', forgotten).execute();
  return { inForce, texts: rows.filter(({ needed }) => needed).map(({ hash, text }) => ({ hash, text })) };
}

/** The policy in force after an entry: the one loaded last, or else the one of which retention left word the last time. */
async function inForceAt(trx: Db, last: number): Promise<string | null> {
  const { rows } = await sql<{ hash: string | null }>`
    select coalesce(
      (select data->>'hash' from audit where no <= ${last} and action = 'policy.loaded' order by no desc limit 1),
      (select data->>'policy' from audit where no is not null and action = ${PRUNED} order by no desc limit 1)
    ) as hash`.execute(trx);
  return rows[0]?.hash ?? null;
}
