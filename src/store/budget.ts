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
  const now = await monotonic(db, budget, clock);
  let wait = Math.max(0, blockedUntil - now);
  for (const limit of limits) wait = Math.max(wait, await waitFor(db, budget, limit, now));
  if (wait > 0) return wait;
  await db.insertInto('calls').values({ budget, at: now }).execute();
  await forget(db, budget, now - Math.max(0, ...limits.map((limit) => limit.within)));
  return 0;
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

/** The call that must leave the window before the next may enter it is the `count`th newest. */
async function waitFor(db: Db, budget: Budget, limit: Rate, now: Time): Promise<number> {
  if (limit.count < 1) return limit.within;
  const row = await db
    .selectFrom('calls')
    .select('at')
    .where('budget', '=', budget)
    .where('at', '>', now - limit.within)
    .orderBy('at', 'desc')
    .offset(limit.count - 1)
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? 0 : row.at + limit.within - now;
}

async function forget(db: Db, budget: Budget, before: Time): Promise<void> {
  await db.deleteFrom('calls').where('budget', '=', budget).where('at', '<=', before).execute();
}
