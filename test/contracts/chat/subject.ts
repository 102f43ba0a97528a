import type { Chat, Click, TypedLine } from '../../../src/flow/ports.ts';
import type { PrivateAnswer } from '../../../src/model/notice.ts';

/** The people of both stand-ins: an analyst, a lead, a guest, and somebody of another organisation. */
export type Who = 'ana' | 'lea' | 'gus' | 'eve';

/** A message of the bot in the channel, as everybody there sees it. */
export interface Seen {
  /** All of its words. */
  words: string;
  /** Everything that is sent for it, as text. */
  raw: string;
  /** The opaque thread it stands in. */
  thread: string;
  edits: number;
}

/** What the next calls of the platform meet. */
export type Trouble =
  | { kind: 'wait'; milliseconds: number }
  /** `done`: the call took effect before its answer was lost. */
  | { kind: 'stumbles'; done: boolean }
  | { kind: 'cut off'; done: boolean }
  | { kind: 'gone' }
  | { kind: 'taken out' };

/** A platform with its adapter on a server of its own, its stand-in, and an inbox that records. */
export interface Subject {
  chat: Chat;
  /** The channel of these tests, and a person's id. */
  channel: string;
  id(who: Who): string;
  lines: TypedLine[];
  clicks: Click[];
  /** What the inbox answers to clicks. */
  answerClicks(said: PrivateAnswer | null): void;
  /** Types in the channel, or in the thread that this card's post began or stands in. */
  type(who: Who, words: string, thread?: string): Promise<TypedLine>;
  /** Clicks the button of the card in this message; what the clicker alone is shown. */
  click(who: Who, message: string, label: string): Promise<string>;
  seen(): Seen[];
  /** What this person alone can read. */
  privately(who: Who): string;
  /** Meets calls that post, or that edit. */
  trouble(on: 'post' | 'edit', trouble: Trouble): void;
  /** Whether a text calls somebody there. */
  mentions(raw: string): string[];
  stop(): Promise<void>;
}
