import type { DeedRule } from '../context.ts';
import { PLATFORM_NAMES } from '../words.ts';

/** Decisions count on the platform where the request lives, so that nobody is two people. */
export const platform: DeedRule = {
  name: 'platform',
  check({ request, person }) {
    if (person.platform === request.platform) return null;
    return `${request.id} was asked for in ${PLATFORM_NAMES[request.platform]}, and only there it can be dealt with.`;
  },
};

/** A channel that was taken out of the policy decides about nothing any more, on nobody's own copy either. */
export const channelOfPolicy: DeedRule = {
  name: 'channel-of-policy',
  check({ policy, request }) {
    if (policy.channels[request.platform].includes(request.channel)) return null;
    return (
      `${request.id} lives in a channel that the policy no longer has, so nothing is decided there. ` +
      `${request.requester.name} can ask anew: again ${request.id}`
    );
  },
};

/** … and in its channel, where everybody concerned sees them, or on the copy that was sent to who clicks. */
export const channel: DeedRule = {
  name: 'channel',
  check({ request, channel: from, direct }) {
    if (from === request.channel || direct === true) return null;
    if (from === null)
      return "I can't see in which channel you clicked, so it did nothing. Use the card in its channel.";
    return `${request.id} lives in another channel. Use its card there.`;
  },
};
