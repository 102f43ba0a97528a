import { checkHomeView } from '../../chat/slack/home/check.ts';
import { fromJson } from './content.ts';
import { viewObject } from './modal-methods.ts';
import { APP, TEAM } from './people.ts';
import type { State } from './state.ts';

type Answer = Record<string, unknown>;

/** A view as JSON may be so long, in bytes. */
const LARGEST = 250_000;

/** https://docs.slack.dev/reference/methods/views.publish */
export function publishView(state: State, args: Answer): Answer {
  const view = fromJson(args.view);
  const problems = checkHomeView(view);
  if (problems.length > 0) {
    return { error: 'invalid_arguments', response_metadata: { messages: problems.map((one) => `[ERROR] ${one}`) } };
  }
  if (Buffer.byteLength(JSON.stringify(view)) > LARGEST) return { error: 'view_too_large' };
  const member = state.member(String(args.user_id ?? ''));
  if (member === null || member.bot || member.deleted) return { error: 'user_not_found' };
  if (args.hash !== undefined && args.hash !== state.homes.of(member.id)?.hash) return { error: 'hash_conflict' };
  const { blocks, ...rest } = view as { blocks: object[] };
  const named = { ...rest, blocks: blocks.map((block, index) => ({ block_id: `b${index}x`, ...block })) };
  return { view: viewObject(state.homes.publish(member.id, named)) };
}

/** https://docs.slack.dev/reference/methods/chat.getPermalink */
export function getPermalink(state: State, args: Answer): Answer {
  const channel = state.channel(String(args.channel ?? ''));
  if (channel === null || (channel.kind !== 'public' && !channel.members.includes(APP.userId))) {
    return { error: 'channel_not_found' };
  }
  const message = state.message(channel.id, String(args.message_ts ?? ''));
  if (message === null) return { error: 'message_not_found' };
  const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  const permalink = `https://${TEAM.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`;
  return { channel: channel.id, permalink };
}
