import { z } from 'zod';

/** A message: in which conversation (with `;messageid=` where it is a thread of a channel), and its id there. */
export interface MessageRef {
  conversation: string;
  activity: string;
}

/** How to reach one person privately after what they typed or clicked. */
export interface ReplyTo {
  /** Where it was typed or clicked. */
  conversation: string;
  kind: ConversationKind;
  /** Entra object id. */
  person: string;
  /** What the Bot Framework calls them: `29:…`. */
  mri: string;
  name: string;
}

export const KINDS = ['personal', 'groupChat', 'channel'] as const;
export type ConversationKind = (typeof KINDS)[number];

/** Ids of conversations, activities and people. They are escaped in addresses; no separator of ours, and no step up a path. */
const ID = /^(?!\.{1,2}$)[^\s|\\]{1,400}$/;
const THREAD = /^(.+);messageid=([^;]+)$/;

/** The opaque string of a message. */
export function writeMessage({ conversation, activity }: MessageRef): string {
  return `${conversation}|${activity}`;
}

/** The other way round. Throws a TypeError for a string that this file didn't write. */
export function readMessage(message: string): MessageRef {
  const [conversation = '', activity = '', ...rest] = message.split('|');
  if (rest.length > 0 || !ID.test(conversation) || !ID.test(activity)) throw new TypeError('Not a message of Teams.');
  return { conversation, activity };
}

/** The opaque string of a thread, or of a place to post at, is the conversation's id. Throws a TypeError for anything else. */
export function readConversation(thread: string): string {
  if (!ID.test(thread)) throw new TypeError('Not a conversation of Teams.');
  return thread;
}

const DIRECT = /^direct:([\w-]{1,64})$/;

/** The opaque place of somebody's private chat with the bot; it is opened when something is posted there. */
export function writeDirect(person: string): string {
  return `direct:${person}`;
}

/** Whose private chat a place is; null for any other place. */
export function readDirect(place: string): string | null {
  return DIRECT.exec(place)?.[1] ?? null;
}

/** The channel or chat without its thread. */
export function channelOf(conversation: string): string {
  return THREAD.exec(conversation)?.[1] ?? conversation;
}

/** A channel as a whole: what is posted there begins a thread. */
export function isBareChannel(conversation: string): boolean {
  return /^19:.+@thread\.(?:tacv2|skype)$/.test(conversation);
}

/** Whether an id may be part of an address. */
export function isId(id: string): boolean {
  return ID.test(id);
}

/** The opaque handle of a private answer. */
export function writeReplyTo({ conversation, kind, person, mri, name }: ReplyTo): string {
  return JSON.stringify({ c: conversation, k: kind, p: person, m: mri, n: name });
}

const Handle = z.strictObject({
  c: z.string().regex(ID),
  k: z.enum(KINDS),
  p: z.string().regex(ID),
  m: z.string().regex(ID),
  n: z.string(),
});

/** The other way round. Throws a TypeError for a string that this file didn't write. */
export function readReplyTo(handle: string): ReplyTo {
  const parsed = Handle.safeParse(json(handle));
  if (!parsed.success) throw new TypeError('Not a way to answer in Teams.');
  const { c, k, p, m, n } = parsed.data;
  return { conversation: c, kind: k, person: p, mri: m, name: n };
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
