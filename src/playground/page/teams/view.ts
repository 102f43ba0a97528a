import { z } from 'zod';

const PersonShape = z.object({
  id: z.string(),
  mri: z.string(),
  name: z.string(),
  role: z.string(),
});

const ConversationShape = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['channel', 'groupChat', 'personal']),
  membership: z.enum(['standard', 'private', 'shared']),
  members: z.array(z.string()),
  installed: z.boolean(),
});

const MessageShape = z.object({
  id: z.string(),
  conversation: z.string(),
  /** The message that began its thread; null for one that begins a thread, and in chats. */
  root: z.string().nullable(),
  from: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  text: z.string().nullable(),
  textFormat: z.string().nullable(),
  summary: z.string().nullable(),
  card: z.unknown(),
  edits: z.number(),
});

/** The Teams side of the view: see ../../teams-channel/view.ts. */
export const TeamsView = z.object({
  team: z.object({ id: z.string(), name: z.string() }),
  bot: z.object({ id: z.string(), name: z.string() }),
  people: z.array(PersonShape),
  conversations: z.array(ConversationShape),
  messages: z.array(MessageShape),
  personalViews: z.array(z.object({ message: z.string(), person: z.string(), card: z.unknown() })),
  notices: z.array(
    z.object({ person: z.string(), message: z.string(), text: z.string(), error: z.boolean(), at: z.number() }),
  ),
  dialogs: z.array(z.object({ person: z.string(), message: z.string(), title: z.string(), card: z.unknown() })),
  deliveries: z.array(
    z.object({ kind: z.string(), what: z.string(), person: z.string().nullable(), status: z.number().nullable() }),
  ),
});

export type TeamsView = z.output<typeof TeamsView>;
export type Person = z.output<typeof PersonShape>;
export type Conversation = z.output<typeof ConversationShape>;
export type Message = z.output<typeof MessageShape>;
export type Notice = TeamsView['notices'][number];
export type Dialog = TeamsView['dialogs'][number];

/** Who wrote a message, in the bot's case too. */
export const BOT = 'bot';

/** The conversations that a person is in, chats last. */
export function conversationsOf(teams: TeamsView, person: string): Conversation[] {
  const mine = teams.conversations.filter(({ members }) => members.includes(person));
  return [...mine.filter(({ kind }) => kind === 'channel'), ...mine.filter(({ kind }) => kind !== 'channel')];
}

/** What stands in a conversation itself: the posts of a channel, all messages of a chat. */
export const postsIn = (teams: TeamsView, conversation: string): Message[] =>
  teams.messages.filter((one) => one.conversation === conversation && one.root === null).sort(byTime);

/** The replies below a post. */
export const repliesTo = (teams: TeamsView, post: Message): Message[] =>
  teams.messages.filter((one) => one.conversation === post.conversation && one.root === post.id).sort(byTime);

/** The card that a person sees: theirs alone where the bot gave them one, else everybody's. Null for none. */
export function cardFor(teams: TeamsView, message: Message, person: string): unknown {
  const own = teams.personalViews.find((one) => one.message === message.id && one.person === person);
  return own?.card ?? message.card ?? null;
}

/** What Teams told this person alone about a message, the newest only. */
export const noticeFor = (teams: TeamsView, message: Message, person: string): Notice | null =>
  teams.notices.findLast((one) => one.message === message.id && one.person === person) ?? null;

/** The dialog that is open for a person. */
export const dialogFor = (teams: TeamsView, person: string): Dialog | null =>
  teams.dialogs.findLast((one) => one.person === person) ?? null;

/** Whether the card has a view of their own for some: then Teams asks when somebody looks at it, if they are among them. */
export function asksForRefresh({ card }: Message): boolean {
  return typeof card === 'object' && card !== null && 'refresh' in card;
}

/** Who wrote a message. Somebody whom the tenant doesn't list is called by their id. */
export function authorOf(teams: TeamsView, message: Message): { id: string; name: string; bot: boolean } {
  if (message.from === BOT) return { id: BOT, name: teams.bot.name, bot: true };
  const known = teams.people.find(({ id }) => id === message.from);
  return { id: message.from, name: known?.name ?? message.from, bot: false };
}

/** `soc`, a group chat's name, or the bot's for the chat with it. */
export const titleOf = (teams: TeamsView, conversation: Conversation): string =>
  conversation.kind === 'personal' ? teams.bot.name : conversation.name;

const byTime = (a: Message, b: Message): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** The newest message of each conversation, replies included. */
export const latestIn = (teams: TeamsView, conversations: Conversation[]): Map<string, string> =>
  new Map(
    conversations.map(({ id }) => [
      id,
      teams.messages.reduce((last, one) => (one.conversation === id && one.id > last ? one.id : last), ''),
    ]),
  );

/** What a message says in plain words, for whoever doesn't see it. */
export function wordsOf(message: Message): string {
  const words = message.summary ?? message.text;
  return words === null ? 'sent a card' : words.replaceAll(/<[^<>]*>/g, '').trim();
}
