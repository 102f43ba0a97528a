import assert from 'node:assert/strict';
import type { Person } from '../../src/model/person.ts';
import {
  approversFor,
  approversKnown,
  checkPolicy,
  couldRead,
  couldRequest,
  evaluate,
  explain,
  isMember,
  judge,
  judgePerson,
  loadPolicy,
  mayApprove,
  type Policy,
  userGroupsOf,
} from '../../src/policy/index.ts';
import { contextWith, requestWith, run, subjectOf, terms } from './fixtures.ts';

const TEXT = `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { userGroups: [S0SOC, S0SOC] } }
  leads: { slack: { users: [ULEA], userGroups: [S0SENIORS] }, teams: { users: [0f0f0f0f-0000-4000-8000-00000000000a] } }
  unused: { slack: { userGroups: [S0UNUSED] } }
requesters: [analysts]
approvers: [leads]
`;

const policyOf = (text: string): Policy => loadPolicy(text, { platforms: ['slack'] });
const trusting = policyOf(`${TEXT}trustUserGroups: true\n`);
const distrusting = policyOf(TEXT);

function person(id: string, groups?: string[], changes: Partial<Person> = {}): Person {
  const one: Person = { platform: 'slack', id, tenant: 'T', name: 'Sam Slack', standing: 'member', ...changes };
  return groups === undefined ? one : { ...one, groups };
}

describe('Slack user groups', () => {
  it('let people in on Slack who were found in them', () => {
    assert.ok(judgePerson('request', { policy: trusting, person: person('UANY', ['S0SOC']) }).ok);
    assert.ok(!mayApprove(trusting, person('UANY', ['S0SOC'])));
    assert.ok(mayApprove(trusting, person('UANY', ['S0SENIORS'])));
    assert.ok(!isMember(trusting, ['analysts', 'leads'], person('UANY', [])));
    assert.ok(!isMember(trusting, ['leads'], person('UANY', ['s0seniors'])), 'ids of Slack are exact');
  });

  it('count for nothing where the policy does not trust them, whatever a record says', () => {
    assert.ok(!isMember(distrusting, ['analysts', 'leads'], person('UANY', ['S0SOC', 'S0SENIORS'])));
    assert.ok(isMember(distrusting, ['leads'], person('ULEA', [])), 'who is listed by id is in all the same');
    assert.deepEqual(userGroupsOf(distrusting), []);
    assert.ok(!couldRead(distrusting, person('UANY')));
    assert.deepEqual(
      checkPolicy(distrusting).filter((line) => line.includes('user groups')),
      ['analysts', 'leads', 'unused'].map(
        (name) => `Group “${name}”: its Slack user groups are ignored, because trustUserGroups is false.`,
      ),
    );
  });

  it('let nobody in on Teams, and Entra groups nobody on Slack', () => {
    assert.ok(!isMember(trusting, ['analysts', 'leads'], person('UANY', ['S0SOC'], { platform: 'teams' })));
    const entra = policyOf(
      TEXT.replace(
        '{ slack: { userGroups: [S0UNUSED] } }',
        '{ teams: { entraGroups: [0f0f0f0f-0000-4000-8000-00000000000b] } }',
      ),
    );
    assert.ok(!isMember(entra, ['unused'], person('UANY', ['0f0f0f0f-0000-4000-8000-00000000000b'])));
  });

  it('let in no guest, external, bot or deactivated account', () => {
    for (const standing of ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'] as const) {
      const somebody = person('UANY', ['S0SOC', 'S0SENIORS'], { standing });
      for (const visit of ['request', 'read', 'pause'] as const)
        assert.ok(!judgePerson(visit, { policy: trusting, person: somebody }).ok, `${standing} ${visit}`);
      const request = requestWith({ terms });
      assert.ok(!judge('approve', contextWith({ policy: trusting, person: somebody, request })).ok, standing);
    }
  });

  it('are asked about once each, where rights rest on them and nowhere else', () => {
    assert.deepEqual(userGroupsOf(trusting), ['S0SOC', 'S0SENIORS']);
    const rest = 'trustUserGroups: true\nrules: [{ name: R, match: {}, approvers: [unused] }]\n';
    assert.deepEqual(userGroupsOf(policyOf(TEXT + rest)), ['S0SOC', 'S0SENIORS', 'S0UNUSED']);
  });

  it('keep the door open for whoever wasn’t asked about yet, and for nobody else', () => {
    assert.ok(couldRequest(trusting, person('UANY')) && couldRead(trusting, person('UANY')));
    assert.ok(!couldRequest(trusting, person('UANY', [])));
    assert.ok(couldRequest(trusting, person('UANY', ['S0SOC'])));
  });

  it('leave unknown who may approve until their people are listed', () => {
    assert.ok(!approversKnown(trusting, { approverGroups: [['leads']] }, 'slack'));
    const members = new Map([['S0SENIORS', [person('USAM'), person('ULEA')]]]);
    assert.ok(approversKnown(trusting, { approverGroups: [['leads']] }, 'slack', members));
    const ids = approversFor(trusting, { approverGroups: [['leads']] }, 'slack', null, members).map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), ['ULEA', 'USAM']);
    assert.ok(approversKnown(distrusting, { approverGroups: [['leads']] }, 'slack'));
  });

  it('are named as what they are where somebody could be in them', () => {
    const verdict = evaluate(trusting, subjectOf([run('minidump.ps1')]));
    const said = explain(trusting, verdict, { platform: 'slack', requester: { platform: 'slack', id: 'UANY' } });
    assert.ok(said.some((line) => line.includes('only as a member of the Slack user groups of analysts')));
  });

  it('of 5,000 people cost a look into a set', () => {
    const members = new Map([['S0SENIORS', Array.from({ length: 5_000 }, (_, i) => person(`U${i}`))]]);
    assert.equal(approversFor(trusting, { approverGroups: [['leads']] }, 'slack', null, members).length, 5_001);
  });
});
