import type { PrivateAnswer, Reply } from '../../model/notice.ts';
import type { PersonRef, Platform } from '../../model/person.ts';
import type { Time } from '../../model/request.ts';
import type { Click, TypedLine } from './chat.ts';

/** An audit entry as it is written; `at` and the seal come from the store. */
export interface AuditEntry {
  actor: PersonRef | 'bot';
  action: string;
  requestId?: string | null;
  runId?: string | null;
  data?: Record<string, unknown>;
}

/** The card of a request as posted. */
export interface CardRow {
  id: string;
  requestId: string;
  platform: Platform;
  channel: string;
  place: string;
  state: 'pending' | 'posting' | 'posted' | 'gone';
  /** `thread`: null once nobody can reply in it any more. */
  posted: { thread: string | null; message: string } | null;
  /** The request's `touched` that the card shows; lower than it means that there may be something new to show. */
  shown: number;
  /** Digest of what it shows, so that an edit that changes nothing isn't made. */
  digest: string | null;
  /** Counts every change of the request, its runs, decisions and outputs. */
  touched: number;
  /** When it was last changed. */
  touchedAt: Time;
  /** Posts that may or may not have arrived. */
  doubts: number;
  notBefore: Time;
  createdAt: Time;
}

/** A thread reply waiting for its turn; unique per request and `key`, so it is said once. */
export interface ReplyRow {
  id: string;
  requestId: string;
  key: string;
  channel: string;
  reply: Reply;
  state: 'pending' | 'posting' | 'posted';
  doubts: number;
  notBefore: Time;
  createdAt: Time;
}

/** A private answer waiting to be delivered. */
export interface AnswerRow {
  id: string;
  platform: Platform;
  to: string;
  answer: PrivateAnswer;
  tries: number;
  createdAt: Time;
}

/** A stored inbound thing whose evaluation needs a look at the outside: a click, or words that ask Defender. */
export interface Inbound {
  id: string;
  platform: Platform;
  click?: Click;
  line?: TypedLine;
  createdAt: Time;
}

/** A result link: only the hash of its token is stored. `person` null: for everybody in the thread. */
export interface LinkRow {
  hash: string;
  requestId: string;
  person: PersonRef | null;
  expiresAt: Time;
}

/** The full output of one command. */
export interface OutputRow {
  runId: string;
  index: number;
  output: string;
  errors: string;
  exitCode: number | null;
  size: number;
  sha256: string | null;
  truncated: boolean;
}
