import type { PersonRef, Platform } from './person.ts';

/**
 * A piece of text without a platform. Strings from machines and people are put into spans as they are; each platform's
 * `render` escapes them for where they land.
 */
export type Span =
  | { kind: 'text'; text: string }
  | { kind: 'strong'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'person'; platform: Platform; id: string; name: string; mention: boolean }
  | { kind: 'time'; at: number; style: 'clock' | 'date' }
  | { kind: 'link'; url: string; label: string };

export type Text = Span[];

/** What a button asks for. The id it carries names a request (with its round), a run or a stored question: nothing else. */
export type ButtonAction =
  | 'approve'
  | 'deny'
  | 'withdraw'
  | 'cancel'
  | 'results'
  | 'it_ran'
  | 'it_did_not_run'
  | 'reviewed'
  | 'ask_again'
  | 'add_reason'
  | 'confirm'
  | 'deny_reason';

export interface Button {
  action: ButtonAction;
  id: string;
  label: string;
  tone: 'primary' | 'danger' | 'plain';
  confirm?: { title: string; text: string; yes: string; no: string };
}

/** One command on a card. `code` is what runs, never cut; `output` is machine text, shown preformatted. */
export interface CommandLine {
  symbol: string;
  label: string;
  code: string;
  note: Text;
  output: string[];
  moreLines: number;
}

/** Everything a request's card says. */
export interface Card {
  requestId: string;
  title: string;
  /** A word always stands beside the symbol. */
  state: { symbol: string; words: Text };
  /** Who wants what, where. */
  headline: Text;
  commands: CommandLine[];
  facts: Text[];
  warnings: Text[];
  /** Last words: who was involved, whom it mentions. */
  footer: Text[];
  buttons: Button[];
  /**
   * Whom the buttons of a waiting request are for, where that is known by name: a platform may show them to these people only.
   * That is display; every click is judged. Null: nobody can tell, or it isn't waiting.
   */
  audience: Audience | null;
}

/** User ids of those who may approve (never the requester), and of who may withdraw. */
export interface Audience {
  approvers: string[];
  requester: string;
}

/** A reply in the thread of a request. */
export interface Reply {
  text: Text;
  output: string[];
  moreLines: number;
  buttons: Button[];
  /** A results link for everybody in the thread is to be made when it is posted: never before, since links are secrets. */
  resultsLink?: boolean;
}

/** An answer for one person's eyes. */
export interface PrivateAnswer {
  lines: Text[];
  /** Shown preformatted. */
  output: string[];
  buttons: Button[];
  /** A results link of this person for this request is to be made when it is delivered: never before. */
  resultsFor?: { requestId: string; person: PersonRef };
  /** Nothing came of it, so that what was entered in a form isn't taken away. */
  refused?: true;
  /** The form is what they came for; a platform that has it offers it instead of the words. */
  form?: true;
}

export const text = (value: string): Span => ({ kind: 'text', text: value });
export const strong = (value: string): Span => ({ kind: 'strong', text: value });
export const code = (value: string): Span => ({ kind: 'code', text: value });
export const link = (url: string, label: string): Span => ({ kind: 'link', url, label });
export const time = (at: number, style: 'clock' | 'date' = 'clock'): Span => ({ kind: 'time', at, style });
export const person = (who: { platform: Platform; id: string; name: string }, mention = false): Span => ({
  kind: 'person',
  platform: who.platform,
  id: who.id,
  name: who.name,
  mention,
});

/** A private answer of plain sentences, one line each. */
export function answer(...lines: (string | Text)[]): PrivateAnswer {
  return { lines: lines.map((line) => (typeof line === 'string' ? [text(line)] : line)), output: [], buttons: [] };
}

/** The same words without any markup: for notifications, screen readers and logs of tests. Times in UTC. */
export function plain(words: Text): string {
  return words
    .map((span) => {
      switch (span.kind) {
        case 'person':
          return span.name;
        case 'time':
          return utc(span.at, span.style);
        case 'link':
          return span.label;
        default:
          return span.text;
      }
    })
    .join('');
}

function utc(at: number, style: 'clock' | 'date'): string {
  const iso = new Date(at).toISOString();
  return style === 'clock' ? `${iso.slice(11, 16)} UTC` : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
