import type { Surroundings } from '../../src/flow/surroundings.ts';
import type { PersonRef } from '../../src/model/person.ts';
import type { CommandProgress, Decision, Request, Run, Terms } from '../../src/model/request.ts';
import { machine } from './fake-defender.ts';

export const NOW = Date.UTC(2026, 10, 24, 9);
export const ANA: PersonRef = { platform: 'slack', id: 'U0ANA', tenant: 'T0CONTOSO', name: 'Ana Analyst' };
export const LEA: PersonRef = { platform: 'slack', id: 'U0LEA', tenant: 'T0CONTOSO', name: 'Lea Lead' };
export const LEO: PersonRef = { platform: 'slack', id: 'U0LEO', tenant: 'T0CONTOSO', name: 'Leo Lead' };

export const terms = (changes: Partial<Terms> = {}): Terms => ({
  rule: 'Default',
  approvals: 1,
  expireAfter: 8 * 3_600_000,
  startWithin: 8 * 3_600_000,
  breakGlass: true,
  approverGroups: [['leads']],
  because: 'Rule “Default” counts.',
  policyHash: 'hash',
  ...changes,
});

/** An approved request with one script. */
export const aRequest = (changes: Partial<Request> = {}): Request => ({
  id: 'LR-8K3F2Q',
  version: 3,
  status: 'approved',
  round: 1,
  platform: 'slack',
  requester: ANA,
  channel: 'C0SOC',
  place: 'C0SOC',
  replyTo: 'to-ana',
  line: 'run ws-042 minidump.ps1 OfficeClickToRun',
  machine: 'ws-042',
  commands: [{ kind: 'run', script: 'minidump.ps1', args: ['OfficeClickToRun'] }],
  reason: null,
  breakGlass: false,
  createdAt: NOW,
  terms: terms(),
  files: [],
  warnings: [],
  note: null,
  expiresAt: NOW + 8 * 3_600_000,
  startBy: NOW + 8 * 3_600_000,
  approvedAt: NOW,
  endedAt: null,
  endedBy: null,
  remindedAt: null,
  ...changes,
});

export const aCommand = (changes: Partial<CommandProgress> = {}): CommandProgress => ({
  state: 'waiting',
  raw: '',
  startedAt: null,
  endedAt: null,
  errors: [],
  result: 'pending',
  tries: 0,
  exitCode: null,
  head: [],
  moreLines: 0,
  wroteErrors: false,
  trouble: null,
  ...changes,
});

/** A queued run of it. */
export const aRun = (changes: Partial<Run> = {}): Run => ({
  id: 'LR-8K3F2Q.1',
  requestId: 'LR-8K3F2Q',
  version: 3,
  status: 'queued',
  machine: machine(),
  attempt: 0,
  intentAt: null,
  deadline: null,
  sendStartedAt: null,
  doubt: null,
  lookUntil: null,
  actionId: null,
  actionStatus: null,
  sentAt: null,
  pickedUpAt: null,
  waits: { for: 'turn' },
  notBefore: 0,
  queuedAt: NOW,
  commands: [aCommand()],
  cancel: null,
  note: null,
  settledBy: null,
  endedAt: null,
  missingSince: null,
  ...changes,
});

export const aDecision = (changes: Partial<Decision> = {}): Decision => ({
  requestId: 'LR-8K3F2Q',
  round: 1,
  person: LEA,
  verdict: 'approve',
  why: null,
  at: NOW,
  ...changes,
});

export const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  now: NOW,
  shared: false,
  portalUrl: 'https://security.microsoft.com/machines/1',
  approvers: [LEA, LEO],
  audience: null,
  others: [],
  mention: true,
  approvals: 0,
  place: 0,
  callsPerMinute: 10,
  blockedBy: null,
  freeSessions: 1_000,
  slowUntil: null,
  paused: null,
  offlineQueue: 2 * 3_600_000,
  ...changes,
});
