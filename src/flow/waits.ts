import type { Run, Time, Waits } from '../model/request.ts';

/** So long after its put-off another look has been taken, a call to Defender included, and says what still stands in the way. */
const CONFIRMED_WITHIN = 35_000;

/** Why a run in line isn't sent yet, as far as that is known: a reason that nobody has met again is over, and it waits for its turn. */
export function waitsNow(run: Pick<Run, 'waits' | 'notBefore'>, now: Time): Waits {
  return now < run.notBefore + CONFIRMED_WITHIN ? run.waits : { for: 'turn' };
}
