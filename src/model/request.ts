import { AppError } from '../errors.ts';
import type { Aim, Command } from './command.ts';
import type { Machine } from './machine.ts';
import type { KnownPerson, PersonRef, Platform } from './person.ts';

/** All times in the records are milliseconds since 1970. */
export type Time = number;

export type RequestStatus =
  | 'received'
  /** Its author has to say that they mean it. */
  | 'unconfirmed'
  | 'refused'
  | 'waiting'
  | 'approved'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'done';

export type RunStatus =
  | 'held'
  | 'queued'
  | 'submitting'
  | 'reconciling'
  | 'running'
  | 'unclear'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'cancelled';

/** What the policy said when it was last asked about a request. */
export interface Terms {
  /** Names of the rules that applied, `Default` for the default. */
  rule: string;
  approvals: number;
  /** Milliseconds. */
  expireAfter: number;
  startWithin: number;
  breakGlass: boolean;
  /** For each rule the groups whose people may approve; one person must be in a group of every list. */
  approverGroups: string[][];
  /** Why it is what it is, one sentence. */
  because: string;
  policyHash: string;
}

/** What approval binds of a library file, and what a card says about it. */
export interface FileVersion {
  fileName: string;
  sha256: string;
  description: string;
  addedBy: string;
  /** ISO time, empty where absent. */
  updatedAt: string;
}

/** A library file that a command uses. */
export interface BoundFile extends FileVersion {
  /** Index of the command that uses it. */
  command: number;
}

/** A library file that is to be deleted, for the whole tenant: what such a request has instead of machine, commands and runs. */
export interface Deletion {
  /** As typed, later with the library's own spelling. */
  fileName: string;
  /** What would be deleted; null until the library was looked at. */
  file: FileVersion | null;
  /** When its author said that they mean it. */
  confirmedAt: Time | null;
  /** Attempts at deleting; the current one has the matter to itself until its deadline. */
  attempt: number;
  deadline: Time | null;
  /** Nothing is tried before. */
  notBefore: Time;
  /** Why it isn't deleted yet, for people; how often it was tried in vain, one after the other. */
  waits: string | null;
  tries?: number;
  /** `gone`: somebody else had deleted it. */
  outcome: 'deleted' | 'gone' | 'failed' | 'cancelled' | null;
}

/** What was started without approval is to be looked at afterwards. */
export interface Review {
  by: Time;
  /** When it is asked for again. */
  remindAt: Time;
  doneAt: Time | null;
}

/** What a person asked for; it is what gets approved. */
export interface Request {
  id: string;
  version: number;
  status: RequestStatus;
  /** Counts from 1; a new round voids what was decided. */
  round: number;
  platform: Platform;
  /** With the groups of when the request was looked at. */
  requester: KnownPerson;
  /** Opaque, read by the platform alone: whose sending budget the messages use. */
  channel: string;
  /** Opaque: where the card is to be posted. */
  place: string;
  /** Opaque: how to answer the requester privately. */
  replyTo: string;
  /** The typed line in canonical form. */
  line: string;
  /** As typed; empty where `aim` says which ones. */
  machine: string;
  aim?: Aim;
  /** How many, once they were looked up; absent for one. */
  machineCount?: number;
  commands: Command[];
  reason: string | null;
  breakGlass: boolean;
  createdAt: Time;
  terms: Terms | null;
  files: BoundFile[];
  warnings: string[];
  /** Only of one that waits under other terms than its round began with: those, and what the policy says of it since, for people. */
  judgedAnew?: { from: Terms; note: string | null } | null;
  /** Why it was refused, or sent back for approval, or ended; for people. */
  note: string | null;
  expiresAt: Time | null;
  startBy: Time | null;
  approvedAt: Time | null;
  endedAt: Time | null;
  /** Who withdrew, denied or cancelled, with the reason in `note`. */
  endedBy: PersonRef | null;
  remindedAt: Time | null;
  /** Only of one that was started without approval. */
  review?: Review;
  /** Only of a request that deletes a library file. */
  deletion?: Deletion;
}

/** What is known of a collected file without downloading it; null where that can't be known. Name and most sizes are the machine's word. */
export interface CollectedFile {
  /** The last part of its path, made harmless. */
  name: string | null;
  /** Bytes of the file as it was on the machine, and of the download, which is packed. */
  size: number | null;
  packed: number;
  /** Of the file as it was on the machine, hex. */
  sha256: string | null;
}

/** How far one command of a run is. `state` is ours, `raw` is Defender's own word. */
export interface CommandProgress {
  state: 'waiting' | 'running' | 'completed' | 'failed';
  raw: string;
  startedAt: Time | null;
  endedAt: Time | null;
  errors: string[];
  /** Whether what it produced has been read: `none` where there is nothing to read (put, or it never ran). */
  result: 'pending' | 'collected' | 'none' | 'failed';
  /** Tries at reading the result so far; of these, how often Defender said that there is none. */
  tries: number;
  missing?: number;
  exitCode: number | null;
  /** First lines of the output, cleaned of control characters; in full in the store. */
  head: string[];
  moreLines: number;
  /** Whether the script wrote to its error stream. */
  wroteErrors: boolean;
  /** Why the result could not be read, for people. */
  trouble: string | null;
  /** Of a collected file; `pending` until it was looked at. */
  file?: CollectedFile | 'pending' | null;
}

