import { fromJson, isTrue, readContent } from './content.ts';
import { getPermalink, publishView } from './home-methods.ts';
import { openView, updateView } from './modal-methods.ts';
import { APP, type Channel, type Member, TEAM } from './people.ts';
import type { Message, State } from './state.ts';
import { listGroups, listUsers } from './user-groups.ts';

/** What a method answers, before `ok` is put in front; with `error` it is a refusal. */
export type Answer = Record<string, unknown>;
type Args = Record<string, unknown>;
type Method = (state: State, args: Args) => Answer;

const word = (value: unknown): string => (typeof value === 'string' ? value : '');
const botIsIn = (channel: Channel): boolean => channel.members.includes(APP.userId);

/** The methods that the bot uses: https://docs.slack.dev/reference/methods */
export const METHODS: Record<string, Method> = {
  'api.test': (_state, args) => (word(args.error) ? { error: word(args.error) } : { args }),
  'auth.test': () => ({
    url: `https://${TEAM.domain}.slack.com/`,
    team: TEAM.name,
    user: 'liveresponse',
    team_id: TEAM.id,
    user_id: APP.userId,
    bot_id: APP.botId,
    is_enterprise_install: false,
  }),
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
  'users.info': (state, args) => {
    const member = state.member(word(args.user));
    return member ? { user: userObject(member) } : { error: 'user_not_found' };
  },
  'conversations.info': (state, args) => {
    const channel = visible(state, word(args.channel));
    return channel ? { channel: channelObject(channel) } : { error: 'channel_not_found' };
  },
  'conversations.replies': replies,
  'views.open': openView,
  'views.update': updateView,
  'views.publish': publishView,
  'usergroups.list': listGroups,
  'usergroups.users.list': listUsers,
};

/** Whether this answer is a refusal. */
export const refused = (answer: Answer): boolean => typeof answer.error === 'string';

/** A private channel that the bot isn't in doesn't exist for it. */
function visible(state: State, id: string): Channel | null {
  const channel = state.channel(id);
  return channel && (channel.kind === 'public' || botIsIn(channel)) ? channel : null;
}

/** Where a message goes: a conversation, or the chat of the app with a person, by the person's id. */
function aimed(state: State, id: string): Channel | { error: string } {
  const person = state.member(id);
  if (person?.bot) return { error: 'cannot_dm_bot' };
  if (person?.deleted || person?.teamId === undefined) {
    return person ? { error: 'channel_not_found' } : (visible(state, id) ?? { error: 'channel_not_found' });
  }
  return state.chatWith(person.id);
}

function postMessage(state: State, args: Args): Answer {
  const channel = aimed(state, word(args.channel));
  if ('error' in channel) return channel;
  if (!botIsIn(channel)) return { error: 'not_in_channel' };
  const content = readContent(args, 'chat.postMessage');
  if ('error' in content) return refusal(content);
  const threadTs = word(args.thread_ts) || null;
  if (threadTs && state.message(channel.id, threadTs)?.threadTs !== null) return { error: 'cannot_reply_to_message' };
  const message = state.addMessage({
    channel: channel.id,
    ts: state.nextTs(),
    user: APP.userId,
    ...content,
    threadTs,
    broadcast: threadTs !== null && isTrue(args.reply_broadcast),
    metadata: fromJson(args.metadata),
  });
  return { channel: channel.id, ts: message.ts, message: messageObject(state, message) };
}

function update(state: State, args: Args): Answer {
  const channel = visible(state, word(args.channel));
  if (!channel) return { error: 'channel_not_found' };
  const message = state.message(channel.id, word(args.ts));
  if (!message) return { error: 'message_not_found' };
  if (message.user !== APP.userId) return { error: 'cant_update_message' };
  // Without text and blocks the old ones stay; text alone takes the blocks away.
  const untouched = args.text === undefined && args.blocks === undefined;
  const content = untouched ? { text: message.text, blocks: message.blocks } : readContent(args, 'chat.update');
  if ('error' in content) return refusal(content);
  const metadata = fromJson(args.metadata);
  state.editMessage(message, { ...content, ...(metadata === null ? {} : { metadata }) });
  return { channel: channel.id, ts: message.ts, text: message.text, message: messageObject(state, message) };
}

function postEphemeral(state: State, args: Args): Answer {
  const channel = visible(state, word(args.channel));
  if (!channel) return { error: 'channel_not_found' };
  if (!botIsIn(channel)) return { error: 'not_in_channel' };
  if (!channel.members.includes(word(args.user))) return { error: 'user_not_in_channel' };
  const content = readContent(args, 'chat.postEphemeral');
  if ('error' in content) return refusal(content);
  const ephemeral = state.addEphemeral({
    ts: state.nextTs(),
    channel: channel.id,
    to: word(args.user),
    user: APP.userId,
    ...content,
    threadTs: word(args.thread_ts) || null,
  });
  return { message_ts: ephemeral.ts };
}

function replies(state: State, args: Args): Answer {
  const channel = visible(state, word(args.channel));
  if (!channel) return { error: 'channel_not_found' };
  if (!botIsIn(channel)) return { error: 'not_in_channel' };
  const parent = state.message(channel.id, word(args.ts));
  if (!parent) return { error: 'thread_not_found' };
  const thread = [
    parent,
    ...state.messages.filter((one) => one.channel === channel.id && one.threadTs === parent.ts),
  ].filter((one) => one.ts === parent.ts || one.ts > word(args.oldest));
  const limit = Math.min(Number(args.limit ?? 1000) || 1000, 1000);
  const start = Number.parseInt(word(args.cursor) || '0', 10) || 0;
  const next = start + limit < thread.length ? String(start + limit) : '';
  const page = thread.slice(start, start + limit).map((one) => messageObject(state, one));
  return { messages: page, has_more: next !== '', response_metadata: { next_cursor: next } };
}

function refusal(refused: { error: string; messages?: string[] }): Answer {
  const { error, messages } = refused;
  return messages ? { error, errors: messages, response_metadata: { messages } } : { error };
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

function userObject(member: Member): Answer {
  return {
    id: member.id,
    team_id: member.teamId,
    name: member.name,
    deleted: member.deleted,
    real_name: member.realName,
    tz: 'Europe/Berlin',
    tz_offset: 3600,
    profile: { real_name: member.realName, display_name: member.realName, team: member.teamId },
    is_admin: false,
    is_owner: false,
    is_restricted: member.guest,
    is_ultra_restricted: false,
    is_bot: member.bot,
    is_app_user: false,
    // False for a foreign person too, as long as they share a channel with the app.
    is_stranger: false,
    is_email_confirmed: true,
    updated: 1_700_000_000,
  };
}

function channelObject(channel: Channel): Answer {
  const im = channel.kind === 'im';
  return {
    id: channel.id,
    ...(im ? { user: channel.members[0] } : { name: channel.name, name_normalized: channel.name }),
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: im,
    is_private: channel.kind !== 'public',
    is_archived: false,
    is_member: botIsIn(channel),
    is_shared: channel.shared,
    is_ext_shared: channel.shared,
    is_org_shared: false,
    context_team_id: TEAM.id,
    created: 1_700_000_000,
  };
}
