import type { Command } from '../../src/model/command.ts';
import type { Person } from '../../src/model/person.ts';
import type { Decision } from '../../src/model/request.ts';
import { evaluate, judge, loadPolicy, type Policy, quorumReached } from '../../src/policy/index.ts';
import { machine } from '../support/fake-defender.ts';
import { aDecision, aRequest, NOW } from '../support/records.ts';
import { type Spread, spread } from './numbers.ts';

/** How long the policy takes to decide: what counts for two commands, whether this person may approve, whether that is enough. */
export interface PolicyRow {
  rules: number;
  people: number;
  /** Somebody who may approve. */
  decided: Spread;
  /** Somebody who may not: they are told who may, by name. */
  refused: Spread;
}

const COMMANDS: Command[] = [
  { kind: 'run', script: 'minidump.ps1', args: ['OfficeClickToRun'] },
  { kind: 'get', path: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip' },
];
const WARM_UP = 200;

/** Decides again and again by a policy in which the last rules are the ones that match, with three groups of so many people. */
export function policyRow(rules: number, people: number, times: number): PolicyRow {
  const policy = loadPolicy(textOf(rules, people), { platforms: ['slack'] });
  const of = (id: string): number[] => {
    const all = Array.from({ length: WARM_UP + times }, (_, index) => timed(() => decide(policy, id, index)));
    return all.slice(WARM_UP);
  };
  return { rules, people, decided: spread(of('U1L7')), refused: spread(of('U0NOBODY')) };
}

function decide(policy: Policy, id: string, index: number): boolean {
  const subject = { commands: COMMANDS, machine: machine({ tags: [`t${index}`] }), fileDigest: () => 'a'.repeat(64) };
  const { terms } = evaluate(policy, subject);
  const request = aRequest({ status: 'waiting', requester: personOf('U0A1'), terms, commands: COMMANDS });
  const person = personOf(id);
  const before: Decision[] = [aDecision({ person: personOf('U1L9') })];
  const nameOf = (who: { id: string }) => `Person ${who.id}`;
  const judged = judge('approve', {
    policy,
    person,
    request,
    round: 1,
    channel: 'C0SOC',
    decisions: before,
    now: NOW,
    nameOf,
  });
  return judged.ok && quorumReached(policy, request, [...before, aDecision({ person })]);
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const personOf = (id: string): Person => ({ platform: 'slack', id, tenant: 'T0', name: id, standing: 'member' });

function textOf(rules: number, people: number): string {
  const users = (prefix: string) => Array.from({ length: people }, (_, index) => `${prefix}${index}`).join(', ');
  const others = Array.from({ length: rules - 2 }, (_, index) =>
    index % 2 === 0
      ? `  - { name: S${index}, match: { scripts: ["*tool-${index}*.ps1"], machineGroups: ["Work*"] }, approvals: 2 }`
      : `  - { name: P${index}, match: { paths: ["C:/*/x${index}/**/*.zip"], osPlatforms: ["Windows*"] } }`,
  );
  return `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { users: [${users('U0A')}] } }
  leads: { slack: { users: [${users('U1L')}] } }
  seniors: { slack: { users: [${users('U1L')}] } }
requesters: [analysts, leads]
approvers: [leads]
rules:
${others.join('\n')}
  - { name: Scripts, match: { scripts: ["mini*"] }, approvals: 2, approvers: [seniors] }
  - { name: Files, match: { commands: [get] } }
`;
}
