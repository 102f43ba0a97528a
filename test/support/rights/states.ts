import type { Tx } from '../../../src/flow/ports.ts';
import type { KnownPerson } from '../../../src/model/person.ts';
import type { Decision, Deletion, Request, Run } from '../../../src/model/request.ts';
import type { Policy } from '../../../src/policy/index.ts';
import { aDecision, aRequest, aRun, NOW, terms } from '../records.ts';
import { CHANNELS } from './people.ts';

/** How far a request is, in the words of the oracle. */
export const STATES = [
  ...['received', 'unconfirmed deletion', 'waiting', 'waiting deletion', 'approved deletion', 'in line', 'submitting'],
  ...['reconciling', 'running', 'unclear', 'succeeded', 'failed', 'timed out', 'cancelled', 'deleted', 'refused'],
  ...[
    'waiting for another',
    'denied',
    'expired',
    'withdrawn',
    'running, glass broken',
    'finished, glass broken',
    'finished, reviewed',
  ],
] as const;
export type State = (typeof STATES)[number];

/** A request as far as that, with everything that has been decided about it. */
export interface Records {
  request: Request;
  run: Run | null;
  decisions: Decision[];
}

export const ACTION = 'a0a0a0a0-0000-4000-8000-000000000000';

/** The records of a request in this state, asked for by this person and decided by others of their platform. */
export function recordsOf(state: State, requester: KnownPerson, policy: Policy): Records {
  const { platform } = requester;
  const [channel, place] = [CHANNELS[platform], CHANNELS[platform]];
  const { request = {}, run, decisions = [], approvals = 1 } = PARTS[state];
  // Long enough ago that the same line isn't asked about first.
  const base = aRequest({
    createdAt: NOW - 120_000,
    platform,
    requester,
    channel,
    place,
    terms: terms({ approvals, policyHash: policy.hash }),
  });
  const by = decisionsBy(platform);
  return {
    request: { ...base, files: [FILE], ...request },
    run: run === undefined ? null : aRun(run),
    decisions: decisions.map((one) => aDecision({ person: one.verdict === 'break_glass' ? requester : by, ...one })),
  };
}

/** Another lead than those who act here; only their decision matters. */
function decisionsBy(platform: KnownPerson['platform']): KnownPerson {
  const id = platform === 'slack' ? 'U0LEA' : 'dddddddd-0000-4000-8000-000000000000';
  return { platform, id, tenant: 'CONTOSO', name: 'Lea Lead' };
}

const FILE = {
  command: 0,
  fileName: 'minidump.ps1',
  sha256: 'a'.repeat(64),
  description: 'Dumps a process',
  addedBy: 'Dan',
  updatedAt: '2026-11-03T09:00:00Z',
};

const deletion = (changes: Partial<Deletion> = {}): Partial<Request> => ({
  line: 'library delete minidump.ps1',
  machine: '',
  commands: [],
  files: [],
  deletion: {
    fileName: 'minidump.ps1',
    file: FILE,
    confirmedAt: null,
    attempt: 0,
    deadline: null,
    notBefore: 0,
    waits: null,
    outcome: null,
    ...changes,
  },
});

type Parts = { request?: Partial<Request>; run?: Partial<Run>; decisions?: Partial<Decision>[]; approvals?: number };

const undecided = { approvedAt: null, startBy: null };
const ended = { endedAt: NOW };
const atDefender: Partial<Run> = { attempt: 1, intentAt: NOW, sendStartedAt: NOW, sentAt: NOW, actionId: ACTION };
const approved: Partial<Decision>[] = [{}];
const done = (run: Partial<Run>): Parts => ({
  request: { status: 'done', ...ended },
  run: { ...atDefender, ...ended, ...run },
  decisions: approved,
});
const early = (status: Request['status']): Parts => ({
  request: { status, ...undecided, ...ended },
  run: { status: 'cancelled', ...ended },
});
const broken: Partial<Request> = {
  breakGlass: true,
  reason: 'INC-7 ransomware',
  review: { by: NOW + 1, remindAt: NOW + 1, doneAt: null },
};
const glass: Partial<Decision> = { verdict: 'break_glass', why: 'INC-7 ransomware' };

const PARTS: Record<State, Parts> = {
  received: { request: { status: 'received', ...undecided, terms: null, files: [], expiresAt: null } },
  'unconfirmed deletion': { request: { status: 'unconfirmed', ...undecided, terms: null, ...deletion() } },
  waiting: { request: { status: 'waiting', ...undecided }, run: { status: 'held' } },
  // One of the two leads of a platform who are in the policy by id has approved it.
  'waiting for another': {
    request: { status: 'waiting', ...undecided },
    run: { status: 'held' },
    decisions: approved,
    approvals: 2,
  },
  'waiting deletion': { request: { status: 'waiting', ...undecided, ...deletion({ confirmedAt: NOW }) } },
  'approved deletion': { request: { status: 'approved', ...deletion({ confirmedAt: NOW }) }, decisions: approved },
  'in line': { run: {}, decisions: approved },
  submitting: { run: { ...atDefender, status: 'submitting', actionId: null, deadline: NOW + 1 }, decisions: approved },
  reconciling: { run: { ...atDefender, status: 'reconciling', actionId: null, doubt: 'busy' }, decisions: approved },
  running: { run: { ...atDefender, status: 'running' }, decisions: approved },
  unclear: { run: { ...atDefender, status: 'unclear', actionId: null, doubt: 'no_answer' }, decisions: approved },
  succeeded: done({ status: 'succeeded' }),
  failed: done({ status: 'failed' }),
  'timed out': done({ status: 'timed_out' }),
  cancelled: done({ status: 'cancelled' }),
  deleted: {
    request: { status: 'done', ...ended, ...deletion({ confirmedAt: NOW, attempt: 1, outcome: 'deleted' }) },
    decisions: approved,
  },
  refused: { request: { status: 'refused', ...undecided, ...ended, terms: null, files: [] } },
  denied: { ...early('denied'), decisions: [{ verdict: 'deny' }] },
  expired: early('expired'),
  withdrawn: early('withdrawn'),
  'running, glass broken': { request: broken, run: { ...atDefender, status: 'running' }, decisions: [glass] },
  'finished, glass broken': {
    request: { ...broken, status: 'done', ...ended },
    run: { ...atDefender, ...ended, status: 'succeeded' },
    decisions: [glass],
  },
  'finished, reviewed': {
    request: { ...broken, review: { by: NOW, remindAt: NOW, doneAt: NOW }, status: 'done', ...ended },
    run: { ...atDefender, ...ended, status: 'succeeded' },
    decisions: [glass, { round: 0, why: 'reviewed' }],
  },
};

/** Writes it down as the stages would have. */
export async function insert(tx: Tx, { request, run, decisions }: Records): Promise<void> {
  await tx.insertRequest(request);
  if (run !== null) await tx.insertRun(run);
  for (const decision of decisions) await tx.insertDecision(decision);
}
