import type { Request } from '../model/request.ts';
import { chatOf, type Deps } from './deps.ts';

/** Where a request lives: whose channel, and where its card is to be posted. */
export type Home = Pick<Request, 'channel' | 'place'>;

/**
 * Where what is asked once more is to live: where that was said, if the policy has that channel; else, for a click on a private answer,
 * where the first one lives; else in the policy's first channel. Null where the policy has none: an old channel is never used again.
 */
export function liveWhere(
  deps: Pick<Deps, 'chats' | 'policy'>,
  before: Pick<Request, 'platform' | 'channel' | 'place'>,
  said: { channel: string | null; place: string | null; kind: 'typed' | 'clicked' },
): Home | null {
  const channels = deps.policy().channels[before.platform];
  const others = said.kind === 'clicked' ? [before.channel, channels[0]] : [channels[0]];
  const channel = [said.channel, ...others].find((one) => one != null && channels.includes(one));
  if (channel == null) return null;
  if (said.place !== null && said.channel === channel) return { channel, place: said.place };
  const place = channel === before.channel ? before.place : chatOf(deps, before.platform).placeIn(channel);
  return { channel, place };
}

/** Whether the policy still has the channel in which a request lives. */
export function stillHasChannel(deps: Pick<Deps, 'policy'>, request: Pick<Request, 'platform' | 'channel'>): boolean {
  return deps.policy().channels[request.platform].includes(request.channel);
}

/** What somebody hears whose request has nowhere to live. */
export const NOWHERE = 'The policy names no channel of this platform, so there is nowhere to ask.';
