import { type Kysely, sql } from 'kysely';
import type { Budget, Rate } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/**
 * Takes one call and answers 0, or answers how many milliseconds to wait. Sliding windows: at most `count` calls in any
 * `within`. The budget's row is locked until the transaction ends, so instances take turns, and time never runs backwards
 * for it, even where their clocks differ.
 */
export async function takeCall(db: Db, budget: Budget, limits: readonly Rate[], clock: Time): Promise<number> {
  const blockedUntil = await lockBudget(db, budget, clock);
  for (;;) {
    const { wait, ahead } = await takeLocked(db, { budget, limits, clock, blockedUntil });
    if (!ahead) return wait;
    await monotonic(db, budget, clock);
  }
}

/** So many calls of one budget may be on their way at once, before they have to take turns to be counted right. */
const AT_ONCE = 50;

/**
 * As `takeCall`, for what one person does: while more is left than can be on its way at once, nobody waits for the end of another's
 * transaction. In a flood those of one person would otherwise come one after the other.
 */
export async function takeOwnCall(db: Db, budget: Budget, limits: readonly Rate[], clock: Time): Promise<number> {
  const roomy = limits.every(({ count }) => count > AT_ONCE);
  return roomy && (await takeFreely(db, budget, limits, clock)) ? 0 : takeCall(db, budget, limits, clock);
}

async function takeFreely(db: Db, budget: Budget, limits: readonly Rate[], clock: Time): Promise<boolean> {
  const room = limits.map(
    ({ count, within }) =>
      sql`(select count(*) from calls where budget = ${budget} and at > ${clock - within}::bigint) + ${AT_ONCE}::int <= ${count}::int`,
  );
  const { rows } = await sql`insert into calls (budget, at) select ${budget}::text, ${clock}::bigint
    where ${sql.join(room, sql` and `)} returning at`.execute(db);
  return rows.length > 0;
}

interface Taking {
  budget: Budget;
  limits: readonly Rate[];
  clock: Time;
  blockedUntil: Time;
}

/**
 * All in one statement, since each command that is acknowledged waits for it. Nothing is taken where the calls' clock is `ahead` of
 * ours by more than clocks differ.
 */
async function takeLocked(db: Db, taking: Taking): Promise<{ wait: number; ahead: boolean }> {
  const { budget, limits, clock, blockedUntil } = taking;
  const longest = Math.max(0, ...limits.map((limit) => limit.within));
  const waits = limits.map((limit) => waitFor(budget, limit));
  const { rows } = await sql<{ wait: number; ahead: boolean }>`
    with latest as (select coalesce(max(at), 0) as at from calls where budget = ${budget}),
      time as (select greatest(at, ${clock}::bigint) as now, at > ${clock + SKEW}::bigint as ahead from latest),
      due as (select now, ahead, greatest(0, ${blockedUntil}::bigint - now, ${sql.join([sql`0`, ...waits])}) as wait from time),
      taken as (insert into calls (budget, at) select ${budget}, now from due where wait = 0 and not ahead),
      forgotten as (delete from calls using due
        where calls.budget = ${budget} and calls.at <= due.now - ${longest}::bigint and due.wait = 0 and not due.ahead)
    select wait, ahead from due`.execute(db);
  return rows[0] ?? { wait: longest, ahead: false };
}

/** The call that must leave the window before the next may enter it is the `count`th newest. */
function waitFor(budget: Budget, { count, within }: Rate) {
  if (count < 1) return sql`${within}::bigint`;
  return sql`(select at + ${within}::bigint - time.now from calls
    where budget = ${budget} and at > time.now - ${within}::bigint order by at desc offset ${count - 1} limit 1)`;
}

/**
 * A call that was taken earlier is made only now: the far end counts it from now on, so the window does too. Calls of a budget are
 * alike, so it is the one nearest to that time.
 */
export async function callMade(db: Db, budget: Budget, takenAt: Time, clock: Time): Promise<void> {
  await lockBudget(db, budget, clock);
  const now = await monotonic(db, budget, clock);
  await sql`update calls set at = ${now} where ctid = (
    select ctid from calls where budget = ${budget} order by abs(at - ${takenAt}) limit 1)`.execute(db);
}

/** After a 429: nobody calls before `until`. A shorter block doesn't lift a longer one. */
export async function blockBudget(db: Db, budget: Budget, until: Time): Promise<void> {
  await db
    .insertInto('budgets')
    .values({ name: budget, blocked_until: until })
    .onConflict((clash) =>
      clash.column('name').doUpdateSet({ blocked_until: sql`greatest(budgets.blocked_until, excluded.blocked_until)` }),
    )
    .execute();
}

/** No block is longer than this: one that ends later was written by a clock that was ahead, and would last until then. Milliseconds. */
const LONGEST_BLOCK = 15 * 60_000;

/** Inserting or updating the row locks it either way. */
async function lockBudget(db: Db, name: Budget, clock: Time): Promise<Time> {
  const row = await db
    .insertInto('budgets')
    .values({ name })
    .onConflict((clash) =>
      clash
        .column('name')
        .doUpdateSet({ blocked_until: sql`least(budgets.blocked_until, ${clock + LONGEST_BLOCK}::bigint)` }),
    )
    .returning('blocked_until')
    .executeTakeFirstOrThrow();
  return row.blocked_until;
}

/** Clocks of instances differ by a little; more than this is a clock that was wrong. Milliseconds. */
const SKEW = 5_000;

/** Time that never runs backwards, except where a clock was far ahead: what it stamped counts as called now. */
async function monotonic(db: Db, budget: Budget, clock: Time): Promise<Time> {
  const latest = await latestCall(db, budget);
  if (latest <= clock + SKEW) return Math.max(clock, latest);
  await db.updateTable('calls').set({ at: clock }).where('budget', '=', budget).where('at', '>', clock).execute();
  return clock;
}

async function latestCall(db: Db, budget: Budget): Promise<Time> {
  const row = await db
    .selectFrom('calls')
    .select('at')
    .where('budget', '=', budget)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? 0;
}
