import type { PersonRef, Platform } from '../../model/person.ts';
import type { Decision, Request, RequestStatus, Run, RunStatus, Time } from '../../model/request.ts';
import type { Posted, Rate } from './chat.ts';
import type { AnswerRow, AuditEntry, CardRow, Inbound, LinkRow, OutputRow, ReplyRow } from './records.ts';

/** Work for the engine; data carries identifiers only. */
export type Job =
  | { queue: `${PerPlatform}.${Platform}`; id: string }
  | { queue: 'dispatch'; id: 'next' }
  | { queue: 'send'; id: string; attempt: number }
  | { queue: 'reconcile'; id: string }
  | { queue: 'cancel'; id: string }
  | { queue: 'collect'; id: string }
  | { queue: 'delete'; id: string };

/** Work that speaks to a chat platform: each platform has workers of its own, so that one that hangs delays nobody elsewhere. */
export type PerPlatform = 'prepare' | 'decide' | 'look_up' | 'report' | 'answer';

export type Queue = Job['queue'];

/** Everything inside one database transaction. What it enqueues exists when it commits, or not at all. */
export interface Tx {
  /** False when this delivery was taken before. */
  takeDelivery(key: string): Promise<boolean>;

  insertRequest(request: Request): Promise<void>;
  request(id: string): Promise<Request | null>;
  /** Compare-and-set on version and status; throws AppError `conflict` when somebody was faster. Returns the stored record. */
  saveRequest(before: Request, after: Request): Promise<Request>;
  insertRun(run: Run): Promise<void>;
  run(id: string): Promise<Run | null>;
  /** In their order; `toCollect`: only those of which something is still to be read. */
  runsOf(requestId: string, only?: { toCollect: true }): Promise<Run[]>;
  /** Compare-and-set like saveRequest. One machine has at most one run in flight: `conflict` otherwise. */
  saveRun(before: Run, after: Run): Promise<Run>;
  /** False when this person has decided this round already. */
  insertDecision(decision: Decision): Promise<boolean>;
  /** In the place of what this person has decided in this round before. */
  replaceDecision(decision: Decision): Promise<void>;
  decisionsOf(requestId: string): Promise<Decision[]>;

  audit(entry: AuditEntry): Promise<void>;
  /** Wakes a worker at once when the transaction commits. A job that is already queued (not yet taken) is the same job. */
  enqueue(job: Job): Promise<void>;

  insertInbound(inbound: Inbound): Promise<void>;
  /** The one who reads it has it to itself until the transaction ends: evaluated by two workers, it counts once. */
  inbound(id: string): Promise<Inbound | null>;
  removeInbound(id: string): Promise<void>;

  insertCard(card: Pick<CardRow, 'requestId' | 'platform' | 'channel' | 'place'>): Promise<void>;
  /**
   * Somebody's own copy of the card, in their private chat. False where one of this round, which began at `since`, is there, posted, lost
   * or waiting.
   */
  insertCopy(
    copy: Pick<CardRow, 'requestId' | 'platform' | 'channel' | 'place'> & Pick<Request, 'round'> & { since: Time },
  ): Promise<boolean>;
  /** A message that stands already becomes a card of the request, to be brought up to date. False where it is one that wasn't let go unedited. */
  adoptCard(card: Pick<CardRow, 'requestId' | 'platform' | 'channel' | 'place'>, posted: Posted): Promise<boolean>;
  /** Channels besides this one in which the request has a card: private chats of those who decide. */
  otherChannels(requestId: string, channel: string): Promise<string[]>;
  /** Makes every posted card of the request due for a look, as any change of the request, its runs or decisions does. */
  touch(requestId: string): Promise<void>;
  /** A second reply with the same key for the same request is ignored. */
  insertReply(reply: Pick<ReplyRow, 'requestId' | 'key' | 'channel' | 'reply'>): Promise<void>;
  /** Returns its id. One that is held is delivered when that time has passed, unless somebody takes it before. */
  insertAnswer(
    answer: Pick<AnswerRow, 'platform' | 'to' | 'answer'>,
    held?: { id: string; until: Time },
  ): Promise<string>;

  insertLink(link: LinkRow): Promise<void>;
  putOutput(output: OutputRow): Promise<void>;

  /** Takes one call of a budget, or tells how long to wait (milliseconds). Shared by all instances. */
  takeCall(budget: Budget, limits: readonly Rate[]): Promise<number>;
  /** A call that was taken at that time is made only now, so it counts from now on. */
  callMade(budget: Budget, takenAt: Time): Promise<void>;
  /** After a 429: nobody calls before. */
  blockBudget(budget: Budget, until: Time): Promise<void>;
  /** Runs that hold a session at Defender, as far as we know: submitting, reconciling, or running and picked up. */
  countSessions(): Promise<number>;

  /** Held: as it is read it stays until the transaction ends; `alone`: nobody else holds it meanwhile, since it is to be changed. */
  setting<T>(key: string, held?: 'shared' | 'alone'): Promise<T | null>;
  setSetting(key: string, value: unknown): Promise<void>;
}

/** Submissions and reads at Defender; messages and edits of one chat channel; how often a periodic duty is done; what one person types. */
export type Budget = 'defender_submit' | 'defender_read' | `chat:${string}` | `duty:${string}` | `person:${string}`;

