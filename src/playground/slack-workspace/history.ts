import { isTrue } from './content.ts';
import type { Channel } from './people.ts';
import { type Answer, botIsIn, messageObject, visible } from './shown.ts';
import type { Message, State } from './state.ts';

type Args = Record<string, unknown>;

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What stands in a channel, the newest first: https://docs.slack.dev/reference/methods/conversations.history */
export function history(state: State, args: Args): Answer {
  const channel = readable(state, args);
  if ('error' in channel) return channel;
  const all = state.messages.filter((one) => one.channel === channel.id && (one.threadTs === null || one.broadcast));
  return pageOf(state, all.filter(since(args)).reverse(), args);
}

/** A thread, its first message always among it: https://docs.slack.dev/reference/methods/conversations.replies */
export function replies(state: State, args: Args): Answer {
  const channel = readable(state, args);
  if ('error' in channel) return channel;
  const parent = state.message(channel.id, word(args.ts));
  if (!parent) return { error: 'thread_not_found' };
  const said = state.messages.filter((one) => one.channel === channel.id && one.threadTs === parent.ts);
  return pageOf(state, [parent, ...said.filter(since(args))], args);
}

/** The channel, where the app is in it and may read there. */
function readable(state: State, args: Args): Channel | { error: string } {
  const channel = visible(state, word(args.channel));
  if (!channel) return { error: 'channel_not_found' };
  const needed = { public: 'channels:history', private: 'groups:history', im: 'im:history' }[channel.kind];
  const { scopes } = state.subscription;
  if (!scopes.includes(needed)) {
    const refusal = { error: 'missing_scope', needed, provided: scopes.join(',') };
    return refusal;
  }
  return botIsIn(channel) ? channel : { error: 'not_in_channel' };
}

const since =
  (args: Args) =>
  (message: Message): boolean =>
    Number(message.ts) > Number(word(args.oldest) || '0');

function pageOf(state: State, all: readonly Message[], args: Args): Answer {
  const limit = Math.min(Number(args.limit ?? 1000) || 1000, 1000);
  const start = Number.parseInt(word(args.cursor) || '0', 10) || 0;
  const next = start + limit < all.length ? String(start + limit) : '';
  const messages = all.slice(start, start + limit).map((one) => {
    const { metadata, ...rest } = messageObject(state, one);
    return isTrue(args.include_all_metadata) && metadata !== undefined ? { ...rest, metadata } : rest;
  });
  return { messages, has_more: next !== '', response_metadata: { next_cursor: next } };
}
