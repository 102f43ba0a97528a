import { ChatError } from '../../src/errors.ts';
import type { Chat, Manner, Posted } from '../../src/flow/ports.ts';
import { type Card, type PrivateAnswer, plain, type Reply } from '../../src/model/notice.ts';
import type { Person, Standing } from '../../src/model/person.ts';

/** A chat platform that remembers what it was asked to show, and refuses on demand. */
export interface FakeChat extends Chat {
  /** The newest state of each posted card, by message. */
  cards: Map<string, Card>;
  posts: { place: string; card: Card; posted: Posted }[];
  edits: { message: string; card: Card }[];
  replies: { thread: string; reply: Reply }[];
  answers: { to: string; answer: PrivateAnswer }[];
  /** What people would read, in order: thread replies as plain words. */
  said(): string[];
  /** Private answers as plain words. */
  whispered(): string[];
  /** The next calls of this method fail with these, one each. */
  fail(method: 'post' | 'edit' | 'reply' | 'answer' | 'lookUp' | 'isShared', ...errors: ChatError[]): void;
  /** The directory: members unless said. */
  standings: Map<string, Standing>;
  looks: { id: string; fresh: boolean }[];
  /** Channels that other organisations read. */
  shared: Set<string>;
  /** Whether it answers at all. */
  up: boolean;
  /** What looking for a message shows, by the mark it was sent with; null: the bot may not look. */
  arrived: Map<string, Posted> | null;
  /** How each message was sent, in order: posts, edits and replies. */
  manners: Manner[];
}

const NAMES: Record<string, string> = {
  U0ANA: 'Ana Analyst',
  U0LEA: 'Lea Lead',
  U0LEO: 'Leo Lead',
  U0GUS: 'Gus Guest',
};

/** Creates the fake. Limits are so wide that nothing waits. */
export function fakeChat(): FakeChat {
  const failures = new Map<string, ChatError[]>();
  let count = 0;
  const meet = (method: string): void => {
    const error = failures.get(method)?.shift();
    if (error !== undefined) throw error;
  };
  const chat: FakeChat = {
    platform: 'slack',
    pace: { posts: [{ count: 10_000, within: 1_000 }], edits: [{ count: 10_000, within: 1_000 }] },
    cards: new Map(),
    posts: [],
    edits: [],
    replies: [],
    answers: [],
    standings: new Map(),
    looks: [],
    shared: new Set(),
    up: true,
    arrived: null,
    manners: [],
    isUp: async () => chat.up,
    lookFor: async ({ mark }) => (chat.arrived === null ? 'not_told' : (chat.arrived.get(mark) ?? 'not_there')),
    listed: () => new Map(),
    said: () => chat.replies.map(({ reply }) => plain(reply.text)),
    whispered: () => chat.answers.map(({ answer }) => answer.lines.map(plain).join('\n')),
    fail: (method, ...errors) => void failures.set(method, [...(failures.get(method) ?? []), ...errors]),
    post: async (place, card, manner = {}) => {
      chat.manners.push(manner);
      meet('post');
      count += 1;
      const posted = { thread: `thread-${count}`, message: `message-${count}` };
      chat.posts.push({ place, card, posted });
      chat.cards.set(posted.message, card);
      return posted;
    },
    edit: async (message, card, manner = {}) => {
      chat.manners.push(manner);
      meet('edit');
      chat.edits.push({ message, card });
      chat.cards.set(message, card);
    },
    reply: async (thread, reply, manner = {}) => {
      chat.manners.push(manner);
      meet('reply');
      chat.replies.push({ thread, reply });
    },
    answer: async (to, answer) => {
      meet('answer');
      chat.answers.push({ to, answer });
    },
    lookUp: async ({ id }, { fresh }): Promise<Person> => {
      meet('lookUp');
      chat.looks.push({ id, fresh });
      const standing = chat.standings.get(id) ?? 'member';
      return { platform: 'slack', id, tenant: 'T0CONTOSO', name: NAMES[id] ?? `Person ${id}`, standing };
    },
    isShared: async (channel) => {
      meet('isShared');
      return chat.shared.has(channel);
    },
    placeIn: (channel) => channel,
    direct: (person) => ({ channel: `@${person}`, place: `@${person}` }),
    standsIn: (message, channel) =>
      channel !== null && chat.posts.some((post) => post.posted.message === message && post.place === channel),
    channelName: (channel) => `#${channel.toLowerCase()}`,
  };
  return chat;
}

export const chatTrouble = (code: ChatError['code'], retryAfter: number | null = null): ChatError =>
  new ChatError(code as 'chat_unclear', `trouble: ${code}`, { retryAfter });
