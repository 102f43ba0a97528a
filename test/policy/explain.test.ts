import assert from 'node:assert/strict';
import { evaluate, explain } from '../../src/policy/index.ts';
import { get, HASH_A, HASH_B, nameOf, policyWith, run, subjectOf } from './fixtures.ts';

const policy = policyWith(`rules:
  - { name: Tier 0, match: { machineTags: [tier0] }, approvals: 2, expireAfter: 2h, startWithin: 1h, reason: "^INC-", approvers: [seniors], requesters: [analysts], maxMachines: 1 }
  - { name: Never, match: { paths: ["C:/x/**"] }, refuse: "Ask forensics." }
  - { name: Harmless, match: { scripts: ["Get-*"] }, approvals: 0, sha256: { Get-A.ps1: ${HASH_A} } }
  - { name: Loose, match: {}, approvals: 0, sha256: { z: ${HASH_A} } }
default: { breakGlass: true }
breakGlass: { allowed: [leads] }`);
const slack = (id: string) => ({ platform: 'slack' as const, id });
const DEFAULT_TIMES =
  'It expires 8 h after it was asked for, and is cancelled when it hasn’t started 8 h after approval.';

describe('Explaining a verdict', () => {
  it('says rule, why, who can approve and what is missing, a sentence each', () => {
    const verdict = evaluate(policy, subjectOf([run('a.ps1')], { tags: ['tier0'] }));
    assert.deepEqual(
      explain(policy, verdict, { platform: 'slack', requester: slack('UANA'), reason: null, approved: 1, nameOf }),
      [
        'Rule “Tier 0” counts on ws-042: tag tier0.',
        'It needs 2 approvals by leads, and also in seniors (Leo Lead, Anna Senior); nobody approves their own request.',
        '1 approval still missing.',
        'Rule “Tier 0” needs a reason like “INC-” (it has to fit ^INC-). Add one with --reason "…".',
        'It expires 2 h after it was asked for, and is cancelled when it hasn’t started 1 h after approval.',
        'It may run on at most 1 machine at once.',
      ],
    );
  });

  it('says who may not ask, and when there are too few to approve', () => {
    const verdict = evaluate(policy, subjectOf([run('a.ps1')], { tags: ['tier0'] }));
    const said = explain(policy, verdict, { platform: 'slack', requester: slack('ULEO') });
    assert.ok(said.includes('This person may not ask for it; these people may: analysts.'));
    assert.ok(said.includes('It can’t get them: only 1 of these people could approve it.'));
    assert.ok(said.includes('Rule “Tier 0” needs a reason like “INC-” (it has to fit ^INC-).'));
    const named = explain(policy, verdict, { platform: 'slack', requester: slack('ULEO'), nameOf });
    assert.ok(named.includes('Leo Lead may not ask for it; these people may: analysts (Ana Analyst and 1 more).'));
  });

  it('says a refusal and nothing that would mislead', () => {
    const verdict = evaluate(policy, subjectOf([get('C:\\x\\y')]));
    assert.deepEqual(explain(policy, verdict, { platform: 'slack' }), [
      'Rule “Never” counts on ws-042: path C:\\x\\y.',
      'It is refused: Ask forensics.',
    ]);
  });

  it('says why a rule without approvals doesn’t count', () => {
    const verdict = evaluate(policy, subjectOf([run('Get-A.ps1'), get('C:\\y')], {}, HASH_B));
    assert.deepEqual(explain(policy, verdict, { platform: 'slack', approved: 1 }), [
      'Rule “Default” counts, as no other rule matches.',
      'Rule “Harmless” asks for no approval, but doesn’t count here: Get-A.ps1 isn’t what it pins.',
      'Rule “Loose” asks for no approval, but doesn’t count here: Get-A.ps1 isn’t what it pins.',
      'Rule “Loose” asks for no approval, but doesn’t count here: collecting a file isn’t what it pins.',
      'It needs 1 approval by leads; nobody approves their own request.',
      'All approvals are there.',
      DEFAULT_TIMES,
      'In an emergency leads may start it at once with --break-glass.',
    ]);
  });

  it('says that no approval is needed where that is so', () => {
    const verdict = evaluate(policy, subjectOf([run('Get-A.ps1')]));
    assert.deepEqual(explain(policy, verdict, { platform: 'slack', reason: 'any' }), [
      'Rule “Harmless” counts on ws-042: script Get-A.ps1.',
      'It needs no approval: what would run is pinned.',
      DEFAULT_TIMES,
    ]);
  });

  it('leaves the break-glass out where nobody may use it', () => {
    const plain = policyWith();
    const said = explain(plain, evaluate(plain, subjectOf([run('a.ps1')])), { platform: 'slack' });
    assert.deepEqual(said.slice(2), [DEFAULT_TIMES]);
  });

  it('tells of the break-glass only those who may', () => {
    const verdict = evaluate(policy, subjectOf([run('a.ps1')]));
    const glass = (id: string) =>
      explain(policy, verdict, { platform: 'slack', requester: slack(id) }).some((line) =>
        line.includes('--break-glass'),
      );
    assert.deepEqual([glass('UANA'), glass('ULEA')], [false, true]);
  });
});
