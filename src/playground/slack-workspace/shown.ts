import { APP, type Channel, TEAM } from './people.ts';
import type { Message, State } from './state.ts';

/** What a method answers, before `ok` is put in front; with `error` it is a refusal. */
export type Answer = Record<string, unknown>;
/** Whether the bot is a member. */
export const botIsIn = (channel: Channel): boolean => channel.members.includes(APP.userId);

/** A private channel that the bot isn't in doesn't exist for it. */
export function visible(state: State, id: string): Channel | null {
  const channel = state.channel(id);
  return channel && (channel.kind === 'public' || botIsIn(channel)) ? channel : null;
}

/** A message as Slack describes it, in answers and in payloads. */
export function messageObject(state: State, message: Message): Answer {
  const mine = message.user === APP.userId;
  const inThread = state.messages.filter((one) => one.channel === message.channel && one.threadTs === message.ts);
  const last = inThread.at(-1);
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    ...(mine ? { bot_id: APP.botId, app_id: APP.id } : {}),
    text: message.text,
    team: TEAM.id,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.metadata ? { metadata: message.metadata } : {}),
    // Slack marks no edit where there are blocks.
    ...(message.edits > 0 && !message.blocks ? { edited: { user: APP.botId, ts: message.ts } } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs, parent_user_id: APP.userId } : {}),
    ...(last ? { thread_ts: message.ts, reply_count: inThread.length, latest_reply: last.ts } : {}),
  };
}