/** Why an attempt to send ended without knowing. */
export type Doubt = 'busy' | 'no_answer' | 'unproved' | 'not_sent';

/** Why a queued run isn't sent yet. `tries`: how often it was looked into in vain, one after the other. */
export type Waits =
  | { for: 'turn' }
  | { for: 'machine'; runId: string | null }
  | { for: 'defender'; why: string; tries?: number }
  | { for: 'people'; why: string; tries?: number }
  | { for: 'pause'; by: string; why: string | null };

/** One machine of a request: it becomes one machine action at Defender. */
export interface Run {
  id: string;
  requestId: string;
  version: number;
  status: RunStatus;
  machine: Machine;
  /** Only of one of several: what people call its machine among those. */
  called?: string;
  /** Attempts at sending; the intent of the current one. */
  attempt: number;
  intentAt: Time | null;
  deadline: Time | null;
  /** Set just before bytes may leave; null proves that nothing was sent in this attempt. */
  sendStartedAt: Time | null;
  doubt: Doubt | null;
  /** When `reconciling` gives up looking. */
  lookUntil: Time | null;
  actionId: string | null;
  /** Defender's own word for the action's state. */
  actionStatus: string | null;
  sentAt: Time | null;
  pickedUpAt: Time | null;
  waits: Waits;
  /** Nothing is tried for this run before: sending, looking, reading a result. */
  notBefore: Time;
  queuedAt: Time | null;
  commands: CommandProgress[];
  /** `sent`: Defender has answered it. `untaken`: it was sent, and Defender didn't take it so far. */
  cancel: { by: PersonRef; why: string | null; at: Time; sent: boolean; note: string | null; untaken?: boolean } | null;
  /** Why it ended as it did, for people; who settled an unclear run. */
  note: string | null;
  settledBy: PersonRef | null;
  /** Only while people are asked about an action that nobody can follow: why, which is a part of the note. */
  asks?: string | null;
  endedAt: Time | null;
  /** Since when Defender, asked again and again, doesn't know its action any more. */
  missingSince: Time | null;
  /**
   * Since when Defender doesn't tell how it goes, and why, for people; `told`: long enough for the card to say so. `untold`: since when
   * Defender answers, be it others, and tells nothing of this one.
   */
  unseen?: { since: Time; why: string; told: boolean; untold?: Time | null } | null;
}

const REQUEST_MOVES: Record<RequestStatus, readonly RequestStatus[]> = {
  received: ['refused', 'waiting', 'withdrawn', 'approved', 'unconfirmed'],
  unconfirmed: ['received', 'withdrawn', 'expired'],
  waiting: ['approved', 'denied', 'expired', 'withdrawn', 'waiting'],
  approved: ['done', 'waiting'],
  refused: [],
  denied: [],
  expired: [],
  withdrawn: [],
  done: [],
};

const RUN_MOVES: Record<RunStatus, readonly RunStatus[]> = {
  held: ['queued', 'cancelled'],
  queued: ['submitting', 'running', 'cancelled', 'held'],
  submitting: ['running', 'reconciling', 'queued', 'failed'],
  reconciling: ['running', 'queued', 'unclear'],
  running: ['succeeded', 'failed', 'timed_out', 'cancelled', 'unclear'],
  unclear: ['running', 'queued', 'succeeded', 'cancelled'],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
};

/** Whether the table allows a request to move. */
export function mayRequestMove(from: RequestStatus, to: RequestStatus): boolean {
  return REQUEST_MOVES[from].includes(to);
}

/** Whether the table allows a run to move. */
export function mayRunMove(from: RunStatus, to: RunStatus): boolean {
  return RUN_MOVES[from].includes(to);
}

/** Whether a request is at its end. */
export function requestEnded(status: RequestStatus): boolean {
  return REQUEST_MOVES[status].length === 0;
}

/** Whether a run is at its end. */
export function runEnded(status: RunStatus): boolean {
  return RUN_MOVES[status].length === 0;
}

/** A copy of the request in its new status. A move that the table lacks is a programming error and throws. */
export function moveRequest(request: Request, to: RequestStatus, changes: Partial<Request> = {}): Request {
  if (!mayRequestMove(request.status, to)) {
    throw new AppError('transition', `${request.id} cannot go from ${request.status} to ${to}.`);
  }
  return { ...request, ...changes, status: to };
}

/** A copy of the run in its new status. A move that the table lacks is a programming error and throws. */
export function moveRun(run: Run, to: RunStatus, changes: Partial<Run> = {}): Run {
  if (!mayRunMove(run.status, to)) throw new AppError('transition', `${run.id} cannot go from ${run.status} to ${to}.`);
  return { ...run, ...changes, status: to };
}

/** When the present round of waiting began. */
export function waitingSince(request: Request): Time {
  return request.expiresAt === null || request.terms === null
    ? request.createdAt
    : request.expiresAt - request.terms.expireAfter;
}

/** Somebody's verdict on one round of a request. */
export interface Decision {
  requestId: string;
  round: number;
  /** With the groups of that moment: by these it counts, or not, under the policy in force whenever approvals are counted. */
  person: KnownPerson;
  verdict: 'approve' | 'deny' | 'break_glass';
  why: string | null;
  at: Time;
}
