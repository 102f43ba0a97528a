import assert from 'node:assert/strict';
import type { Person } from '../../src/model/person.ts';
import {
  approversFor,
  approversKnown,
  checkPolicy,
  couldRead,
  couldRequest,
  entraGroupsOf,
  evaluate,
  explain,
  isMember,
  judge,
  judgePerson,
  judgeRequest,
  loadPolicy,
  mayApprove,
  type Policy,
} from '../../src/policy/index.ts';
import { contextWith, ENTRA_LEAD, nameOf, requestWith, run, slackPerson, subjectOf, terms } from './fixtures.ts';

/** Entra groups and people of the policy below, and what it doesn't know. */
const SOC = '50c00000-0000-4000-8000-000000000001';
const SENIORS = '5e000000-0000-4000-8000-000000000002';
const UNUSED = 'dead0000-0000-4000-8000-000000000003';
const ANYBODY = 'abcdef00-0000-4000-8000-000000000004';

const TEXT = `version: 1
channels: { teams: ["19:abc@thread.tacv2"] }
groups:
  analysts: { teams: { entraGroups: [${SOC.toUpperCase()}, ${SOC}] } }
  leads: { slack: { users: [ULEA] }, teams: { users: [${ENTRA_LEAD}], entraGroups: [${SENIORS}] } }
  glass: { teams: { users: [${ANYBODY}] } }
  unused: { teams: { entraGroups: [${UNUSED}] } }
requesters: [analysts]
approvers: [leads]
breakGlass: { allowed: [glass] }
default: { breakGlass: true }
`;

const policyOf = (text: string): Policy => loadPolicy(text, { platforms: ['teams'] });
const policy = policyOf(TEXT);

function teamsPerson(id: string, groups?: string[]): Person {
  const person: Person = { platform: 'teams', id, tenant: 'T', name: 'Tea Teams', standing: 'member' };
  return groups === undefined ? person : { ...person, groups };
}

describe('Entra groups', () => {
  it('let people in on Teams who were found in them', () => {
    assert.ok(isMember(policy, ['leads'], teamsPerson(ANYBODY, [SENIORS])));
    assert.ok(judgePerson('request', { policy, person: teamsPerson(ANYBODY, [SOC]) }).ok);
    assert.ok(!judgePerson('pause', { policy, person: teamsPerson(ANYBODY, [SOC]) }).ok);
    assert.ok(!isMember(policy, ['leads', 'analysts'], teamsPerson(ANYBODY, [])));
  });

  it('let nobody in whose account may do nothing', () => {
    const guest: Person = { ...teamsPerson(ANYBODY, [SOC, SENIORS]), standing: 'guest' };
    for (const visit of ['request', 'read', 'pause'] as const) {
      const judgement = judgePerson(visit, { policy, person: guest });
      assert.equal(!judgement.ok && judgement.rule, 'standing', visit);
    }
  });

  it('let nobody decide about their own request', () => {
    const person = teamsPerson(ANYBODY, [SENIORS]);
    const request = requestWith({
      platform: 'teams',
      channel: '19:abc@thread.tacv2',
      requester: teamsPerson(ANYBODY.toUpperCase()),
      terms,
    });
    const judgement = judge('approve', contextWith({ policy, person, request }));
    assert.equal(!judgement.ok && judgement.rule, 'not-requester');
  });

  it('are asked about once each, in lower case, where rights rest on them and nowhere else', () => {
    assert.deepEqual(entraGroupsOf(policy), [SOC, SENIORS]);
    const everywhere = policyOf(
      TEXT.replace('allowed: [glass]', 'allowed: [unused]').replace('requesters: [analysts]', 'requesters: [leads]'),
    );
    assert.deepEqual(entraGroupsOf(everywhere), [SENIORS, UNUSED]);
    for (const rest of [
      'rules: [{ name: R, match: {}, approvers: [unused] }]',
      'rules: [{ name: R, match: {}, requesters: [unused] }]',
    ]) {
      assert.deepEqual(entraGroupsOf(policyOf(TEXT + rest)), [SOC, SENIORS, UNUSED], rest);
    }
    const inDefault = (key: string) =>
      policyOf(TEXT.replace('{ breakGlass: true }', `{ breakGlass: true, ${key}: [unused] }`));
    for (const key of ['approvers', 'requesters']) {
      assert.deepEqual(entraGroupsOf(inDefault(key)), [SOC, SENIORS, UNUSED], key);
    }
  });

  it('keep the door open for who has not been looked up, on Teams only', () => {
    assert.ok(couldRead(policy, teamsPerson(ANYBODY)));
    assert.ok(couldRequest(policy, teamsPerson(ANYBODY)));
    assert.ok(!couldRead(policy, teamsPerson(ANYBODY, [])), 'asked, and in none');
    assert.ok(!couldRead(policy, slackPerson('UX')));
    assert.ok(couldRead(policy, slackPerson('ULEA')));
    const byId = policyOf(TEXT.replace(`{ users: [${ENTRA_LEAD}], entraGroups: [${SENIORS}] }`, '{}'));
    assert.ok(!couldRequest({ ...byId, requesters: ['leads'] }, teamsPerson(ANYBODY)));
    assert.ok(!couldRead({ ...byId, requesters: ['leads'], approvers: ['leads', 'glass'] }, teamsPerson(ENTRA_LEAD)));
    assert.ok(couldRead({ ...byId, requesters: ['leads'], approvers: ['glass'] }, teamsPerson(ANYBODY)));
  });

  it('must be those of the directory: an id by its form', () => {
    for (const wrong of ['SOC', `${SOC}0`, SOC.slice(1), `{${SOC}}`]) {
      assert.throws(
        () => policyOf(TEXT.replace(`[${SENIORS}]`, `["${wrong}"]`)),
        /entraGroups → entry 1: must be an Entra object id/,
        wrong,
      );
    }
  });
});

