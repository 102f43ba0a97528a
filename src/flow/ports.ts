import type { DefenderError } from '../errors.ts';
import type { WireCommand } from '../model/command.ts';
import type { LibraryFile, Machine } from '../model/machine.ts';
import type { ButtonAction, Card, PrivateAnswer, Reply } from '../model/notice.ts';
import type { Person, PersonRef, Platform } from '../model/person.ts';
import type { CollectedFile, Decision, Request, RequestStatus, Run, RunStatus, Time } from '../model/request.ts';

/** The clock, passed in so that tests own it. Milliseconds since 1970. */
export interface Clock {
  now(): Time;
}

/** A structured log. Never a token, a link or the output of a machine. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

// ─── Chat ────────────────────────────────────────────────────────────────────────────────────────────────────────────

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

/** A machine action as Defender tells it. Words of Defender stay as they are; unknown ones stay unknown. */
export interface MachineAction {
  id: string;
  type: string;
  status: string;
  machineId: string;
  requestor: string;
  comment: string;
  createdAt: Time | null;
  updatedAt: Time | null;
  commands: {
    index: number;
    type: string;
    params: { key: string; value: string }[];
    status: string;
    startedAt: Time | null;
    endedAt: Time | null;
    errors: string[];
  }[];
}

/** What a look at actions has shown. An action in neither wasn't looked at, or not answered for: nothing is known of it. */
export interface Look {
  shown: MachineAction[];
  /** Ids that Defender, asked for each by itself just now, doesn't know. */
  unknown: string[];
  /** What was asked for in vain, while others were answered: no answer, a refusal, or nothing that is understood. */
  unread?: { id: string; code: DefenderError['code'] }[];
}

/** How one POST ended. `unclear` covers everything that doesn't prove one of the others. */
export type Submission =
  | { outcome: 'accepted'; action: MachineAction }
  | { outcome: 'refused'; code: string; message: string }
  | { outcome: 'throttled'; retryAfter: number | null; sessions: boolean }
  | { outcome: 'busy'; message: string }
  | { outcome: 'not_sent'; why: string }
  | { outcome: 'unclear'; why: string };

/** How a cancel ended. */
export type Cancellation =
  | { outcome: 'requested'; action: MachineAction }
  | { outcome: 'too_late'; message: string }
  | { outcome: 'refused'; message: string }
  | { outcome: 'unclear'; why: string };

/**
 * How the deletion of a library file ended. `unclear` covers everything that doesn't prove one of the others; the library tells
 * then.
 */
export type Removal =
  | { outcome: 'deleted' }
  | { outcome: 'not_found' }
  | { outcome: 'refused'; message: string }
  | { outcome: 'throttled'; retryAfter: number | null }
  | { outcome: 'not_sent'; why: string }
  | { outcome: 'unclear'; why: string };

/** Who spends a read: what people wait for comes first. */
export type Purpose = 'run' | 'people';

/**
 * Defender for Endpoint. Reads throw DefenderError. A call ends within 30 s as a whole. No links, tokens or bodies in
 * errors.
 */
export interface Defender {
  /**
   * Machines whose name, first label or id is the query, all of them; and those whose name begins with it, as many as one page holds.
   * A few of any for an empty query. `only`: one of the two. From the cache (at most 60 s old) unless fresh.
   */
  findMachines(
    query: string,
    options: { fresh: boolean; purpose: Purpose; only?: 'exact' | 'beginning' },
  ): Promise<Machine[]>;
  machine(id: string, options: { fresh: boolean; purpose: Purpose }): Promise<Machine | null>;
  /** Several machines by their ids, in one call; those that Defender doesn't know are left out. */
  machinesBy(ids: readonly string[], purpose: Purpose): Promise<Machine[]>;
  library(options: { fresh: boolean; purpose: Purpose }): Promise<LibraryFile[]>;
  /** Takes a file out of the library, for the whole tenant. Sends once; `gate` as for `submit`. */
  deleteFile(fileName: string, gate: () => boolean): Promise<Removal>;
  /** Makes sure that a token is at hand, so that nothing stands between a decision to send and the sending. Throws DefenderError. */
  signIn(): Promise<void>;
  /**
   * Sends once, never twice. `gate` is called synchronously with the connection open, right before the first byte may
   * leave: when it answers false nothing is sent (`not_sent`).
   */
  submit(
    machineId: string,
    body: { Commands: WireCommand[]; Comment: string },
    gate: () => boolean,
  ): Promise<Submission>;
  /** Looks at these actions, one call for up to 100. Fresh ones may be unknown for two minutes. */
  actions(ids: readonly string[]): Promise<Look>;
  /** Live response actions of a machine created since. */
  actionsOf(machineId: string, since: Time): Promise<MachineAction[]>;
  /** The same of several machines, in one call. */
  actionsOn(machineIds: readonly string[], since: Time): Promise<MachineAction[]>;
  /** A fresh download link: a bearer secret for 30 minutes. DefenderError `defender_not_found` while not ready. */
  resultLink(actionId: string, index: number, purpose: Purpose): Promise<string>;
  /** What can be known of a collected file without downloading it; small ones are read whole for their digest. */
  fileFacts(actionId: string, index: number, purpose: Purpose): Promise<CollectedFile>;
  /** What a script wrote, read through a fresh link, at most `limit` bytes of it. */
  scriptResult(actionId: string, index: number, limit: number): Promise<ScriptResult>;
  cancel(actionId: string, comment: string): Promise<Cancellation>;
  /** The machine's page in the Defender portal. */
  portalUrl(machineId: string): string;
}

/** A script's result, decoded: gzip, NULs, invalid JSON and plain text are handled; control characters are not. */
export interface ScriptResult {
  exitCode: number | null;
  output: string;
  errors: string;
  /** Bytes as downloaded; `truncated` when there was more than `limit`. */
  size: number;
  sha256: string | null;
  truncated: boolean;
}

// ─── Store ───────────────────────────────────────────────────────────────────────────────────────────────────────────

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
  posted: Posted | null;
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
  runsOf(requestId: string): Promise<Run[]>;
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
  /** Somebody's own copy of the card, in their private chat. False where one of this round is there, posted, lost or waiting. */
  insertCopy(
    copy: Pick<CardRow, 'requestId' | 'platform' | 'channel' | 'place'> & Pick<Request, 'round'>,
  ): Promise<boolean>;
  /** A message that stands already becomes a card of the request, to be brought up to date. False where it is one. */
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

  setting<T>(key: string): Promise<T | null>;
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
  outputsOf(requestId: string): Promise<OutputRow[]>;

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

/** What is counted, for operators. Labels are a closed set; nothing a person typed. */
export interface Metrics {
  command(
    platform: Platform,
    command: string,
    outcome: 'accepted' | 'refused' | 'usage' | 'answered' | 'duplicate',
  ): void;
  acknowledged(platform: Platform, seconds: number): void;
  rejectedInbound(platform: Platform, why: string): void;
  defenderCall(endpoint: string, status: string): void;
  throttled(): void;
  dispatchWait(seconds: number): void;
  reportLag(platform: Platform, seconds: number): void;
  policyValid(valid: boolean): void;
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
