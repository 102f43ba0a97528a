/** Longer after each refusal of the same conversation, until it goes well again. Milliseconds. */
export interface Backoff {
  /** How long to wait after one more refusal. */
  next(conversation: string): number;
  wentWell(conversation: string): void;
}

const FIRST = 1_000;
const LONGEST = 60_000;
/** Conversations remembered. */
const MOST = 1_000;

/** Exponential, with jitter so that instances don't come back together. `random` from 0 to 1. */
export function createBackoff(random: () => number = Math.random): Backoff {
  const refusals = new Map<string, number>();
  return {
    next(conversation) {
      const count = refusals.get(conversation) ?? 0;
      if (refusals.size >= MOST) refusals.clear();
      refusals.set(conversation, count + 1);
      const longest = Math.min(LONGEST, FIRST * 2 ** Math.min(count, 10));
      return Math.round(longest * (0.5 + random() / 2));
    },
    wentWell(conversation) {
      refusals.delete(conversation);
    },
  };
}