describe('Approvers of Entra groups', () => {
  const known = (lists: string[][], platform: 'slack' | 'teams' = 'teams') =>
    approversKnown(policy, { approverGroups: lists }, platform);

  it('are not all known by id', () => {
    assert.equal(known([['leads']]), false);
    assert.equal(known([['leads']], 'slack'), true);
    assert.equal(known([['glass']]), false, 'the policy’s own list counts, too');
    const byId = { ...policy, approvers: ['glass'] };
    assert.equal(approversKnown(byId, { approverGroups: [['glass']] }, 'teams'), true);
    assert.equal(approversKnown(byId, { approverGroups: [['glass'], ['leads']] }, 'teams'), false);
    assert.equal(
      approversKnown({ ...policy, approvers: ['glass', 'leads'] }, { approverGroups: [['glass']] }, 'teams'),
      true,
      'a list that a narrower one implies doesn’t count',
    );
  });

  it('can be listed by the directory: each once, and nobody who isn’t in every list', () => {
    const listed = new Map([
      [SENIORS, [ANYBODY, ENTRA_LEAD.toUpperCase(), '0'].map((id) => ({ platform: 'teams' as const, id }))],
      [UNUSED, ['1', '0'].map((id) => ({ platform: 'teams' as const, id }))],
    ]);
    const ids = (lists: string[][], except: string | null = null) =>
      approversFor(
        policy,
        { approverGroups: lists },
        'teams',
        except === null ? null : { platform: 'teams', id: except },
        listed,
      ).map(({ id }) => id.toLowerCase());
    assert.deepEqual(ids([['leads']]), [ENTRA_LEAD, ANYBODY, '0']);
    assert.deepEqual(ids([['leads']], ANYBODY.toUpperCase()), [ENTRA_LEAD, '0']);
    assert.deepEqual(ids([['leads'], ['glass']]), [ANYBODY]);
    assert.deepEqual(ids([['leads'], ['unused']]), ['0'], 'in both');
    assert.ok(approversKnown(policy, { approverGroups: [['leads']] }, 'teams', listed));
    assert.ok(!approversKnown(policy, { approverGroups: [['leads'], ['analysts']] }, 'teams', listed));
    for (const person of approversFor(policy, { approverGroups: [['leads']] }, 'teams', null, listed)) {
      assert.ok(mayApprove(policy, person), person.id);
    }
  });

  it('are not claimed to be all named in sentences', () => {
    const named = (person: { id: string }) => (person.id === ENTRA_LEAD ? 'Lea Lead' : nameOf(person));
    const refused = judge(
      'approve',
      contextWith({
        policy,
        person: teamsPerson(ANYBODY, []),
        request: requestWith({ platform: 'teams', channel: '19:abc@thread.tacv2', requester: teamsPerson('x'), terms }),
        nameOf: named,
      }),
    );
    assert.equal(
      !refused.ok && refused.sentence,
      'You may not approve LR-8K3F2Q. These people may: leads (among them Lea Lead).',
    );
    const stranger = judgePerson('read', { policy, person: teamsPerson(ANYBODY, []), nameOf: named });
    assert.equal(
      !stranger.ok && stranger.sentence,
      'You may not use live response here. Ask analysts or leads (among them Lea Lead).',
    );
    const onSlack = judgePerson('pause', { policy, person: slackPerson('UX'), nameOf: named });
    assert.equal(!onSlack.ok && onSlack.sentence, 'Only approvers can pause and resume: leads (Lea Lead).');
  });
});

