import { fromJson, isTrue, readContent } from './content.ts';
import { history, replies } from './history.ts';
import { getPermalink, publishView } from './home-methods.ts';
import { openView, updateView } from './modal-methods.ts';
import { APP, type Channel, type Member, TEAM } from './people.ts';
import { type Answer, botIsIn, messageObject, visible } from './shown.ts';
import type { State } from './state.ts';
import { listGroups, listUsers } from './user-groups.ts';

type Args = Record<string, unknown>;
type Method = (state: State, args: Args) => Answer;

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

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
  'conversations.history': history,
  'conversations.replies': replies,
  'views.open': openView,
  'views.update': updateView,
  'views.publish': publishView,
  'usergroups.list': listGroups,
  'usergroups.users.list': listUsers,
};

/** Whether this answer is a refusal. */
export const refused = (answer: Answer): boolean => typeof answer.error === 'string';

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

function refusal(refused: { error: string; messages?: string[] }): Answer {
  const { error, messages } = refused;
  return messages ? { error, errors: messages, response_metadata: { messages } } : { error };
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
