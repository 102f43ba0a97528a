/** How fast a service lets a bot go in one conversation, and what it says when it's too much. */
export interface Pace {
  /** Posts, edits and new threads: seconds, and how many may come within them. All of them hold. */
  send: readonly (readonly [seconds: number, calls: number])[];
  /** Looks into the roster, likewise. */
  read: readonly (readonly [seconds: number, calls: number])[];
  /** Whether a 429 names the wait. Teams doesn't always. */
  retryAfter: boolean;
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: per bot and conversation; a channel is one. */
export const TEAMS_PACE: Pace = {
  send: [
    [1, 7],
    [2, 8],
    [30, 60],
    [3600, 1800],
  ],
  read: [
    [1, 14],
    [2, 16],
    [30, 120],
    [3600, 3600],
  ],
  retryAfter: true,
};

/** Sliding windows over each conversation. */
export function createPacing(now: () => number, pace: Pace | 'off') {
  const taken = new Map<string, number[]>();

  return {
    /** Seconds to wait; null for go on. What is turned away doesn't count. */
    take(kind: 'send' | 'read', conversation: string): number | null {
      if (pace === 'off') return null;
      const key = `${kind} ${conversation}`;
      const at = now();
      const longest = Math.max(...pace[kind].map(([seconds]) => seconds));
      const times = (taken.get(key) ?? []).filter((time) => at - time < longest * 1000);
      const waits = pace[kind].flatMap(([seconds, calls]) => {
        const oldest = times.at(-calls);
        const left = oldest === undefined ? 0 : oldest + seconds * 1000 - at;
        return left > 0 ? [left] : [];
      });
      if (waits.length === 0) times.push(at);
      taken.set(key, times);
      return waits.length === 0 ? null : Math.max(1, Math.ceil(Math.max(...waits) / 1000));
    },
    /** Whether a refusal names the wait. */
    namesWait: pace !== 'off' && pace.retryAfter,
  };
}

export type Pacing = ReturnType<typeof createPacing>;
