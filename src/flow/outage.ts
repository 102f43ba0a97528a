import type { Tx } from './ports.ts';

/** While Defender has trouble: tries that nobody answered, one after the other, and whether one is on its way. */
export interface Outage {
  failures: number;
  trying: boolean;
}

const KEY = 'defender_outage';
const BUDGET = 'duty:defender_try';
/** Between two tries; twice as long each time. Milliseconds. */
const LEAST = 2_000;
const MOST = 60_000;
/** A try that was never told of by then died with its process: a read ends within 30 s. */
const TRY_LASTS = 35_000;
/** While one is on its way, the others look again after so long: most tries are short. */
const SOON = 10_000;

/** What is known of an outage; null while Defender answers. */
export function seeOutage(tx: Tx): Promise<Outage | null> {
  return tx.setting<Outage>(KEY);
}

/**
 * While it lasts, one read at a time is let through, all instances together: many that ask a service in trouble would use up an hour's
 * reads, and be blind when it is back. Takes the turn and answers 0, or tells how long there is none, milliseconds.
 */
export async function noTurnFor(tx: Tx, seen: Outage): Promise<number> {
  const within = seen.trying ? TRY_LASTS : Math.min(LEAST * 2 ** (seen.failures - 1), MOST);
  const wait = await tx.takeCall(BUDGET, [{ count: 1, within }]);
  if (wait === 0) await tx.setSetting(KEY, { ...seen, trying: true });
  return seen.trying ? Math.min(wait, SOON) : wait;
}

/** The first answer ends it. */
export async function readAnswered(tx: Tx): Promise<void> {
  await tx.setSetting(KEY, null);
}

/** Begins an outage, or lengthens its pauses. Of several that fail together one counts. */
export async function readFailed(tx: Tx): Promise<void> {
  // It is the moment from which the pause counts; and taking it lets instances go one after the other from here.
  await tx.takeCall(BUDGET, [{ count: Number.MAX_SAFE_INTEGER, within: MOST }]);
  const seen = await seeOutage(tx);
  if (seen !== null && !seen.trying) return;
  await tx.setSetting(KEY, { failures: Math.min((seen?.failures ?? 0) + 1, 10), trying: false });
}
