import { EventEmitter } from 'node:events';
import { createHomes, type HomeTab } from './homes.ts';
import { createModals, type Modal } from './modals.ts';
import { APP, type Channel, type Member, seedChannels, seedMembers } from './people.ts';
import { createTriggers } from './triggers.ts';
import { GRANTED, type Subscription, seedUserGroups, type UserGroup } from './user-groups.ts';

/** A message in a channel; `ts` names it there. */
export interface Message {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks: unknown[] | null;
  threadTs: string | null;
  /** A reply that the channel shows too. */
  broadcast: boolean;
  metadata: unknown;
  /** How often it was edited. */
  edits: number;
}

/** A message that only `to` sees. It isn't kept by Slack and can be changed through a response_url only. */
export interface Ephemeral {
  ts: string;
  channel: string;
  to: string;
  user: string;
  text: string;
  blocks: unknown[] | null;
  threadTs: string | null;
}

/** What was sent to the bot and how it answered. */
export interface Delivery {
  id: string;
  kind: 'command' | 'click' | 'mention' | 'shortcut' | 'typing' | 'form' | 'event' | 'raw';
  /** The typed words, or the id of what was clicked or sent. */
  what: string;
  user: string | null;
  triggerId: string | null;
  /** Null when no answer came. */
  status: number | null;
  body: string;
  ms: number;
  failure: 'timeout' | 'connection' | 'status' | null;
}

/** One call of the bot to the Web API or to a response_url. No tokens. */
export interface Call {
  at: number;
  method: string;
  status: number;
  /** Slack's error code; null where it said ok. */
  error: string | null;
  channel: string | null;
}

/** Everything there is to see of the workspace. */
export interface Snapshot {
  members: Member[];
  channels: Channel[];
  userGroups: UserGroup[];
  messages: Message[];
  ephemerals: Ephemeral[];
  deliveries: Delivery[];
  calls: Call[];
  modals: Modal[];
  /** What stands in the app's Home tab, for each who has one. */
  homes: HomeTab[];
}

/** How many calls and deliveries are remembered. */
const KEPT = 5000;

export type State = ReturnType<typeof createState>;

/** The workspace's memory. `now` in milliseconds since 1970. */
export function createState(now: () => number) {
  const members = seedMembers();
  const channels = seedChannels();
  const userGroups = seedUserGroups();
  const subscription: Subscription = { plan: 'paid', scopes: [...GRANTED] };
  const messages: Message[] = [];
  const ephemerals: Ephemeral[] = [];
  const deliveries: Delivery[] = [];
  const calls: Call[] = [];
  /** Blocks that each message showed before: somebody may click on a view that is a moment old. */
  const shown = new Map<string, unknown[][]>();
  const events = new EventEmitter<{ change: [] }>();
  events.setMaxListeners(0);
  let lastMicros = 0;

  const changed = (): void => void events.emit('change');
  const keep = <T>(list: T[], item: T): void => {
    list.push(item);
    if (list.length > KEPT) list.shift();
  };
  const remember = (channel: string, ts: string, blocks: unknown[] | null): void => {
    const key = `${channel} ${ts}`;
    if (blocks) shown.set(key, [blocks, ...(shown.get(key) ?? [])]);
  };

  const modals = createModals(changed);
  const homes = createHomes(changed);

  return {
    triggers: createTriggers(now),
    modals,
    homes,
    members,
    channels,
    userGroups,
    subscription,
    messages,
    ephemerals,
    deliveries,
    calls,
    events,
    /** A fresh message ts: seconds and microseconds, later than any before. */
    nextTs(): string {
      lastMicros = Math.max(lastMicros + 1, Math.floor(now()) * 1000);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
    /** Somebody becomes a guest, leaves, … */
    setMember(id: string, changes: Partial<Omit<Member, 'id'>>): void {
      const member = members.find((one) => one.id === id);
      if (!member) throw new Error(`Nobody is called ${id}.`);
      Object.assign(member, changes);
      changed();
    },
    /** A user group as it is from now on, new or changed. */
    setUserGroup(group: Pick<UserGroup, 'id'> & Partial<UserGroup>): void {
      const known = userGroups.find(({ id }) => id === group.id);
      if (known) Object.assign(known, group);
      else userGroups.push({ handle: group.id.toLowerCase(), name: group.id, users: [], disabled: false, ...group });
      changed();
    },
    member: (id: string) => members.find((one) => one.id === id) ?? null,
    channel: (id: string) => channels.find((one) => one.id === id) ?? null,
    /** The private chat of the app with a person, which is there as soon as somebody writes in it. */
    chatWith(person: string): Channel {
      const known = channels.find(({ kind, members: inside }) => kind === 'im' && inside.includes(person));
      if (known) return known;
      const made: Channel = {
        id: `D0${person.slice(2)}`,
        name: 'directmessage',
        kind: 'im',
        members: [person, APP.userId],
        shared: false,
      };
      channels.push(made);
      return made;
    },
    message: (channel: string, ts: string) => messages.find((one) => one.channel === channel && one.ts === ts) ?? null,
    /** All blocks the message or ephemeral ever showed, newest first. */
    everShown: (channel: string, ts: string) => shown.get(`${channel} ${ts}`) ?? [],
    addMessage(message: Omit<Message, 'edits'>): Message {
      const added = { ...message, edits: 0 };
      messages.push(added);
      remember(added.channel, added.ts, added.blocks);
      changed();
      return added;
    },
    editMessage(message: Message, words: { text: string; blocks: unknown[] | null; metadata?: unknown }): void {
      message.text = words.text;
      message.blocks = words.blocks;
      if (words.metadata !== undefined) message.metadata = words.metadata;
      message.edits += 1;
      remember(message.channel, message.ts, message.blocks);
      changed();
    },
    removeMessage(message: Message): void {
      messages.splice(messages.indexOf(message), 1);
      changed();
    },
    addEphemeral(ephemeral: Ephemeral): Ephemeral {
      ephemerals.push(ephemeral);
      remember(ephemeral.channel, ephemeral.ts, ephemeral.blocks);
      changed();
      return ephemeral;
    },
    editEphemeral(ephemeral: Ephemeral, words: { text: string; blocks: unknown[] | null }): void {
      ephemeral.text = words.text;
      ephemeral.blocks = words.blocks;
      remember(ephemeral.channel, ephemeral.ts, ephemeral.blocks);
      changed();
    },
    removeEphemeral(ephemeral: Ephemeral): void {
      const index = ephemerals.indexOf(ephemeral);
      if (index >= 0) ephemerals.splice(index, 1);
      changed();
    },
    addDelivery(delivery: Delivery): void {
      keep(deliveries, delivery);
      changed();
    },
    addCall(call: Omit<Call, 'at'>): void {
      keep(calls, { at: now(), ...call });
      changed();
    },
    /** A copy that later changes leave alone. */
    snapshot(): Snapshot {
      return structuredClone({
        members,
        channels,
        userGroups,
        messages,
        ephemerals,
        deliveries,
        calls,
        modals: modals.open,
        homes: homes.tabs,
      });
    },
  };
}
