import assert from 'node:assert/strict';
import type { Decision } from '../../src/model/request.ts';
import { countApprovals, quorumReached } from '../../src/policy/index.ts';
import { decisionBy, ENTRA_LEAD, policyWith, requestWith, slackPerson, terms } from './fixtures.ts';

const policy = policyWith();
const two = requestWith({ terms: { ...terms, approvals: 2 } });
const reached = (...decisions: Decision[]) => quorumReached(policy, two, decisions);

describe('A quorum', () => {
  it('is reached by enough different approvers in one round', () => {
    assert.ok(reached(decisionBy('ULEA'), decisionBy('ULEO')));
    assert.ok(!reached(decisionBy('ULEA')));
    assert.ok(!reached(decisionBy('ULEA'), decisionBy('ULEA')));
    assert.ok(!reached(decisionBy('ULEA'), decisionBy('ULEO', { round: 1 })));
    assert.ok(!reached(decisionBy('ULEA'), decisionBy('ULEO', { requestId: 'LR-000000' })));
  });

  it('counts neither denials nor broken glass', () => {
    assert.ok(!reached(decisionBy('ULEA'), decisionBy('ULEO', { verdict: 'deny' })));
    assert.ok(!reached(decisionBy('ULEA'), decisionBy('ULEO', { verdict: 'break_glass' })));
  });

  it('never counts who asked', () => {
    const own = { ...two, requester: slackPerson('ULEA') };
    assert.equal(countApprovals(policy, own, [decisionBy('ULEA'), decisionBy('ULEO')]), 1);
  });

  it('counts who may approve by today’s policy, under every rule', () => {
    assert.equal(countApprovals(policy, two, [decisionBy('UANA'), decisionBy('UGONE'), decisionBy('UART')]), 0);
    const strict = { ...two, terms: { ...terms, approverGroups: [['leads'], ['seniors']] } };
    assert.equal(countApprovals(policy, strict, [decisionBy('ULEA'), decisionBy('ULEO')]), 1);
  });

  it('counts the request’s platform only, and an Entra id once in whatever case', () => {
    const onTeams = (id: string) => decisionBy('', { person: slackPerson(id, { platform: 'teams' }) });
    assert.equal(countApprovals(policy, two, [onTeams(ENTRA_LEAD)]), 0);
    const request = requestWith({ platform: 'teams' });
    assert.equal(countApprovals(policy, request, [onTeams(ENTRA_LEAD), onTeams(ENTRA_LEAD.toUpperCase())]), 1);
  });

  it('of none is there at once, and without terms it never is', () => {
    assert.ok(quorumReached(policy, requestWith({ terms: { ...terms, approvals: 0 } }), []));
    assert.ok(!quorumReached(policy, requestWith({ terms: null }), [decisionBy('ULEA')]));
    assert.equal(countApprovals(policy, requestWith({ terms: null }), [decisionBy('ULEA')]), 0);
  });
});
