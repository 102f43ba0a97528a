import type { ChatError, ErrorCode } from '../../errors.ts';

/** What a refusal of Slack means here. */
export interface Refused {
  code: Extract<ErrorCode, `chat_${string}`>;
  /** Why, and who can do what about it. */
  message: string;
  holdsFor?: ChatError['holdsFor'];
}

const TOKEN_ANEW =
  'Whoever runs this bot has to install the app again and set SLACK_BOT_TOKEN anew; until then I can write nowhere in Slack.';
const token = (message: string): Refused => ({ code: 'chat_refused', message, holdsFor: 'everything' });
const channel = (message: string): Refused => ({ code: 'chat_refused', message, holdsFor: 'channel' });

/**
 * Refusals that have an answer of their own, as docs/slack.md lists them. Codes: https://docs.slack.dev/reference/methods/chat.postMessage
 * and https://docs.slack.dev/reference/methods/chat.update
 */
export const REFUSALS: Readonly<Record<string, Refused>> = {
  not_in_channel: {
    code: 'chat_not_in_channel',
    message: 'I’m not in that channel. Anybody in it can invite me with /invite @Live Response.',
    holdsFor: 'channel',
  },
  channel_not_found: {
    code: 'chat_not_in_channel',
    message:
      'I can’t see that channel. If it is private, somebody in it can invite me with /invite @Live Response; if it was deleted, whoever runs this bot has to name another in the policy.',
    holdsFor: 'channel',
  },
  is_archived: channel(
    'The channel is archived. Somebody who was in it can unarchive it, or whoever runs this bot names another in the policy.',
  ),
  restricted_action: channel('A setting of the workspace keeps me from posting there. A workspace admin can allow it.'),
  restricted_action_read_only_channel: channel(
    'Only some may post in that channel. A workspace admin or a manager of the channel can add me to those who may (the channel’s settings, posting permissions).',
  ),
  // Of cards alone: replies are what such a channel takes.
  restricted_action_thread_only_channel: {
    code: 'chat_refused',
    message:
      'That channel takes replies in threads only, and a card begins a thread. A workspace admin or a manager of the channel can let me post there.',
  },
  restricted_action_thread_locked: {
    code: 'chat_refused',
    message: 'The thread is locked. A workspace admin, or who locked it, can unlock it.',
  },
  cannot_reply_to_message: {
    code: 'chat_gone',
    message: 'Slack lets nobody reply in the thread of its card (deleted, perhaps). Nobody has to do anything.',
  },
  thread_not_found: {
    code: 'chat_gone',
    message: 'The old one with its thread isn’t there any more. Nobody has to do anything.',
  },
  message_not_found: {
    code: 'chat_gone',
    message: 'The old one isn’t there any more (deleted, perhaps). Nobody has to do anything.',
  },
  edit_window_closed: {
    code: 'chat_gone',
    message:
      'Slack doesn’t let me change the old one any more. A workspace admin can allow messages to be edited at any time; else there will be a fresh card at each change.',
  },
  cant_update_message: {
    code: 'chat_gone',
    message:
      'Slack doesn’t take the old one for mine (the app was made anew, perhaps), so it stays as it is. Nobody has to do anything.',
  },
  msg_too_long: tooLong('The message is too long for Slack, even in short.'),
  msg_blocks_too_long: tooLong('The message is too long for Slack, even in short.'),
  invalid_blocks: tooLong('Slack doesn’t take the message in any form I have.'),
  token_revoked: token(`My token for Slack was revoked. ${TOKEN_ANEW}`),
  account_inactive: token(`My account in Slack is switched off. ${TOKEN_ANEW}`),
  not_authed: token(`Slack doesn’t accept my token (not_authed). ${TOKEN_ANEW}`),
  invalid_auth: token(`Slack doesn’t accept my token (invalid_auth). ${TOKEN_ANEW}`),
  token_expired: token(`My token for Slack has expired. ${TOKEN_ANEW}`),
  org_login_required: token(`Slack wants the organisation to sign in anew (org_login_required). ${TOKEN_ANEW}`),
};

function tooLong(message: string): Refused {
  return { code: 'chat_too_long', message: `${message} Ask for less at once, and tell whoever runs this bot.` };
}
