import NodeCache from 'node-cache';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import { channelOf } from './thread.ts';

/** What the bot remembers between restarts, shared by all its instances: small values by key. */
export interface Memory {
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

/** What is known of a channel or chat. */
export interface Place {
  /** Where Teams is reached for it, as its last activity said. */
  serviceUrl: string;
  /** As people read it; null until Teams has said. */
  name: string | null;
  /** The channel's kind of membership; null where no activity said. */
  membership: 'standard' | 'private' | 'shared' | null;
}

/** Channels and chats, each with the service URL that its last activity came from. */
export interface Places {
  /** Takes in what an activity says. Resolves when it is remembered. */
  learn(
    conversation: string,
    seen: { serviceUrl: string; name?: string | null; membership?: string | null },
  ): Promise<void>;
  /** Throws ChatError while nothing has come from there or anywhere else of the tenant. */
  serviceUrl(conversation: string): Promise<string>;
  of(conversation: string): Promise<Place | null>;
  /** What is known without asking. */
  known(conversation: string): Place | null;
}

const Shape = z.object({
  serviceUrl: z.string(),
  name: z.string().nullable(),
  membership: z.enum(['standard', 'private', 'shared']).nullable(),
});

/** Seconds: another instance may have heard of a new address. */
const KEPT = 15;
const ANYWHERE = 'anywhere';
const keyOf = (channel: string): string => `teams:place:${channel}`;

/** Creates the memory of places. */
export function createPlaces(deps: { memory: Memory; isServiceUrl: (url: string) => boolean }): Places {
  const cache = new NodeCache({ stdTTL: KEPT, checkperiod: 0, useClones: false });
  const lastKnown = new Map<string, Place>();

  function keep(channel: string, place: Place): Place {
    cache.set(channel, place);
    lastKnown.set(channel, place);
    return place;
  }

  async function look(channel: string): Promise<Place | null> {
    const kept = cache.get<Place>(channel);
    if (kept !== undefined) return kept;
    const parsed = Shape.safeParse(await deps.memory.read(keyOf(channel)));
    // What was allowed once may not be any more: a stand-in's address in a database that is used for real.
    if (!parsed.success || !deps.isServiceUrl(parsed.data.serviceUrl)) return null;
    return keep(channel, parsed.data);
  }

  async function remember(channel: string, next: Place): Promise<void> {
    const before = await look(channel);
    if (before !== null && JSON.stringify(before) === JSON.stringify(next)) return;
    await deps.memory.write(keyOf(channel), next);
    keep(channel, next);
  }

  return {
    async learn(conversation, { serviceUrl, name, membership }) {
      const channel = channelOf(conversation);
      const before = await look(channel);
      const said = Shape.shape.membership.safeParse(membership?.toLowerCase());
      await remember(channel, {
        serviceUrl,
        name: name || before?.name || null,
        membership: (said.success ? said.data : null) ?? before?.membership ?? null,
      });
      await remember(ANYWHERE, { serviceUrl, name: null, membership: null });
    },
    async serviceUrl(conversation) {
      const place = (await look(channelOf(conversation))) ?? (await look(ANYWHERE));
      if (place !== null) return place.serviceUrl;
      throw new ChatError(
        'chat_unreachable',
        'Teams has not spoken to me yet, so I don’t know where to reach it. Mention me once in the channel.',
      );
    },
    of: (conversation) => look(channelOf(conversation)),
    known: (conversation) => lastKnown.get(channelOf(conversation)) ?? null,
  };
}
