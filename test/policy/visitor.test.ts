import assert from 'node:assert/strict';
import { evaluate, judgePerson, judgeRequest } from '../../src/policy/index.ts';
import { get, nameOf, policyWith, run, slackPerson, subjectOf } from './fixtures.ts';

const policy = policyWith(`rules:
  - { name: Tier 0, match: { machineTags: [tier0] }, requesters: [analysts], maxMachines: 2, reason: "^INC-" }
  - { name: One, match: { scripts: [one.ps1] }, maxMachines: 1 }
  - { name: Never, match: { paths: ["C:/x/**"] }, refuse: "Never." }`);

describe('What needs no request yet', () => {
  it('is asking for requesters, reading for both, pausing for approvers', () => {
    const ok = (visit: 'request' | 'read' | 'pause', id: string) =>
      judgePerson(visit, { policy, person: slackPerson(id) }).ok;
    assert.deepEqual([ok('request', 'UANA'), ok('read', 'UANA'), ok('pause', 'UANA')], [true, true, false]);
    assert.deepEqual([ok('request', 'ULEA'), ok('read', 'ULEA'), ok('pause', 'ULEA')], [true, true, true]);
    assert.deepEqual([ok('request', 'UX'), ok('read', 'UX'), ok('pause', 'UX')], [false, false, false]);
  });

  it('is nothing for guests', () => {
    const guest = judgePerson('read', { policy, person: slackPerson('ULEA', { standing: 'guest' }) });
    assert.equal(!guest.ok && guest.rule, 'standing');
  });

  it('tells others whom to ask', () => {
    const said = (visit: 'request' | 'read' | 'pause') => {
      const judgement = judgePerson(visit, { policy, person: slackPerson('UX'), nameOf });
      return judgement.ok ? '' : `${judgement.rule}: ${judgement.sentence}`;
    };
    const all = 'analysts or leads (Ana Analyst, Lea Lead, Leo Lead, Anna Senior and 1 more)';
    assert.equal(said('request'), `requester: You may not ask for live responses here. These people may: ${all}.`);
    assert.equal(said('read'), `reader: You may not use live response here. Ask ${all}.`);
    assert.equal(
      said('pause'),
      'approver: Only approvers can pause and resume: leads (Lea Lead, Leo Lead, Anna Senior).',
    );
  });
});

describe('Asking for exactly this', () => {
  const ask = (
    id: string,
    command = run('a.ps1'),
    options: { tags?: string[]; reason?: string; machines?: number } = {},
  ) => {
    const verdict = evaluate(policy, subjectOf([command], { tags: options.tags ?? [] }));
    const { reason = null, machines = 1 } = options;
    const judgement = judgeRequest({ policy, person: slackPerson(id), verdict, reason, machines });
    return judgement.ok ? 'ok' : `${judgement.rule}: ${judgement.sentence}`;
  };

  it('is free for requesters where no rule narrows it', () => {
    assert.equal(ask('UANA'), 'ok');
    assert.match(ask('UX'), /^requester: You may not ask for live responses/);
  });

  it('needs the rule’s own requesters, number of machines and reason', () => {
    assert.match(ask('ULEA', run('a'), { tags: ['tier0'] }), /^requester: You may not ask for this. .* analysts/);
    assert.match(
      ask('UANA', run('a'), { tags: ['tier0'], machines: 3 }),
      /^max-machines: .* at most 2 machines .* 3\.$/,
    );
    assert.match(ask('UANA', run('one.ps1'), { machines: 2 }), /at most 1 machine at once/);
    assert.match(ask('UANA', run('a'), { tags: ['tier0'] }), /^reason: .* Add one/);
    assert.equal(ask('UANA', run('a'), { tags: ['tier0'], reason: 'INC-1', machines: 2 }), 'ok');
  });

  it('is refused where a rule refuses', () => {
    assert.equal(ask('UANA', get('C:\\x\\y')), 'refuse: Never.');
  });
});
