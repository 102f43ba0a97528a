/** How fast the workspace lets an app go. */
export interface Pace {
  /** New messages per second in one channel (Slack: 1). */
  postsPerSecond: number;
  /** How many may come at once before that counts. */
  burst: number;
}

/** Slack's own limit, with the short bursts it tolerates. */
export const SLACK_PACE: Pace = { postsPerSecond: 1, burst: 4 };

/** Calls per minute of the tiers: https://docs.slack.dev/apis/web-api/rate-limits */
const PER_MINUTE: Record<string, number> = {
  'apps.connections.open': 50,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.replies': 50,
  'chat.postEphemeral': 100,
  'users.info': 100,
  'views.open': 100,
  'views.update': 100,
  'views.publish': 100,
  // Slack says “hundreds”, and not how many.
  'chat.getPermalink': 200,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
};

/** Buckets that fill with time; `take` answers how many seconds to wait, 0 for go on. */
export function createPacing(now: () => number, pace: Pace | 'off') {
  const buckets = new Map<string, { level: number; at: number }>();

  const takeFrom = (key: string, perSecond: number, size: number): number => {
    const at = now();
    const bucket = buckets.get(key) ?? { level: size, at };
    const level = Math.min(size, bucket.level + ((at - bucket.at) / 1000) * perSecond);
    buckets.set(key, { level: level >= 1 ? level - 1 : level, at });
    return level >= 1 ? 0 : Math.max(1, Math.ceil((1 - level) / perSecond));
  };

  return {
    take(method: string, channel: string | null): number {
      if (pace === 'off') return 0;
      if (method === 'chat.postMessage') return takeFrom(`post ${channel}`, pace.postsPerSecond, pace.burst);
      const perMinute = PER_MINUTE[method];
      return perMinute === undefined ? 0 : takeFrom(method, perMinute / 60, perMinute);
    },
  };
}

export type Pacing = ReturnType<typeof createPacing>;
