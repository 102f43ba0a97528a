import { EventEmitter } from 'node:events';
import { BOT_NAME, groupsOf, principalNameOf, seedConversations, seedGroups, seedPeople, TEAM } from './people.ts';
import type {
  TeamsCall,
  TeamsConversation,
  TeamsDelivery,
  TeamsDialog,
  TeamsMessage,
  TeamsNotice,
  TeamsPerson,
  TeamsPersonalView,
  TeamsView,
} from './view.ts';

/** How many calls, deliveries and notices are remembered. */
const KEPT = 5000;

export type State = ReturnType<typeof createState>;

/** What a message says, apart from whose it is and where. */
export type Words = Pick<TeamsMessage, 'text' | 'textFormat' | 'summary' | 'card' | 'entities'>;

/** The channel's memory. `now` in milliseconds since 1970. */
export function createState(identity: { tenantId: string; appId: string }, now: () => number) {
  const groups = seedGroups();
  const people = seedPeople(identity.tenantId, groups);
  const conversations = seedConversations(people);
  const messages: TeamsMessage[] = [];
  const personalViews: TeamsPersonalView[] = [];
  const notices: TeamsNotice[] = [];
  const dialogs: TeamsDialog[] = [];
  const deliveries: TeamsDelivery[] = [];
  const calls: TeamsCall[] = [];
  /** Cards that each message showed before: somebody may click on a view that is a moment old. */
  const shown = new Map<string, unknown[]>();
  const events = new EventEmitter<{ change: [] }>();
  events.setMaxListeners(0);
  let lastId = 0;

  const bot = { id: `28:${identity.appId}`, name: BOT_NAME };
  const changed = (): void => void events.emit('change');
  const keep = <T>(list: T[], item: T): void => {
    list.push(item);
    if (list.length > KEPT) list.shift();
  };
  const drop = <T>(list: T[], test: (item: T) => boolean): void => {
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const item = list[index];
      if (item !== undefined && test(item)) list.splice(index, 1);
    }
  };
  const remember = (message: string, card: unknown): void => {
    if (card) shown.set(message, [card, ...(shown.get(message) ?? [])]);
  };

  const person = (id: string): TeamsPerson | null => people.find((one) => one.id === id || one.mri === id) ?? null;
  const known = (id: string): TeamsPerson => {
    const found = person(id);
    if (!found) throw new Error(`No such person: ${id}`);
    return found;
  };

  return {
    tenantId: identity.tenantId,
    groups,
    people,
    conversations,
    messages,
    bot,
    events,
    now,
    changed,
    /** A fresh message id: milliseconds since 1970, later than any before. */
    nextId(): string {
      lastId = Math.max(lastId + 1, Math.floor(now()));
      return String(lastId);
    },
    /** By Entra object id, or as the Bot Framework names them. */
    person,
    /** By the name they sign in with. */
    principal: (name: string): TeamsPerson | null =>
      people.find((one) => principalNameOf(one).toLowerCase() === name.toLowerCase()) ?? null,
    conversation: (id: string): TeamsConversation | null => conversations.find((one) => one.id === id) ?? null,
    message: (id: string): TeamsMessage | null => messages.find((one) => one.id === id) ?? null,
    personalView: (message: string, person: string): TeamsPersonalView | null =>
      personalViews.find((one) => one.message === message && one.person === person) ?? null,
    dialog: (person: string): TeamsDialog | null => dialogs.find((one) => one.person === person) ?? null,
    /** All cards that anybody ever saw on the message, newest first. */
    everShown: (message: string): unknown[] => shown.get(message) ?? [],
    changePerson(id: string, change: Partial<Pick<TeamsPerson, 'name' | 'role' | 'enabled'>>): void {
      Object.assign(known(id), change);
      changed();
    },
    setGroups(id: string, wanted: readonly string[]): void {
      const person = known(id);
      for (const group of groups) {
        drop(group.members, (member) => member === person.id);
        if (wanted.includes(group.id)) group.members.push(person.id);
      }
      for (const one of people) one.groups = groupsOf(one.id, groups);
      changed();
    },
    addMessage(message: Omit<TeamsMessage, 'edits' | 'at'>): TeamsMessage {
      const added = { ...message, at: now(), edits: 0 };
      messages.push(added);
      remember(added.id, added.card);
      changed();
      return added;
    },
    /** For everybody: views that somebody alone had of the card end. */
    editMessage(message: TeamsMessage, words: Words): void {
      Object.assign(message, words);
      message.edits += 1;
      remember(message.id, message.card);
      drop(personalViews, (view) => view.message === message.id);
      changed();
    },
    setPersonalView(view: TeamsPersonalView): void {
      drop(personalViews, (one) => one.message === view.message && one.person === view.person);
      personalViews.push(view);
      remember(view.message, view.card);
      changed();
    },
    addNotice(notice: Omit<TeamsNotice, 'at'>): void {
      keep(notices, { ...notice, at: now() });
      changed();
    },
    /** One dialog at a time for each person. */
    openDialog(dialog: TeamsDialog): void {
      drop(dialogs, (one) => one.person === dialog.person);
      dialogs.push(dialog);
      changed();
    },
    closeDialog(person: string): void {
      drop(dialogs, (one) => one.person === person);
      changed();
    },
    addDelivery(delivery: TeamsDelivery): void {
      keep(deliveries, delivery);
      changed();
    },
    /** Says what was wrong with the answer to a delivery. */
    explain(delivery: TeamsDelivery, problem: string): void {
      delivery.problem = problem;
      changed();
    },
    addCall(call: Omit<TeamsCall, 'at'>): void {
      keep(calls, { at: now(), ...call });
      changed();
    },
    /** A copy that later changes leave alone. */
    snapshot(): TeamsView {
      const { tenantId } = identity;
      const team = { id: TEAM.id, name: TEAM.name };
      const lists = { people, conversations, messages, personalViews, notices, dialogs, deliveries, calls };
      return structuredClone({ tenantId, team, bot, ...lists });
    },
  };
}
