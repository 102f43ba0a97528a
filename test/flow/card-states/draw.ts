import { newDeletion } from '../../../src/flow/deletion.ts';
import type { Surroundings } from '../../../src/flow/surroundings.ts';
import type { Command } from '../../../src/model/command.ts';
import type { PersonRef } from '../../../src/model/person.ts';
import {
  type CommandProgress,
  type Decision,
  type Deletion,
  type Doubt,
  type Request,
  type RequestStatus,
  type Run,
  type RunStatus,
  requestEnded,
  runEnded,
  type Waits,
} from '../../../src/model/request.ts';
import { machine } from '../../support/fake-defender.ts';
import { ANA, aCommand, aDecision, aRequest, aRun, around, NOW, terms } from '../../support/records.ts';

/** Picks one of them. */
export type Pick = <T>(some: readonly T[]) => T;

/**
 * What a field may be, for every field there is: one that is new doesn't compile until somebody has said what may stand in it. Words of
 * people and machines are the names of holes, as in scripts/card-states.ts.
 */
type Choices<T> = { [Field in keyof Required<T>]: readonly Required<T>[Field][] | 'as it is' };

/** All there are, so that a new one doesn't compile until it stands here. */
const all = <T extends string>(names: Record<T, true>): T[] => Object.keys(names) as T[];

const MINUTE = 60_000;
const WHO: PersonRef = { ...ANA, name: '‹who›' };

const REQUEST_STATUS = all<RequestStatus>({
  ...{ received: true, unconfirmed: true, refused: true, waiting: true, approved: true },
  ...{ denied: true, expired: true, withdrawn: true, done: true },
});
const RUN_STATUS = all<RunStatus>({
  ...{ held: true, queued: true, submitting: true, reconciling: true, running: true, unclear: true },
  ...{ succeeded: true, failed: true, timed_out: true, cancelled: true },
});
const DOUBT = all<Doubt>({ busy: true, no_answer: true, unproved: true, not_sent: true });
const WAITS: Record<Waits['for'], Waits[]> = {
  turn: [{ for: 'turn' }],
  machine: [{ for: 'machine', runId: null }],
  defender: [
    { for: 'defender', why: '‹why›' },
    { for: 'defender', why: '‹why›. Try again later.' },
  ],
  people: [{ for: 'people', why: '‹why›' }],
  pause: [{ for: 'pause', by: '‹who›', why: null }],
};
const OUTCOMES = all<NonNullable<Deletion['outcome']>>({ deleted: true, gone: true, failed: true, cancelled: true });

const COMMANDS: Command[][] = [
  [{ kind: 'run', script: '‹file›', args: [] }],
  [
    { kind: 'run', script: '‹file›', args: [] },
    { kind: 'get', path: '‹file›' },
  ],
  [
    { kind: 'put', file: '‹file›' },
    { kind: 'run', script: '‹file›', args: [] },
  ],
];

const PROGRESS: Choices<CommandProgress> = {
  state: all<CommandProgress['state']>({ waiting: true, running: true, completed: true, failed: true }),
  raw: ['', 'Created'],
  startedAt: [null, NOW],
  endedAt: [null, NOW + 3_000],
  result: all<CommandProgress['result']>({ pending: true, collected: true, none: true, failed: true }),
  exitCode: [null, 0, 1],
  trouble: [null, '‹trouble›'],
  errors: [[], ['‹error›']],
  wroteErrors: [false, true],
  ...{ tries: 'as it is', missing: 'as it is', head: 'as it is', moreLines: 'as it is', file: 'as it is' },
};

/** Somebody wishes a cancel, and what Defender has said to that. */
const WISH = { by: WHO, at: NOW, sent: false, note: null };
const ANSWERS = [{}, { untaken: true }, { sent: true, note: '‹answer›', untaken: false }];

const RUN: Choices<Run> = {
  status: RUN_STATUS,
  machine: [machine({ name: '‹machine›' })],
  doubt: [null, ...DOUBT],
  lookUntil: [null, NOW + MINUTE],
  actionId: [null, 'action'],
  sentAt: [null, NOW],
  pickedUpAt: [null, NOW],
  waits: Object.values(WAITS).flat(),
  notBefore: [0, NOW + MINUTE],
  cancel: [null, null, ...[null, '‹why›'].flatMap((why) => ANSWERS.map((answer) => ({ ...WISH, why, ...answer })))],
  note: [null, '‹note›'],
  settledBy: [null, WHO],
  unseen: [null, { since: NOW, why: '‹why›', told: false }, { since: NOW, why: '‹why›', told: true }],
  commands: 'as it is',
  endedAt: 'as it is',
  ...{ id: 'as it is', requestId: 'as it is', version: 'as it is', attempt: 'as it is', intentAt: 'as it is' },
  ...{ deadline: 'as it is', sendStartedAt: 'as it is', actionStatus: 'as it is', queuedAt: 'as it is' },
  ...{ asks: 'as it is', missingSince: 'as it is', called: 'as it is' },
};

