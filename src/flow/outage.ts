import type { Tx } from './ports.ts';

/** What a read asks about: a kind of question and, where it is about one thing alone, which. Each kind may fail without the others. */
export interface Subject {
  kind: string;
  one: string | null;
}

/** While one kind of question has trouble: tries that nobody answered, one after the other, and whether one is on its way. */
export interface Outage {
  failures: number;
  trying: boolean;
  /** The only thing of its kind that fails so far: all others are asked about as ever. Null: it is the kind that fails. */
  one: string | null;
}

const keyOf = ({ kind }: Subject) => `defender_outage:${kind}`;
const budgetOf = ({ kind }: Subject) => `duty:defender_try:${kind}` as const;
/** Between two tries; twice as long each time. Milliseconds. */
const LEAST = 2_000;
const MOST = 60_000;
/** A try that was never told of by then died with its process: a read ends within 30 s. */
const TRY_LASTS = 35_000;
/** While one is on its way, the others look again after so long: most tries are short. */
const SOON = 10_000;

/** What is known of trouble with such questions, be it with one of them; null while they are answered. */
export function seeOutage(tx: Tx, about: Subject): Promise<Outage | null> {
  return tx.setting<Outage>(keyOf(about));
}

/** Whether this trouble keeps this question back. */
export function holdsBack(seen: Outage | null, about: Subject): seen is Outage {
  return seen !== null && (seen.one === null || seen.one === about.one);
}

/**
 * While it lasts, one read of the kind at a time is let through, all instances together: many that ask a service in trouble would use up
 * an hour's reads, and be blind when it is back. Takes the turn and answers 0, or tells how long there is none, milliseconds.
 */
export async function noTurnFor(tx: Tx, about: Subject, seen: Outage): Promise<number> {
  const within = seen.trying ? TRY_LASTS : Math.min(LEAST * 2 ** (seen.failures - 1), MOST);
  const wait = await tx.takeCall(budgetOf(about), [{ count: 1, within }]);
  if (wait === 0) await tx.setSetting(keyOf(about), { ...seen, trying: true });
  return seen.trying ? Math.min(wait, SOON) : wait;
}

/** The first answer ends it. That of another thing says nothing about the one that fails. */
export async function readAnswered(tx: Tx, about: Subject): Promise<void> {
  if (holdsBack(await seeOutage(tx, about), about)) await tx.setSetting(keyOf(about), null);
}

/** Begins an outage, or lengthens its pauses. Of several that fail together one counts; two things that fail make it one of their kind. */
export async function readFailed(tx: Tx, about: Subject): Promise<void> {
  // It is the moment from which the pause counts; and taking it lets instances go one after the other from here.
  await tx.takeCall(budgetOf(about), [{ count: Number.MAX_SAFE_INTEGER, within: MOST }]);
  const seen = await seeOutage(tx, about);
  const known = holdsBack(seen, about);
  if (known && !seen.trying) return;
  const failures = known ? Math.min(seen.failures + 1, 10) : 1;
  const another = seen !== null && seen.one !== about.one;
  await tx.setSetting(keyOf(about), { failures, trying: false, one: another ? null : about.one });
}
