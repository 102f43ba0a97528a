import type { Command } from '../../src/model/command.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { Person, PersonRef } from '../../src/model/person.ts';
import type { Decision, Request, Terms } from '../../src/model/request.ts';
import { type Context, loadPolicy, type Policy, type Subject } from '../../src/policy/index.ts';

export const HASH_A = 'a'.repeat(64);
export const HASH_B = 'b'.repeat(64);
export const ENTRA_LEAD = '0f0f0f0f-0000-4000-8000-00000000000a';

/** A policy's text with these lines after the people. */
export function policyText(rest = ''): string {
  return `version: 1
channels: { slack: [C0SOC], teams: ["19:abc@thread.tacv2"] }
groups:
  analysts: { slack: { users: [UANA, UART] }, teams: { users: [${ENTRA_LEAD}] } }
  leads: { slack: { users: [ULEA, ULEO, UANNA] }, teams: { users: [${ENTRA_LEAD.toUpperCase()}] } }
  seniors: { slack: { users: [ULEO, UANNA] } }
  nobody: {}
requesters: [analysts, leads]
approvers: [leads]
${rest}`;
}

/** That policy, read. */
export function policyWith(rest = ''): Policy {
  return loadPolicy(policyText(rest), { platforms: ['slack'] });
}

export const run = (script: string, ...args: string[]): Command => ({ kind: 'run', script, args });
export const get = (path: string): Command => ({ kind: 'get', path });
export const put = (file: string): Command => ({ kind: 'put', file });

export function machineWith(changes: Partial<Machine> = {}): Machine {
  return {
    id: '1111222233334444555566667777888899990000',
    name: 'ws-042.contoso.com',
    osPlatform: 'Windows11',
    osVersion: '24H2',
    health: 'Active',
    lastSeen: null,
    risk: 'Medium',
    group: 'Workstations',
    tags: ['finance'],
    lastIp: '10.0.0.42',
    ...changes,
  };
}

export function subjectOf(
  commands: Command[],
  changes: Partial<Machine> = {},
  digest: string | null = HASH_A,
): Subject {
  return { commands, machine: machineWith(changes), fileDigest: () => digest };
}

export function slackPerson(id: string, changes: Partial<Person> = {}): Person {
  return { platform: 'slack', id, tenant: 'T1', name: `Name of ${id}`, standing: 'member', ...changes };
}

const requester: PersonRef = { platform: 'slack', id: 'UANA', tenant: 'T1', name: 'Ana Analyst' };

export const terms: Terms = {
  rule: 'Default',
  approvals: 1,
  expireAfter: 1,
  startWithin: 1,
  breakGlass: false,
  approverGroups: [['leads']],
  because: '',
  policyHash: '',
};

export function requestWith(changes: Partial<Request> = {}): Request {
  return {
    id: 'LR-8K3F2Q',
    version: 1,
    status: 'waiting',
    round: 2,
    platform: 'slack',
    requester,
    channel: 'C0SOC',
    place: 'C0SOC',
    replyTo: '',
    line: 'run ws-042 minidump.ps1',
    machine: 'ws-042',
    commands: [run('minidump.ps1')],
    reason: null,
    breakGlass: false,
    createdAt: 0,
    terms,
    files: [],
    warnings: [],
    note: null,
    expiresAt: 1_000,
    startBy: null,
    approvedAt: null,
    endedAt: null,
    endedBy: null,
    remindedAt: null,
    ...changes,
  };
}

export function decisionBy(id: string, changes: Partial<Decision> = {}): Decision {
  return {
    requestId: 'LR-8K3F2Q',
    round: 2,
    person: slackPerson(id),
    verdict: 'approve',
    why: null,
    at: 1,
    ...changes,
  };
}

export function contextWith(changes: Partial<Context> = {}): Context {
  return {
    policy: policyWith(),
    person: slackPerson('ULEA'),
    request: requestWith(),
    round: 2,
    channel: changes.request?.channel ?? 'C0SOC',
    decisions: [],
    now: 500,
    ...changes,
  };
}

/** Names as the platform's directory would tell them. */
export const nameOf = ({ id }: { id: string }): string | null =>
  ({ ULEA: 'Lea Lead', ULEO: 'Leo Lead', UANNA: 'Anna Senior', UANA: 'Ana Analyst' })[id] ?? null;