const REQUEST: Choices<Request> = {
  status: REQUEST_STATUS,
  requester: [{ ...aRequest().requester, name: '‹who›' }],
  commands: COMMANDS,
  terms: [terms(), terms({ approvals: 0 })],
  judgedAnew: [null, { from: terms(), note: null }, { from: terms(), note: '‹since›' }],
  note: [null, '‹note›'],
  startBy: [null, NOW + MINUTE, NOW + 8 * 60 * MINUTE],
  machineCount: [3],
  round: [1, 2],
  endedBy: [WHO],
  endedAt: 'as it is',
  ...{ id: 'as it is', version: 'as it is', platform: 'as it is', channel: 'as it is' },
  ...{ place: 'as it is', replyTo: 'as it is', line: 'as it is', machine: 'as it is', aim: 'as it is' },
  ...{ reason: 'as it is', breakGlass: 'as it is', createdAt: 'as it is', files: 'as it is', warnings: 'as it is' },
  ...{
    expiresAt: 'as it is',
    approvedAt: 'as it is',
    remindedAt: 'as it is',
    review: 'as it is',
    deletion: 'as it is',
  },
};

const AROUND: Choices<Surroundings> = {
  place: [0, 1, 2, 10],
  blockedBy: [null, null, '‹id›'],
  freeSessions: [1, 100],
  slowUntil: [null, null, NOW + MINUTE],
  paused: [null, null, { by: '‹who›', why: null }, { by: '‹who›', why: '‹why›' }],
  ...{ now: 'as it is', shared: 'as it is', portalUrl: 'as it is', approvers: 'as it is', audience: 'as it is' },
  ...{ others: 'as it is', mention: 'as it is', approvals: 'as it is', callsPerMinute: 'as it is' },
  offlineQueue: 'as it is',
};

const DELETION: Choices<Deletion> = {
  fileName: ['‹file›'],
  attempt: [0, 1],
  deadline: [null, NOW],
  waits: [null, '‹why›', '‹why›. Try again later.'],
  outcome: OUTCOMES,
  ...{ file: 'as it is', confirmedAt: 'as it is', notBefore: 'as it is', tries: 'as it is' },
};

const DECISIONS: Decision[][] = [[], [aDecision()], [aDecision({ verdict: 'break_glass', why: '‹why›' })]];

function drawn<T extends object>(base: T, choices: Choices<T>, pick: Pick): T {
  const record = { ...base };
  for (const field of Object.keys(choices) as (keyof T)[]) {
    const some = choices[field];
    if (some !== 'as it is') record[field] = pick(some as readonly T[keyof T][]);
  }
  return record;
}

export interface Drawn {
  request: Request;
  runs: [Run, ...Run[]];
  deletion: Deletion;
  decisions: Decision[];
  around: Surroundings;
}

/** Records in any state, one way or another; only what has ended has a time of its end. */
export function draw(pick: Pick): Drawn {
  const request = drawn(aRequest(), REQUEST, pick);
  request.endedAt = requestEnded(request.status) ? NOW + 5 * MINUTE : null;
  if (request.status === 'waiting') request.note = pick([request.note, '‹note›, so it needs approval again']);
  // By chance alone several hardly ever end all of them, and well.
  const allWell = pick([false, true]);
  const runOf = (): Run => {
    const run = drawn(aRun(), RUN, pick);
    if (allWell) run.status = 'succeeded';
    const commands = request.commands.map(() => drawn(aCommand(), PROGRESS, pick));
    if (run.status === 'cancelled') run.note = pick([run.note, 'Cancelled ‹note›']);
    return { ...run, commands, endedAt: runEnded(run.status) ? NOW + 5 * MINUTE : null };
  };
  return {
    request,
    runs: [runOf(), ...Array.from({ length: pick([1, 4]) }, runOf)],
    deletion: drawn(newDeletion('‹file›'), DELETION, pick),
    decisions: pick(DECISIONS),
    around: drawn(around({ now: NOW + MINUTE }), AROUND, pick),
  };
}
