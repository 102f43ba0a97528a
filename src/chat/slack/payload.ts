import { z } from 'zod';
import type { Click, Posted, TypedLine } from '../../flow/ports.ts';
import type { ButtonAction } from '../../model/notice.ts';
import { SLACK_CONVERSATION, SLACK_USER } from '../../model/slack-ids.ts';
import { TS, writeMessage, writeReplyTo } from './thread.ts';

const User = z.string().regex(SLACK_USER);
const Channel = z.string().regex(SLACK_CONVERSATION);
/** What may be missing, null or empty without a delivery being unreadable. */
const Word = z.string().nullish();
const Thread = z.string().regex(TS).nullish().catch(null);

/** https://docs.slack.dev/interactivity/implementing-slash-commands */
export const SlashCommand = z.object({
  user_id: User,
  user_name: Word,
  team_id: Word,
  enterprise_id: Word,
  channel_id: Channel,
  channel_name: Word,
  text: Word,
  trigger_id: Word,
  response_url: Word,
});
export type SlashCommand = z.infer<typeof SlashCommand>;

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export const BlockActions = z.object({
  user: z.object({ id: User, team_id: Word, name: Word, username: Word }),
  team: z.object({ id: Word, enterprise_id: Word }).nullish(),
  enterprise: z.object({ id: Word }).nullish(),
  channel: z.object({ id: Channel, name: Word }).nullish(),
  container: z
    .object({
      channel_id: Channel.nullish(),
      thread_ts: Thread,
      message_ts: Thread,
      is_ephemeral: z.boolean().nullish().catch(null),
    })
    .nullish(),
  /** Of what is shown to one person only, Slack sends none. */
  message: z.object({ ts: Thread }).nullish().catch(null),
  trigger_id: Word,
  response_url: Word,
  // One click, one action; Bolt chose its listener by the first.
  actions: z.tuple([z.object({ action_id: z.string(), value: Word })], z.unknown()),
});
export type BlockActions = z.infer<typeof BlockActions>;

/** Whether an event is by a bot. Asked before anything else, since such an event need not name a person. */
export const ByBot = z.object({ event: z.object({ bot_id: z.string().min(1) }) });

/** https://docs.slack.dev/reference/events/app_mention */
export const Mention = z.object({
  team_id: Word,
  enterprise_id: Word,
  context_team_id: Word,
  authorizations: z.array(z.object({ team_id: Word, enterprise_id: Word })).nullish(),
  event_id: Word,
  event: z.object({
    user: User,
    user_team: Word,
    team: Word,
    text: Word,
    channel: Channel,
    ts: Word,
    thread_ts: Thread,
  }),
});
export type Mention = z.infer<typeof Mention>;

/** What is taken once: by Slack's own id of it, else by the proof that came with the bytes. */
const keyOf = (id: string | null | undefined, proof: string): string => `slack:${id || proof}`;

/** Private chats have ids of their own kind. */
const channelOrNull = (id: string | null | undefined): string | null => (id?.startsWith('D') === false ? id : null);

/** A slash command as a typed line; it can't be typed in a thread. */
export function lineOf(command: SlashCommand, proof: string, at: number): TypedLine {
  const channel = channelOrNull(command.channel_id);
  return {
    delivery: keyOf(command.trigger_id, proof),
    person: {
      platform: 'slack',
      id: command.user_id,
      tenant: command.team_id || command.enterprise_id || '',
      name: command.user_name || command.user_id,
    },
    channel,
    place: channel,
    thread: null,
    text: command.text ?? '',
    replyTo: writeReplyTo({
      url: command.response_url || null,
      channel: command.channel_id,
      person: command.user_id,
      thread: null,
      at,
    }),
  };
}

/** A mention of the bot as a typed line. */
export function lineOfMention(mention: Mention, botUser: string | null, proof: string, at: number): TypedLine {
  const { user, user_team, team, text, channel, ts, thread_ts } = mention.event;
  const where = channelOrNull(channel);
  return {
    // Delivered again, an event has a new proof, but it is the same message.
    delivery: keyOf(mention.event_id, ts ? `${channel}:${ts}` : proof),
    person: { platform: 'slack', id: user, tenant: user_team || team || '', name: user },
    channel: where,
    place: where,
    thread: thread_ts ? writeMessage({ channel, ts: thread_ts }) : null,
    text: typedText(text ?? '', botUser),
    replyTo: writeReplyTo({ url: null, channel, person: user, thread: thread_ts ?? null, at }),
  };
}

/**
 * A click on one of our buttons. Who clicked is what Slack says; what the button carries names a record, no more. A private
 * chat is a channel here: a decision made there must not pass for one made on the card.
 */
export function clickOf(body: BlockActions, action: ButtonAction, proof: string, at: number): Click {
  const { user, team, enterprise, container } = body;
  const channel = body.channel?.id ?? container?.channel_id ?? null;
  return {
    delivery: keyOf(body.trigger_id, proof),
    person: {
      platform: 'slack',
      id: user.id,
      tenant: user.team_id || team?.id || enterprise?.id || '',
      name: user.name || user.username || user.id,
    },
    channel,
    action,
    ...shownOn(body, channel),
    id: body.actions[0].value ?? '',
    words: null,
    openUntil: null,
    replyTo: writeReplyTo({
      url: body.response_url || null,
      channel,
      person: user.id,
      thread: container?.thread_ts ?? null,
      at,
    }),
  };
}

/** The message that was clicked on, where it begins a thread in a channel: a card does. */
function shownOn({ container, message }: BlockActions, channel: string | null): { shownOn?: Posted } {
  const ts = container?.message_ts;
  const begins = !container?.thread_ts || container.thread_ts === ts;
  if (!ts || message?.ts !== ts || container?.is_ephemeral === true || !begins || !channelOrNull(channel)) return {};
  const written = writeMessage({ channel: channel ?? '', ts });
  return { shownOn: { thread: written, message: written } };
}

/**
 * What a person typed, out of a message: without the call of the bot, automatic links undone where they say what they
 * link to, and the three escaped characters as they were.
 */
export function typedText(message: string, botUser: string | null): string {
  const call = botUser === null ? /^\s*<@[UW][A-Z0-9_]+(\|[^>]*)?>/ : new RegExp(`<@${botUser}(\\|[^>]*)?>`);
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
