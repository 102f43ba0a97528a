import type { Run, Time, Waits } from '../model/request.ts';

/** So long after its put-off another look has been taken, a call to Defender included, and says what still stands in the way. */
const CONFIRMED_WITHIN = 35_000;

/** Why a run in line isn't sent yet, as far as that is known: a reason that nobody has met again is over, and it waits for its turn. */
export function waitsNow(run: Pick<Run, 'waits' | 'notBefore'>, now: Time): Waits {
  return now < run.notBefore + CONFIRMED_WITHIN ? run.waits : { for: 'turn' };
}

/** A reason without its advice to people: what waits is tried again without them. */
export function withoutAdvice(why: string): string {
  return why.replace(/ ?Try again[^.:]*\./g, '').trim();
}

/** A reason as the card of something that waits says it: nobody has to try again. */
export function waitsBecause(why: string): string {
  const bare = withoutAdvice(why);
  return `waits: ${bare === why ? why : `${bare} It is tried again by itself.`}`;
}
