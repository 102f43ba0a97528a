import { z } from 'zod';
import type { Click, TypedLine } from '../../flow/ports.ts';
import type { ButtonAction } from '../../model/notice.ts';
import { CHANNEL_ID, TS, USER_ID, writeMessage, writeReplyTo } from './thread.ts';

const User = z.string().regex(USER_ID);
const Channel = z.string().regex(CHANNEL_ID);
const Team = z.string().optional().nullable();

/** https://docs.slack.dev/interactivity/implementing-slash-commands */
export const SlashCommand = z.object({
  user_id: User,
  user_name: z.string().default(''),
  team_id: Team,
  enterprise_id: Team,
  channel_id: Channel,
  channel_name: z.string().optional(),
  text: z.string().default(''),
  trigger_id: z.string().min(1),
  response_url: z.string().optional(),
});
export type SlashCommand = z.infer<typeof SlashCommand>;

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export const BlockActions = z.object({
  user: z.object({ id: User, team_id: Team, name: z.string().optional(), username: z.string().optional() }),
  team: z.object({ id: z.string(), enterprise_id: Team }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  channel: z.object({ id: Channel, name: z.string().optional() }).nullish(),
  container: z.object({ channel_id: Channel.optional(), thread_ts: z.string().regex(TS).optional() }).nullish(),
  trigger_id: z.string().min(1),
  response_url: z.string().optional(),
  actions: z.tuple([z.object({ action_id: z.string(), value: z.string().optional() })]),
});
export type BlockActions = z.infer<typeof BlockActions>;

/** https://docs.slack.dev/reference/events/app_mention */
export const Mention = z.object({
  team_id: Team,
  enterprise_id: Team,
  context_team_id: Team,
  authorizations: z.array(z.object({ team_id: Team, enterprise_id: Team })).nullish(),
  event_id: z.string().min(1),
  event: z.object({
    user: User,
    user_team: Team,
    team: Team,
    bot_id: z.string().optional(),
    text: z.string(),
    channel: Channel,
    ts: z.string().regex(TS),
    thread_ts: z.string().regex(TS).optional(),
  }),
});
export type Mention = z.infer<typeof Mention>;

/** Private chats have ids of their own kind. */
const channelOrNull = (id: string | null | undefined): string | null => (id?.startsWith('D') === false ? id : null);

/** A slash command as a typed line; it can't be typed in a thread. */
export function lineOf(command: SlashCommand, at: number): TypedLine {
  const channel = channelOrNull(command.channel_id);
  return {
    delivery: `slack:${command.trigger_id}`,
    person: {
      platform: 'slack',
      id: command.user_id,
      tenant: command.team_id ?? command.enterprise_id ?? '',
      name: command.user_name || command.user_id,
    },
    channel,
    place: channel,
    thread: null,
    text: command.text,
    replyTo: writeReplyTo({
      url: command.response_url ?? null,
      channel: command.channel_id,
      person: command.user_id,
      thread: null,
      at,
    }),
  };
}

/** A mention of the bot as a typed line. */
export function lineOfMention(mention: Mention, botUser: string | null, at: number): TypedLine {
  const { user, user_team, team, text, channel, thread_ts } = mention.event;
  const where = channelOrNull(channel);
  return {
    delivery: `slack:${mention.event_id}`,
    person: { platform: 'slack', id: user, tenant: user_team ?? team ?? '', name: user },
    channel: where,
    place: where,
    thread: thread_ts === undefined ? null : writeMessage({ channel, ts: thread_ts }),
    text: typedText(text, botUser),
    replyTo: writeReplyTo({ url: null, channel, person: user, thread: thread_ts ?? null, at }),
  };
}

/** A click on one of our buttons. Who clicked is what Slack says; what the button carries names a record, no more. */
export function clickOf(body: BlockActions, action: ButtonAction, id: string, at: number): Click {
  const { user, container } = body;
  const channel = body.channel?.id ?? container?.channel_id ?? null;
  return {
    delivery: `slack:${body.trigger_id}`,
    person: { platform: 'slack', id: user.id, tenant: user.team_id ?? '', name: user.name ?? user.username ?? user.id },
    channel: channelOrNull(channel),
    action,
    id,
    words: null,
    replyTo: writeReplyTo({
      url: body.response_url ?? null,
      channel,
      person: user.id,
      thread: container?.thread_ts ?? null,
      at,
    }),
  };
}

/**
 * What a person typed, out of a message: without the call of the bot, automatic links undone where they say what they
 * link to, and the three escaped characters as they were.
 */
export function typedText(message: string, botUser: string | null): string {
  const call = botUser === null ? /^\s*<@[UW][A-Z0-9]+(\|[^>]*)?>/ : new RegExp(`<@${botUser}(\\|[^>]*)?>`);
  return message
    .replace(call, '')
    .replace(/<(?:https?:\/\/|mailto:)([^|<>\s]+)\|([^<>]*)>/g, (whole, address, label) =>
      address === label ? label : whole,
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}
