import { randomBytes } from 'node:crypto';
import { APP, type Channel, type Member, TEAM } from './people.ts';
import { messageObject } from './shown.ts';
import type { Ephemeral, Message, State } from './state.ts';

/** The legacy token that every payload still carries; it proves nothing. */
export const LEGACY_TOKEN = 'legacy-verification-token';

/** The channel name as payloads spell it. */
export function nameOf(channel: Channel): string {
  return channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name;
}

/** The urlencoded body of a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands */
export function commandBody(words: {
  member: Member;
  channel: Channel;
  command: string;
  text: string;
  responseUrl: string;
  triggerId: string;
}): string {
  const { member, channel } = words;
  return new URLSearchParams({
    token: LEGACY_TOKEN,
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel.id,
    channel_name: nameOf(channel),
    user_id: member.id,
    user_name: member.name,
    command: words.command,
    text: words.text,
    api_app_id: APP.id,
    is_enterprise_install: 'false',
    response_url: words.responseUrl,
    trigger_id: words.triggerId,
  }).toString();
}

/** A button as it stands in the blocks of a message. */
export interface ShownButton {
  blockId: string;
  element: Record<string, unknown>;
}

/** The urlencoded body of a click: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function clickBody(
  state: State,
  words: {
    member: Member;
    channel: Channel;
    message: Message | null;
    ephemeral: Ephemeral | null;
    ts: string;
    button: ShownButton;
    responseUrl: string;
    triggerId: string;
  },
): string {
  const { member, channel, message, ephemeral, button } = words;
  const threadTs = (message ?? ephemeral)?.threadTs;
  const container = {
    type: 'message',
    message_ts: words.ts,
    channel_id: channel.id,
    is_ephemeral: ephemeral !== null,
    ...(threadTs ? { thread_ts: threadTs } : {}),
  };
  const { type, action_id, text, value, style, url, confirm } = button.element;
  const payload = {
    type: 'block_actions',
    user: { id: member.id, username: member.name, name: member.name, team_id: member.teamId },
    api_app_id: APP.id,
    token: LEGACY_TOKEN,
    container,
    trigger_id: words.triggerId,
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: nameOf(channel) },
    ...(message ? { message: messageObject(state, message) } : {}),
    state: { values: {} },
    response_url: words.responseUrl,
    actions: [
      { action_id, block_id: button.blockId, text, value, style, url, confirm, type, action_ts: state.nextTs() },
    ],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** The JSON body of an app_mention event: https://docs.slack.dev/reference/events/app_mention */
export function mentionBody(message: Message, channel: Channel): string {
  const seconds = Math.floor(Number(message.ts));
  const authorization = { team_id: TEAM.id, user_id: APP.userId, is_bot: true, is_enterprise_install: false };
  return JSON.stringify({
    token: LEGACY_TOKEN,
    team_id: TEAM.id,
    api_app_id: APP.id,
    type: 'event_callback',
    event_id: `Ev${randomBytes(6).toString('hex').toUpperCase()}`,
    event_time: seconds,
    authorizations: [{ enterprise_id: null, ...authorization }],
    is_ext_shared_channel: channel.shared,
    event_context: `4-${randomBytes(8).toString('hex')}`,
    event: {
      type: 'app_mention',
      user: message.user,
      text: message.text,
      ts: message.ts,
      team: TEAM.id,
      channel: channel.id,
      event_ts: message.ts,
      ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    },
  });
}