/** What the spine remembers, and the engine that works on it. Reads outside of a transaction see committed state. */
export interface Store {
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;

  requestsBy(filter: {
    status?: readonly RequestStatus[];
    platform?: Platform;
    requester?: PersonRef;
    machine?: string;
    since?: Time;
    /** Past their time at this moment, those due first come first: waiting ones by expiry, approved ones by start. */
    expiredBy?: Time;
    lateBy?: Time;
    /** Started without approval, not reviewed yet, and to be reviewed by this moment; infinity for all of them. */
    reviewBy?: Time;
    /** Those that come after this one, the last of the page before. */
    after?: Pick<Request, 'createdAt' | 'id'>;
    limit: number;
  }): Promise<Request[]>;
  runsBy(filter: { status: readonly RunStatus[]; limit?: number }): Promise<Run[]>;
  /** Queued runs that may be sent now, in a fair order: requests with the fewest runs in flight first, then the oldest. */
  dispatchable(now: Time, limit: number): Promise<Run[]>;
  /** How many queued runs stand before this one. */
  placeInLine(run: Run): Promise<number>;
  /** The requests whose card or thread this opaque thread string is, the newest first: Teams' threads may hold several. */
  requestsByThread(platform: Platform, thread: string): Promise<string[]>;
  /** The newest request of the person with this line since then. */
  sameLine(person: PersonRef, line: string, since: Time): Promise<Request | null>;
  /** Whether this exact file was in an approved request before; the digest it had then. */
  lastApprovedDigest(fileName: string): Promise<string | null>;

  cardsOf(requestId: string): Promise<CardRow[]>;
  link(hash: string): Promise<LinkRow | null>;
  /** By machine and command; of one run where it is named. */
  outputsOf(requestId: string, runId?: string): Promise<OutputRow[]>;

  sender: Sender;

  /**
   * Enqueues work for every unfinished record that is due and has no live job (queued, or active with a heartbeat in the
   * last 12 s): received requests, inbound rows, queued, submitting (past their deadline) and reconciling runs, cancels
   * to send, results to collect, cards, replies and answers to deliver. Returns how many.
   */
  revive(now: Time): Promise<number>;

  /**
   * One holder at a time; a dead holder's lease ends by itself after `ttl` milliseconds. False when somebody else has it. The
   * holder is this instance unless named, and renews by taking again: work that must be alone within an instance, too,
   * names a holder of its own.
   */
  lease(name: string, ttl: number, holder?: string): Promise<boolean>;
  releaseLease(name: string, holder?: string): Promise<void>;
}

/** The engine's workers. A handler that throws is tried again with backoff; after a kill another instance takes over. */
export interface Jobs {
  work(queue: Queue, options: { concurrency: number }, handler: (job: Job) => Promise<void>): Promise<void>;
  /** Takes no new jobs and waits for the running ones, at most so long (milliseconds). */
  stop(timeout: number): Promise<void>;
}

/** What tells one claim of a card or reply from the next. */
export type Claimed<Row extends CardRow | ReplyRow> = Pick<Row, 'state' | 'doubts' | 'notBefore'>;

/** What the one sender of a channel reads and writes. */
export interface Sender {
  /**
   * Requests of this channel whose card isn't posted, or may show an older state. Those whose decision or end isn't shown yet come before
   * what only tells how things go: a digest begins with the request's status that the card shows, and a blank.
   */
  nextCards(channel: string, now: Time, limit: number): Promise<CardRow[]>;
  /** Of these, those that are posted. */
  nextEdits(channel: string, now: Time, limit: number): Promise<CardRow[]>;
  /** Replies of this channel whose card is posted, oldest first. */
  nextReplies(channel: string, now: Time, limit: number): Promise<ReplyRow[]>;
  answer(id: string): Promise<AnswerRow | null>;
  /** The answer for who delivers it in another way than by the job; null when somebody else has taken it. */
  takeAnswer(id: string): Promise<AnswerRow | null>;
  /**
   * With `claimed`: only while the card is as that claim left it. False when somebody has taken it since, as after a pause of this
   * process; what becomes of the card is theirs to say then.
   */
  saveCard(
    id: string,
    change: Partial<Pick<CardRow, 'state' | 'posted' | 'shown' | 'digest' | 'doubts' | 'notBefore'>>,
    claimed?: Claimed<CardRow>,
  ): Promise<boolean>;
  /** Takes a card for posting as it was read; false when somebody was faster. Its state is `posting` then. */
  claimCard(row: CardRow, change: Pick<CardRow, 'doubts' | 'notBefore'>): Promise<boolean>;
  claimReply(row: ReplyRow, change: Pick<ReplyRow, 'doubts' | 'notBefore'>): Promise<boolean>;
  /** `claimed` as for saveCard. */
  saveReply(
    id: string,
    change: Partial<Pick<ReplyRow, 'state' | 'doubts' | 'notBefore'>>,
    claimed?: Claimed<ReplyRow>,
  ): Promise<boolean>;
  /** The channel takes messages again: what was put off there is due now, except what waits for an answer about a post. */
  freshStart(channel: string): Promise<void>;
  answerDone(id: string): Promise<void>;
  answerTried(id: string): Promise<void>;
}
