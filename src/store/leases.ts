import { type Kysely, sql } from 'kysely';
import type { Time } from '../model/request.ts';
import type { Tables } from './schema.ts';

/** Milliseconds. */
const LONGEST = 120_000;

/** Takes or renews a lease for `ttl` milliseconds; false while another holder's runs. */
export async function takeLease(
  db: Kysely<Tables>,
  name: string,
  holder: string,
  now: Time,
  ttl: number,
): Promise<boolean> {
  const row = await db
    .insertInto('leases')
    .values({ name, holder, until: now + ttl })
    .onConflict((clash) =>
      clash
        .column('name')
        .doUpdateSet({ holder, until: now + ttl })
        .where(({ or, eb }) =>
          or([
            eb('leases.holder', '=', holder),
            eb('leases.until', '<=', now),
            // Nobody leases for so long: the holder's clock was wrong.
            eb('leases.until', '>', now + LONGEST),
          ]),
        ),
    )
    .returning(sql`1`.as('one'))
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives a lease back; one that somebody else holds stays theirs. */
export async function releaseLease(db: Kysely<Tables>, name: string, holder: string): Promise<void> {
  await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
}
