import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Json } from './json.ts';
import { type Signer, TokenOddity } from './sign.ts';
import type { State } from './state.ts';
import type { TeamsDelivery } from './view.ts';

/** How a delivery departs from the usual one. */
export const Oddity = z.strictObject({
  /** Another token than the right one; null for none at all. */
  token: TokenOddity.nullable().optional(),
  /** Laid over the activity, key by key: `{ channelId: 'directline' }`. */
  activity: z.record(z.string(), z.unknown()).optional(),
  /** Another tenant than the bot's, in all places where an activity names one. */
  tenant: z.string().optional(),
  /** How often the very same request is sent, at once one after the other; 1 unless set. */
  times: z.int().positive().optional(),
});
export type Oddity = z.output<typeof Oddity>;

export interface DeliverDeps {
  state: State;
  signer: Signer;
  botUrl: () => string;
  serviceUrl: () => string;
  /** How long an answer may take, in milliseconds. */
  patience: number;
}

type About = Pick<TeamsDelivery, 'kind' | 'what' | 'person'>;

/** How many deliveries can be replayed. */
const REMEMBERED = 500;

export type Deliveries = ReturnType<typeof createDeliveries>;

/** Sends activities to the bot, signed as the Bot Framework signs, and keeps how they were answered. */
export function createDeliveries(deps: DeliverDeps) {
  const { state, signer } = deps;
  /** What was sent, letter by letter, by delivery id. */
  const sent = new Map<string, { about: About; body: string; headers: Record<string, string> }>();

  /** One POST. Never throws: trouble is part of the record. */
  const post = async (about: About, body: string, headers: Record<string, string>): Promise<TeamsDelivery> => {
    const started = performance.now();
    const answer = await send(deps.botUrl(), body, headers, deps.patience);
    const delivery: TeamsDelivery = { id: randomUUID(), ...about, ...answer, ms: performance.now() - started };
    sent.set(delivery.id, { about, body, headers });
    if (sent.size > REMEMBERED) sent.delete(sent.keys().next().value ?? '');
    state.addDelivery(delivery);
    return delivery;
  };

  const headersFor = (serviceUrl: string, token: TokenOddity | null | undefined): Record<string, string> => ({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)',
    ...(token === null ? {} : { authorization: `Bearer ${signer.token(serviceUrl, token)}` }),
  });

  return {
    /** Answers the first delivery where there are several. */
    async deliver(about: About, activity: Json, oddity: Oddity = {}): Promise<TeamsDelivery> {
      const odd = { ...(oddity.tenant ? inTenant(activity, oddity.tenant) : activity), ...oddity.activity };
      const body = JSON.stringify(odd);
      const headers = headersFor(deps.serviceUrl(), oddity.token);
      const [first] = await Promise.all(Array.from({ length: oddity.times ?? 1 }, () => post(about, body, headers)));
      if (!first) throw new RangeError('times must be at least 1');
      return first;
    },

    /** Whatever a test wants to send, with a good token unless told otherwise. */
    raw(raw: { body: string; headers?: Record<string, string>; token?: TokenOddity | null }): Promise<TeamsDelivery> {
      const headers = { ...headersFor(deps.serviceUrl(), raw.token), ...raw.headers };
      return post({ kind: 'raw', what: '', person: null }, raw.body, headers);
    },

    /** The very same request once more: body and token. */
    async replay(id: string): Promise<TeamsDelivery> {
      const first = sent.get(id);
      if (!first) throw new Error('There is no such delivery, or it is too old.');
      return post(first.about, first.body, first.headers);
    },
  };
}

function inTenant(activity: Json, tenantId: string): Json {
  const channelData = { ...(activity.channelData as Json), tenant: { id: tenantId } };
  return { ...activity, conversation: { ...(activity.conversation as Json), tenantId }, channelData };
}

async function send(url: string, body: string, headers: Record<string, string>, patience: number) {
  const signal = AbortSignal.timeout(patience);
  try {
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
    const text = await response.text();
    return { status: response.status, body: text, failure: response.ok ? null : ('status' as const) };
  } catch {
    return { status: null, body: '', failure: signal.aborted ? ('timeout' as const) : ('connection' as const) };
  }
}
