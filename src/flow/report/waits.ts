import type { ChatError } from '../../errors.ts';

/** Milliseconds that a claim lasts, and after trouble that needs somebody's help. */
export const HELP_WAIT = 15_000;
/** Where nobody said how long. */
export const RETRY_WAIT = 2_000;

/** After a post that may have arrived, while the platform doesn't answer: longer each time, and never so long that a card comes late. */
export const doubtWait = (age: number): number => between(5_000, age / 2, 20_000);

/** After an edit that the platform didn't answer: each may cost seconds that replies and other cards need. */
export const unansweredWait = (age: number): number => between(RETRY_WAIT, age / 2, 30_000);

/** After a refusal of this one message, which nothing but somebody's help mends; sooner where the platform doesn't say why. */
export const refusedWait = (age: number, { reason }: Pick<ChatError, 'reason'>): number =>
  between(HELP_WAIT, age / 2, reason === null ? 60_000 : 15 * 60_000);

/** Half of how long the trouble lasts already makes each wait half as long again as the one before. */
function between(least: number, wait: number, most: number): number {
  return Math.min(Math.max(Math.round(wait), least), most);
}
