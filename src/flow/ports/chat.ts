import type { ButtonAction, Card, PrivateAnswer, Reply } from '../../model/notice.ts';
import type { Person, PersonRef, Platform } from '../../model/person.ts';
import type { Time } from '../../model/request.ts';

/** A posted card: both strings are opaque to everybody but the platform's `thread`. */
export interface Posted {
  /** Where replies go. */
  thread: string;
  /** What is edited. */
  message: string;
}

/** One of a channel's limits: at most `count` sends in any `within` milliseconds. */
export interface Rate {
  count: number;
  within: number;
}

/** How a message is to be sent. */
export interface Manner {
  /** Goes with the message, so that it can be looked for: an id of ours that is no secret. */
  mark?: string;
  /** Without output and ornaments: what must be said, in a form that certainly fits. */
  plain?: boolean;
}

/** A message of which nobody knows whether it arrived. */
export interface Sought {
  place: string;
  /** For a reply. */
  thread: string | null;
  mark: string;
  /** It can't be older. */
  since: Time;
}

/**
 * A chat platform, as `report` sees it. Every method throws ChatError, whose code says whether the message was certainly
 * not posted, may have been, or needs help first. Nothing here is retried inside: pacing and retries are report's.
 */
export interface Chat {
  readonly platform: Platform;
  readonly pace: {
    /** Limits of new messages in one channel (cards and replies). */
    posts: readonly Rate[];
    /** Limits of edits, over all channels together; `shared` when edits count against the channel's budget of posts. */
    edits: readonly Rate[] | 'shared';
  };
  /** Posts a card at the place a command came from (Slack: a new message; Teams: a reply in the command's thread). */
  post(place: string, card: Card, manner?: Manner): Promise<Posted>;
  edit(message: string, card: Card, manner?: Manner): Promise<void>;
  reply(thread: string, reply: Reply, manner?: Manner): Promise<void>;
  /** Looks for a message of ours that may have arrived, where the platform can be looked into. Never throws. */
  lookFor?(sought: Sought): Promise<Posted | 'not_there' | 'not_told'>;
  /** Whether the platform answers at all now, by a cheap call; where there is none, nobody can tell. Never throws. */
  isUp?(): Promise<boolean>;
  /**
   * For one person's eyes: `to` is the opaque handle that came with what they typed or clicked. A platform without
   * ephemeral messages uses the personal chat, else a neutral reply.
   */
  answer(to: string, answer: PrivateAnswer): Promise<void>;
  /** The person as the directory knows them now, at most 60 s old; `fresh` asks again. Fails by throwing, never by guessing. */
  lookUp(person: Pick<PersonRef, 'id' | 'tenant'>, options: { fresh: boolean }): Promise<Person>;
  /** Whether people of other organisations read the channel. Throws ChatError where the platform doesn't say. */
  isShared(channel: string): Promise<boolean>;
  /** The place for something typed in a private chat: a channel of the policy. */
  placeIn(channel: string): string;
  /** Where one person alone is reached: their private chat, as a channel with a pace of its own, and as a place to post at. */
  direct(person: string): { channel: string; place: string };
  /** Whether a message stands in this private chat, as clicks name it; never in a channel or a chat of several. */
  standsIn(message: string, chat: string | null): boolean;
  /** How people read a channel: `#soc`. */
  channelName(channel: string): string;
  /**
   * Who is in the directory's groups that the policy names, as listed lately: for mentions and names, never for rights. A group that
   * couldn't be listed is missing.
   */
  listed(): Listing;
}

/** People of a directory's groups by the group's id. */
export type Listing = ReadonlyMap<string, readonly Pick<PersonRef, 'platform' | 'id' | 'name'>[]>;

/** What a platform's `listen` hands to the spine, after it proved who sent it. All handles are opaque. */
export interface TypedLine {
  /** Unique per delivery; a second one with the same key is the same. */
  delivery: string;
  person: PersonRef;
  /** The channel it was typed in; null in a private chat. */
  channel: string | null;
  place: string | null;
  /** The thread it was typed in, where there is one. */
  thread: string | null;
  text: string;
  replyTo: string;
}

export interface Click {
  delivery: string;
  person: PersonRef;
  /** The channel of the clicked message; null in a private chat or an ephemeral answer that doesn't say. */
  channel: string | null;
  action: ButtonAction;
  /** The bot's message that the button stands on, where it is one that a card could be. */
  shownOn?: Posted;
  /** What the button carried: an identifier, nothing else. */
  id: string;
  /** Words typed along with the click (a reason), if any. */
  words: string | null;
  replyTo: string;
  /** Until when the platform keeps the call open for an answer to the clicker; null where it takes none. */
  openUntil: Time | null;
}

// ─── Defender ────────────────────────────────────────────────────────────────────────────────────────────────────────
