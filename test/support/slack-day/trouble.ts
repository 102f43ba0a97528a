import type { FaultInput, Incoming } from '../../../src/playground/slack-workspace/index.ts';
import type { Chance } from './chance.ts';
import { ARCHIVED, THROWN_OUT } from './place.ts';

/** A stretch of the day, both ends as milliseconds since 1970. */
export interface Stretch {
  from: number;
  to: number;
}

export const isIn = ({ from, to }: Stretch, time: number): boolean => from <= time && time < to;

/** What lasts: nothing answers; the bot isn't in a channel; a channel is archived. */
export interface Lasting {
  outage: Stretch;
  thrownOut: Stretch;
  archived: Stretch;
}

/** A post of which the bot can't know whether it arrived. */
export interface Unclear {
  at: number;
  channel: string;
  thread: string | null;
  /** What tells the message from others, however often it is posted. */
  mark: string;
  arrived: boolean;
}

/** As long as the client waits for an answer. Milliseconds. */
const PATIENCE = 10_000;
/** How many calls in a hundred meet trouble by chance. */
const IN_A_HUNDRED: Record<string, number> = {
  'chat.postMessage': 6,
  'chat.update': 6,
  'chat.postEphemeral': 5,
  response_url: 5,
  'users.info': 3,
  'conversations.info': 3,
};
const POSTS = ['chat.postMessage', 'chat.postEphemeral', 'response_url'];

/** Nobody can tell from these whether the call took effect. */
const SILENT: readonly (readonly [number, FaultInput])[] = [
  [2, { kind: 'status', status: 500 }],
  [1, { kind: 'status', status: 503 }],
  [1, { kind: 'error', error: 'internal_error' }],
  [1, { kind: 'error', error: 'service_unavailable' }],
  [3, { kind: 'reset' }],
];

/** The trouble of the day, and what of it the bot can't see through. */
export interface Troubles {
  draw(call: Incoming): FaultInput | null;
  /** From now on all goes well, so that somebody can look at what has come of it. */
  end(): void;
  unclear: Unclear[];
  /** How often each kind was met. */
  met: Map<string, number>;
}

export function createTroubles(chance: Chance, now: () => number, lasting: Lasting): Troubles {
  const unclear: Unclear[] = [];
  const met = new Map<string, number>();
  let ended = false;

  function draw(call: Incoming): FaultInput | null {
    const fault = ended ? null : (lasts(call) ?? byChance(call));
    if (fault === null) return null;
    const name = `${call.method} ${fault.kind} ${fault.error ?? fault.status ?? ''} ${fault.applied ? 'after' : 'before'}`;
    met.set(name, (met.get(name) ?? 0) + 1);
    if (call.method === 'chat.postMessage' && isSilent(fault)) unclear.push(unclearPost(call, fault));
    return fault;
  }

  function unclearPost({ channel, args }: Incoming, { applied = false }: FaultInput): Unclear {
    const thread = typeof args.thread_ts === 'string' ? args.thread_ts : null;
    const mark = String(args.metadata ?? `${thread} ${args.text}`);
    return { at: now(), channel: channel ?? '', thread, mark, arrived: applied };
  }

  function lasts({ method, channel }: Incoming): FaultInput | null {
    if (isIn(lasting.outage, now()))
      return chance.weighed([...SILENT, [hangs(method), { kind: 'hang', lasts: PATIENCE }]]);
    if (!method.startsWith('chat.') || method === 'chat.getPermalink') return null;
    if (channel === ARCHIVED && isIn(lasting.archived, now())) return { kind: 'error', error: 'is_archived' };
    if (channel === THROWN_OUT && isIn(lasting.thrownOut, now())) return { kind: 'error', error: 'not_in_channel' };
    return null;
  }

  function byChance({ method }: Incoming): FaultInput | null {
    if (chance.part() * 100 >= (IN_A_HUNDRED[method] ?? 0)) return null;
    const throttles = chance.weighed<FaultInput | null>([
      [2, { kind: 'rate_limited', retryAfter: chance.whole(1, method === 'chat.postMessage' ? 30 : 5) }],
      [1, { kind: 'error', error: 'ratelimited' }],
      [6, null],
    ]);
    if (throttles !== null) return throttles;
    const fault = chance.weighed([...SILENT, [hangs(method) * 2, { kind: 'hang', lasts: PATIENCE } as const]]);
    return { ...fault, applied: chance.part() < 0.5 };
  }

  const end = (): void => {
    ended = true;
  };

  return { draw, end, unclear, met };
}

/** Only what a job asks one at a time: the clock has to know who waits. */
const hangs = (method: string): number => (POSTS.includes(method) || method === 'chat.update' ? 1 : 0);

const isSilent = ({ kind, error }: FaultInput): boolean =>
  kind === 'status' ||
  kind === 'reset' ||
  kind === 'hang' ||
  error === 'internal_error' ||
  error === 'service_unavailable';
