import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Chat, Posted } from '../../flow/ports.ts';
import type { Card } from '../../model/notice.ts';
import { SLACK_CONVERSATION } from '../../model/slack-ids.ts';
import type { GroupLists } from '../group-lists.ts';
import type { Channels } from './channels.ts';
import { chatError, type Doing, isTokenTrouble } from './failures.ts';
import type { Identify } from './identify.ts';
import { type Rendered, renderCard, renderReply } from './render.ts';
import { readMessage, TS, writeMessage } from './thread.ts';
import type { Whisper } from './whisper.ts';
import type { Workspace } from './workspace.ts';

/**
 * Slack's limits: one message a second in a channel (bursts are tolerated, not promised), edits in tier 3, about 50 a minute:
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
const PACE: Chat['pace'] = {
  posts: [{ count: 1, within: 1000 }],
  edits: [{ count: 45, within: 60_000 }],
};

/** Nothing in a message becomes a preview, a mention or a link that isn't written as one. */
const PLAIN = { unfurl_links: false, unfurl_media: false, parse: 'none', link_names: false } as const;

const Sent = z.object({ channel: z.string().regex(SLACK_CONVERSATION), ts: z.string().regex(TS) });

/** Slack behind the port that the spine speaks to. */
export function createPost(deps: {
  client: WebClient;
  channels: Channels;
  identify: Identify;
  whisper: Whisper;
  workspace: Workspace;
  lists: Pick<GroupLists, 'listed'>;
}): Chat {
  const { client, channels, identify, whisper, workspace, lists } = deps;

  async function call<T>(doing: Doing, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isTokenTrouble(error)) workspace.lost();
      throw chatError(error, doing);
    }
  }

  async function send(
    channel: string,
    rendered: Rendered,
    more: { thread_ts?: string; metadata?: Metadata },
  ): Promise<Posted> {
    const answer = await call('post', () =>
      client.chat.postMessage({ channel, ...PLAIN, text: rendered.text, ...blocksOf(rendered), ...more }),
    );
    const sent = Sent.safeParse(answer);
    if (!sent.success)
      throw new ChatError('chat_unclear', "Slack didn't say which message it made.", { cause: sent.error });
    const message = writeMessage(sent.data);
    return { thread: message, message };
  }

  return {
    platform: 'slack',
    pace: PACE,
    isShared: channels.isShared,
    post: (place, card) => send(place, renderCard(card), { metadata: metadataOf(card) }),
    async edit(message, card) {
      const { channel, ts } = readMessage(message);
      const { text, blocks } = renderCard(card);
      // Text without blocks would remove the blocks, so both go, always.
      await call('other', () => client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false }));
    },
    async reply(thread, reply) {
      const { channel, ts } = readMessage(thread);
      await send(channel, renderReply(reply), { thread_ts: ts });
    },
    answer: whisper,
    lookUp: identify,
    placeIn: (channel) => channel,
    // Posting to a person's id reaches their chat with the app (https://docs.slack.dev/reference/methods/chat.postMessage).
    direct: (person) => ({ channel: `@${person}`, place: person }),
    standsIn: (message, chat) => chat?.startsWith('D') === true && readMessage(message).channel === chat,
    channelName: channels.nameOf,
    listed: lists.listed,
  };
}

interface Metadata {
  event_type: 'liveresponse_request';
  event_payload: { request_id: string };
}

/** Readable by every app of the workspace, so it is the id that the card shows anyway, and nothing else. */
function metadataOf(card: Card): Metadata {
  return { event_type: 'liveresponse_request', event_payload: { request_id: card.requestId } };
}

/** Slack refuses an empty list of blocks in a new message. */
function blocksOf({ blocks }: Rendered): { blocks?: Rendered['blocks'] } {
  return blocks.length === 0 ? {} : { blocks };
}