describe('A policy that rests on Entra groups', () => {
  const verdict = evaluate(policy, subjectOf([run('a.ps1')]));

  it('isn’t warned of as if nobody were in them', () => {
    assert.deepEqual(checkPolicy(policy), []);
    const two = policyOf(TEXT.replace('{ breakGlass: true }', '{ breakGlass: true, approvals: 2 }'));
    assert.deepEqual(checkPolicy(two), [], 'an Entra group may bring as many as are needed');
    const none = policyOf(TEXT.replace(`, entraGroups: [${SENIORS}]`, '').replace('approvals: 1', 'approvals: 2'));
    assert.deepEqual(checkPolicy({ ...none, default: { ...none.default, approvals: 2 } }), [
      'Rule “Default” needs 2 approvals, but on Teams 1 person may approve: it can never run there.',
    ]);
  });

  it('is still warned of where nobody can be in', () => {
    const empty = policyOf(TEXT.replace(`entraGroups: [${SOC.toUpperCase()}, ${SOC}]`, 'entraGroups: []'));
    assert.deepEqual(checkPolicy(empty), [
      'Group “analysts” lists no users, so nobody has a right through it.',
      'Nobody on Teams is in requesters (analysts).',
    ]);
  });

  it('is explained without claiming what only the directory knows', () => {
    const said = (requester: Person) => explain(policy, verdict, { platform: 'teams', requester });
    const byGroups =
      'This person may ask for it only as a member of the Entra groups of analysts, which weren’t looked at here.';
    assert.ok(said(teamsPerson(ANYBODY)).includes(byGroups));
    assert.ok(
      said(teamsPerson(ANYBODY, [])).includes('This person may not ask for it; these people may: analysts.'),
      'looked at, and in none',
    );
    assert.ok(!said(teamsPerson(ANYBODY, [SOC])).some((line) => line.startsWith('This person')));
    const two = { ...verdict, terms: { ...verdict.terms, approvals: 2 } };
    const lines = explain(policy, two, { platform: 'teams' });
    assert.ok(lines.includes('It needs 2 approvals by leads; nobody approves their own request.'));
    assert.ok(!lines.some((line) => line.startsWith('It can’t get them')), 'the group may have enough people');
  });

  it('narrows by rule as by the policy’s own lists', () => {
    const narrow = policyOf(`${TEXT}rules: [{ name: R, match: {}, requesters: [unused], approvers: [unused] }]`);
    const asked = evaluate(narrow, subjectOf([run('a.ps1')]));
    const ask = (groups: string[]) =>
      judgeRequest({ policy: narrow, person: teamsPerson(ANYBODY, groups), verdict: asked, reason: null, machines: 1 })
        .ok;
    assert.deepEqual([ask([SOC]), ask([UNUSED]), ask([SOC, UNUSED])], [false, false, true]);
    const request = requestWith({
      platform: 'teams',
      channel: '19:abc@thread.tacv2',
      requester: teamsPerson('x'),
      terms: asked.terms,
    });
    const approve = (groups: string[]) =>
      judge('approve', contextWith({ policy: narrow, person: teamsPerson(ANYBODY, groups), request })).ok;
    assert.deepEqual([approve([SENIORS]), approve([UNUSED]), approve([SENIORS, UNUSED])], [false, false, true]);
  });
});
