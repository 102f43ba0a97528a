import { messageActivity, type Scene, updateActivities } from './activities.ts';
import type { Deliveries, Oddity } from './deliver.ts';
import { typed } from './mentions.ts';
import type { State } from './state.ts';
import type { TeamsConversation, TeamsDelivery, TeamsMessage, TeamsPerson } from './view.ts';

/** Words of a person. */
export interface Say {
  /** Entra object id. */
  person: string;
  conversation: string;
  /** `@Live Response`, or the @name of a member, becomes a real mention. */
  text: string;
  /** The message that began the thread; a new one begins without it. */
  root?: string | null;
  /** In place of the HTML that the client would send beside the text. */
  html?: string;
  /** `none` leaves an @name as plain words; as a client does where nobody was chosen from the list. */
  mentions?: 'real' | 'none';
  oddity?: Oddity;
}

/** The message, and how the bot answered; null where the bot isn't told of it. */
export interface Said {
  message: TeamsMessage;
  delivery: TeamsDelivery | null;
}

export interface TalkDeps {
  state: State;
  deliveries: Deliveries;
  serviceUrl: () => string;
}

/** Somebody in a conversation; throws where either is unknown, or the one isn't in the other. */
export function sceneOf(deps: TalkDeps, who: { person: string; conversation: string; root: string | null }): Scene {
  const person = deps.state.person(who.person);
  const conversation = deps.state.conversation(who.conversation);
  if (!person || !conversation) {
    throw new Error(person ? `No such conversation: ${who.conversation}` : `No such person: ${who.person}`);
  }
  if (!conversation.members.includes(person.id)) throw new Error(`${person.name} isn't in ${conversation.name}.`);
  return { person, conversation, root: who.root, serviceUrl: deps.serviceUrl() };
}

/** Puts words of a person into a conversation and delivers them where Teams would. */
export async function say(deps: TalkDeps, words: Say): Promise<Said> {
  const { state } = deps;
  const root = words.root ?? null;
  const scene = sceneOf(deps, { person: words.person, conversation: words.conversation, root });
  checkRoot(state, scene.conversation, root);
  const { text, html, mentions } = typed(words.text, words.mentions === 'none' ? [] : mentionable(state, scene));
  const id = state.nextId();
  const message = state.addMessage({
    id,
    conversation: scene.conversation.id,
    root,
    from: scene.person.id,
    text,
    textFormat: 'plain',
    summary: null,
    card: null,
    entities: mentions,
  });
  const toBot = mentions.some(({ mentioned }) => (mentioned as { id: string }).id === state.bot.id);
  if (!isTold(scene.conversation, toBot)) return { message, delivery: null };
  // A message that begins a thread carries its own id as the thread's.
  const activity = messageActivity(
    state,
    { ...scene, root: root ?? id },
    { id, text, html: words.html ?? html, mentions },
  );
  const about = { kind: 'message', what: words.text, person: scene.person.id } as const;
  return { message, delivery: await deps.deliveries.deliver(about, activity, words.oddity) };
}

/** In channels and group chats a bot hears only what mentions it. */
function isTold(conversation: TeamsConversation, mentioned: boolean): boolean {
  return conversation.installed && (conversation.kind === 'personal' || mentioned);
}

function checkRoot(state: State, conversation: TeamsConversation, root: string | null): void {
  if (root === null) return;
  const first = state.message(root);
  if (conversation.kind !== 'channel') throw new Error('Only channels have threads.');
  if (first?.conversation !== conversation.id || first.root !== null) throw new Error(`No thread begins with ${root}.`);
}

/** The bot where it is, and the members. */
function mentionable(state: State, { conversation }: Scene) {
  const members = conversation.members.flatMap((id) => state.person(id) ?? []);
  const people = members.map(({ mri, name }: TeamsPerson) => ({ id: mri, name }));
  return conversation.installed ? [state.bot, ...people] : people;
}

/** Adds the app to a conversation or removes it, and tells the bot: both activities, in their order. */
export async function update(
  deps: TalkDeps,
  kind: 'added' | 'removed',
  id: string,
  oddity?: Oddity,
): Promise<TeamsDelivery[]> {
  const conversation = deps.state.conversation(id);
  const [member = ''] = conversation?.members ?? [];
  const scene = sceneOf(deps, { person: member, conversation: id, root: null });
  scene.conversation.installed = kind === 'added';
  if (scene.conversation.kind === 'personal') scene.person.personalApp = kind === 'added';
  deps.state.changed();
  const delivered: TeamsDelivery[] = [];
  for (const activity of updateActivities(deps.state, scene, kind)) {
    const about = { kind: 'update', what: `${String(activity.type)} ${kind}`, person: scene.person.id } as const;
    delivered.push(await deps.deliveries.deliver(about, activity, oddity));
  }
  return delivered;
}
