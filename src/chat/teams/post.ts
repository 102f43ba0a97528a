import { ChatError } from '../../errors.ts';
import type { Chat, Posted } from '../../flow/ports.ts';
import type { Account } from './account.ts';
import type { Backoff } from './backoff.ts';
import type { Channels } from './channels.ts';
import type { Connector } from './connector.ts';
import { ConnectorRefusal, chatError, type Doing } from './failures.ts';
import type { GroupLists } from './group-lists.ts';
import type { Identify } from './identify.ts';
import { activityOf } from './message.ts';
import type { Places } from './places.ts';
import type { PrivateChats } from './private-chats.ts';
import { type Outgoing, renderCard, renderReply } from './render.ts';
import {
  channelOf,
  isBareChannel,
  readConversation,
  readDirect,
  readMessage,
  writeDirect,
  writeMessage,
} from './thread.ts';
import type { Whisper } from './whisper.ts';

/**
 * Microsoft's limits per bot and channel, which threads, replies and edits share:
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
const PACE: Chat['pace'] = {
  posts: [
    { count: 7, within: 1_000 },
    { count: 8, within: 2_000 },
    { count: 60, within: 30_000 },
    { count: 1_800, within: 3_600_000 },
  ],
  edits: 'shared',
};

/** Teams behind the port that the spine speaks to. */
export function createPost(deps: {
  connector: Connector;
  places: Places;
  channels: Channels;
  identify: Identify;
  whisper: Whisper;
  chats: PrivateChats;
  account: Account;
  backoff: Backoff;
  lists: GroupLists;
}): Chat {
  const { connector, places, channels, identify, whisper, chats, account, backoff, lists } = deps;

  /** Runs a call about a conversation; what fails is ours from here on, with a wait that grows. */
  async function call<T>(conversation: string, doing: Doing, work: (serviceUrl: string) => Promise<T>): Promise<T> {
    const channel = channelOf(conversation);
    try {
      const outcome = await work(await places.serviceUrl(channel));
      backoff.wentWell(channel);
      return outcome;
    } catch (cause) {
      if (cause instanceof ConnectorRefusal && cause.status === 401) account.lost();
      const error = chatError(cause, doing);
      const again = error.code === 'chat_throttled' || error.code === 'chat_unreachable';
      if (!again || error.retryAfter !== null) throw error;
      throw new ChatError(error.code as 'chat_throttled' | 'chat_unreachable', error.message, {
        cause,
        retryAfter: backoff.next(channel),
      });
    }
  }

  async function post(conversation: string, outgoing: Outgoing): Promise<Posted> {
    const activity = activityOf(outgoing);
    if (isBareChannel(conversation)) {
      const made = await call(conversation, 'post', (url) => connector.begin(url, conversation, activity));
      const message = { conversation: made.conversation, activity: made.id };
      return { thread: made.conversation, message: writeMessage(message) };
    }
    const id = await call(conversation, 'post', (url) => connector.send(url, conversation, activity));
    return { thread: conversation, message: writeMessage({ conversation, activity: id }) };
  }

  /** Somebody's private chat with the bot. Who never met it in a channel of the policy can't be found. */
  async function privately(person: string): Promise<string> {
    await identify({ id: person, tenant: '' }, { fresh: false });
    const mri = identify.mriOf(person);
    if (mri === null) throw new ChatError('chat_refused', 'Teams doesn’t say how to reach this person in private.');
    return call(mri, 'post', (url) => chats.with(url, mri));
  }

  return {
    platform: 'teams',
    pace: PACE,
    isShared: channels.isShared,
    async post(place, card) {
      const person = readDirect(place);
      const conversation = person === null ? readConversation(place) : await privately(person);
      const outgoing = renderCard(card, { mriOf: identify.mriOf });
      try {
        return await post(conversation, outgoing);
      } catch (error) {
        // Somebody deleted the command's message: the card begins a thread of its own.
        const threadGone =
          error instanceof ChatError && error.code === 'chat_gone' && conversation !== channelOf(conversation);
        if (!threadGone) throw error;
        return post(channelOf(conversation), outgoing);
      }
    },
    async edit(message, card) {
      const { conversation, activity } = readMessage(message);
      const outgoing = activityOf(renderCard(card, { mriOf: identify.mriOf }));
      await call(conversation, 'other', (url) => connector.update(url, conversation, activity, outgoing));
    },
    async reply(thread, reply) {
      await post(readConversation(thread), renderReply(reply));
    },
    answer: whisper,
    lookUp: identify,
    placeIn: (channel) => channel,
    direct: (person) => ({ channel: `@${person}`, place: writeDirect(person) }),
    standsIn: (message, chat) => chat !== null && !chat.startsWith('19:') && readMessage(message).conversation === chat,
    channelName: channels.nameOf,
    listed: lists.listed,
  };
}
