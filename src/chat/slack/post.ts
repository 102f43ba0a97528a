import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Chat, Manner, Posted } from '../../flow/ports.ts';
import type { Card } from '../../model/notice.ts';
import { SLACK_CONVERSATION } from '../../model/slack-ids.ts';
import type { GroupLists } from '../group-lists.ts';
import type { Channels } from './channels.ts';
import { chatError, type Doing, isTokenTrouble } from './failures.ts';
import { type Find, isUp } from './find.ts';
import type { Identify } from './identify.ts';
import { plainCard, plainReply } from './plain-form.ts';
import { type Rendered, renderCard, renderReply } from './render.ts';
import { readMessage, TS, writeMessage } from './thread.ts';
import type { Whisper } from './whisper.ts';
import type { Workspace } from './workspace.ts';

/**
 * Slack's limits: one message a second in a channel (bursts are tolerated, not promised), edits in tier 3, about 50 a minute over the
 * whole workspace: https://docs.slack.dev/apis/web-api/rate-limits
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
  find: Find;
  workspace: Workspace;
  lists: Pick<GroupLists, 'listed'>;
}): Chat {
  const { client, channels, identify, whisper, find, workspace, lists } = deps;

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
    more: { thread_ts?: string; metadata: Metadata | undefined },
  ): Promise<Posted> {
    const { metadata, ...place } = more;
    const answer = await call('post', () =>
      client.chat.postMessage({
        ...{ channel, ...PLAIN, text: rendered.text, ...blocksOf(rendered), ...place },
        ...(metadata === undefined ? {} : { metadata }),
      }),
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
    post: (place, card, manner = {}) => send(place, formOf(card, manner), { metadata: markOfCard(card, manner) }),
    async edit(message, card, manner = {}) {
      const { channel, ts } = readMessage(message);
      const { text, blocks } = formOf(card, manner);
      // Text without blocks would remove the blocks, so both go, always.
      await call('other', () => client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false }));
    },
    async reply(thread, reply, manner = {}) {
      const { channel, ts } = readMessage(thread);
      const rendered = manner.plain === true ? plainReply(reply) : renderReply(reply);
      await send(channel, rendered, { thread_ts: ts, metadata: markOfReply(manner) });
    },
    lookFor: find,
    isUp: () => isUp(client),
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
  event_type: 'liveresponse_request' | 'liveresponse_reply';
  event_payload: { request_id?: string; mark?: string };
}

/** Readable by every app of the workspace, so it is the id that the card shows anyway, the row's id, and nothing else. */
function markOfCard(card: Card, { mark }: Manner): Metadata {
  const event_payload = { request_id: card.requestId, ...(mark === undefined ? {} : { mark }) };
  return { event_type: 'liveresponse_request', event_payload };
}

function markOfReply({ mark }: Manner): Metadata | undefined {
  return mark === undefined ? undefined : { event_type: 'liveresponse_reply', event_payload: { mark } };
}

function formOf(card: Card, { plain }: Manner): Rendered {
  return plain === true ? plainCard(card) : renderCard(card);
}

/** Slack refuses an empty list of blocks in a new message. */
function blocksOf({ blocks }: Rendered): { blocks?: Rendered['blocks'] } {
  return blocks.length === 0 ? {} : { blocks };
}
