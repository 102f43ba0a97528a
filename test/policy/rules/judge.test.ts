import assert from 'node:assert/strict';
import type { Standing } from '../../../src/model/person.ts';
import type { RequestStatus } from '../../../src/model/request.ts';
import { type Context, type Deed, judge } from '../../../src/policy/index.ts';
import { contextWith, decisionBy, nameOf, policyWith, requestWith, slackPerson, terms } from '../fixtures.ts';

const DEEDS: Deed[] = [
  'approve',
  'deny',
  'deny_reason',
  'withdraw',
  'cancel',
  'settle',
  'results',
  'break_glass',
  'review',
];
const STATUSES: RequestStatus[] = [
  'received',
  'refused',
  'waiting',
  'approved',
  'denied',
  'expired',
  'withdrawn',
  'done',
];

/** The rule that forbids it, or `ok`. */
function outcome(deed: Deed, changes: Partial<Context> = {}): string {
  const judgement = judge(deed, contextWith(changes));
  return judgement.ok ? 'ok' : judgement.rule;
}

function sentence(deed: Deed, changes: Partial<Context> = {}): string {
  const judgement = judge(deed, contextWith({ nameOf, ...changes }));
  return judgement.ok ? '' : judgement.sentence;
}

describe('Who may do what to a request', () => {
  it('is nobody but full members, whatever group they are in', () => {
    const others: Standing[] = ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'];
    for (const standing of others) {
      for (const deed of DEEDS) {
        for (const id of ['ULEA', 'UANA']) {
          assert.equal(outcome(deed, { person: slackPerson(id, { standing }) }), 'standing', `${standing} ${deed}`);
        }
      }
    }
  });

  it('is nobody on another platform', () => {
    const person = slackPerson('ULEA', { platform: 'teams' });
    for (const deed of DEEDS) assert.equal(outcome(deed, { person }), 'platform');
    assert.equal(
      sentence('approve', { person }),
      'LR-8K3F2Q was asked for in Slack, and only there it can be dealt with.',
    );
  });

  it('follows the matrix of people and deeds while the request waits', () => {
    const glass = policyWith('breakGlass: { allowed: [analysts] }');
    const request = requestWith({ terms: { ...terms, breakGlass: true } });
    const table: Record<string, Record<Deed, string>> = {
      UANA: {
        approve: 'not-requester',
        deny: 'not-requester',
        deny_reason: 'denier',
        withdraw: 'ok',
        cancel: 'ok',
        settle: 'not-requester',
        results: 'ok',
        break_glass: 'ok',
        review: 'not-requester',
      },
      ULEA: {
        approve: 'ok',
        deny: 'ok',
        deny_reason: 'denier',
        withdraw: 'is-requester',
        cancel: 'requester-or-approver',
        settle: 'ok',
        results: 'ok',
        break_glass: 'may-break-glass',
        review: 'ok',
      },
      UART: {
        approve: 'listed-approver',
        deny: 'listed-approver',
        deny_reason: 'denier',
        withdraw: 'is-requester',
        cancel: 'requester-or-approver',
        settle: 'listed-approver',
        results: 'ok',
        break_glass: 'may-break-glass',
        review: 'listed-approver',
      },
      USTRANGER: {
        approve: 'listed-approver',
        deny: 'listed-approver',
        deny_reason: 'denier',
        withdraw: 'is-requester',
        cancel: 'requester-or-approver',
        settle: 'listed-approver',
        results: 'reader',
        break_glass: 'may-break-glass',
        review: 'listed-approver',
      },
    };
    for (const [id, deeds] of Object.entries(table)) {
      for (const deed of DEEDS) {
        const got = outcome(deed, { policy: glass, request, person: slackPerson(id) });
        assert.equal(got, deeds[deed], `${id} ${deed}`);
      }
    }
  });

  it('depends on how far the request is', () => {
    const allowed: Partial<Record<Deed, RequestStatus[]>> = {
      approve: ['waiting'],
      deny: ['waiting'],
      cancel: ['approved'],
      settle: STATUSES,
      results: STATUSES,
    };
    for (const [deed, statuses] of Object.entries(allowed) as [Deed, RequestStatus[]][]) {
      for (const status of STATUSES) {
        const got = outcome(deed, { request: requestWith({ status }) });
        assert.equal(got === 'ok', statuses.includes(status), `${deed} ${status}: ${got}`);
      }
    }
    for (const status of STATUSES) {
      const got = outcome('withdraw', { person: slackPerson('UANA'), request: requestWith({ status }) });
      assert.equal(got, ['received', 'waiting'].includes(status) ? 'ok' : 'undecided', status);
    }
    assert.match(
      sentence('cancel'),
      /^Only Ana Analyst, who asked for LR-8K3F2Q, can withdraw it\. Approvers can deny it/,
    );
    for (const status of ['received', 'waiting', 'approved'] as const) {
      assert.equal(outcome('cancel', { person: slackPerson('UANA'), request: requestWith({ status }) }), 'ok', status);
    }
    assert.equal(
      sentence('approve', { request: requestWith({ status: 'approved' }) }),
      'LR-8K3F2Q is approved already.',
    );
  });
});

describe('Approving', () => {
  it('is refused to who asked, even to a lead, with the names of those who may', () => {
    const requester = slackPerson('ULEA');
    assert.equal(
      sentence('approve', { request: requestWith({ requester }), person: requester }),
      'You asked for LR-8K3F2Q yourself, so someone else must approve it: leads (Leo Lead, Anna Senior).',
    );
    assert.match(sentence('deny', { request: requestWith({ requester }), person: requester }), /withdraw it instead/);
    assert.match(sentence('review', { request: requestWith({ requester }), person: requester }), /must review it/);
  });

  it('is refused to who isn’t in a group of every list', () => {
    const request = requestWith({ terms: { ...terms, approverGroups: [['leads'], ['seniors']] } });
    assert.equal(outcome('approve', { request, person: slackPerson('ULEO') }), 'ok');
    assert.equal(
      sentence('approve', { request }),
      'You may not approve LR-8K3F2Q. These people may: leads, and also in seniors (Leo Lead, Anna Senior).',
    );
  });

  it('is refused to who was an approver when it was asked, and is none any more', () => {
    const request = requestWith({ terms: { ...terms, approverGroups: [['analysts']] } });
    assert.equal(outcome('approve', { request, person: slackPerson('UART') }), 'listed-approver');
  });

  it('is refused without terms', () => {
    const request = requestWith({ terms: null, status: 'received' });
    assert.equal(outcome('approve', { request }), 'listed-approver');
    assert.match(sentence('approve', { request }), /These people may: leads \(Lea Lead/);
  });

  it('counts in the request’s own channel only, and nowhere where the platform doesn’t say which', () => {
    assert.equal(outcome('approve', { channel: 'C0OTHER' }), 'channel');
    for (const deed of ['approve', 'deny', 'settle', 'review'] as const) {
      assert.equal(outcome(deed, { channel: null }), 'channel', deed);
    }
    assert.equal(outcome('results', { channel: 'C0OTHER' }), 'ok');
    assert.equal(outcome('cancel', { channel: 'C0OTHER', request: requestWith({ status: 'approved' }) }), 'ok');
  });

  it('counts for the round that was seen only', () => {
    assert.equal(outcome('approve', { round: 1 }), 'round');
    assert.equal(outcome('approve', { round: 3 }), 'round');
    assert.match(sentence('approve', { round: 1 }), /has changed since that card was shown/);
    assert.match(sentence('approve', { round: null }), /with the buttons on the card/);
  });

  it('ends at the very moment of expiry', () => {
    assert.equal(outcome('approve', { now: 999 }), 'ok');
    assert.equal(outcome('approve', { now: 1_000 }), 'not-expired');
    assert.equal(outcome('approve', { now: 1_000, request: requestWith({ expiresAt: null }) }), 'ok');
  });

  it('counts once a person and round', () => {
    assert.equal(outcome('approve', { decisions: [decisionBy('ULEA')] }), 'not-decided-before');
    assert.equal(outcome('deny', { decisions: [decisionBy('ULEA', { verdict: 'deny' })] }), 'not-decided-before');
    assert.equal(outcome('approve', { decisions: [decisionBy('ULEA', { round: 1 })] }), 'ok');
    assert.equal(outcome('approve', { decisions: [decisionBy('ULEO')] }), 'ok');
    assert.match(sentence('approve', { decisions: [decisionBy('ULEA', { verdict: 'deny' })] }), /You denied/);
    assert.match(sentence('approve', { decisions: [decisionBy('ULEA')] }), /You approved/);
  });

  it('is taken back by a denial while the request waits, since a mistake must be stoppable', () => {
    const decisions = [decisionBy('ULEA')];
    assert.equal(outcome('deny', { decisions }), 'ok');
    assert.equal(outcome('deny', { decisions, request: requestWith({ status: 'approved' }) }), 'waiting');
  });
});

describe('Saying why it was denied', () => {
  const denied = requestWith({ status: 'denied', endedBy: slackPerson('ULEA') });

  it('is for who denied it, from wherever the question stands', () => {
    assert.equal(outcome('deny_reason', { request: denied, channel: null }), 'ok');
    assert.equal(outcome('deny_reason', { request: denied, person: slackPerson('ULEO') }), 'denier');
    assert.equal(outcome('deny_reason', { request: denied, person: slackPerson('UANA') }), 'denier');
    for (const status of STATUSES.filter((one) => one !== 'denied')) {
      assert.equal(outcome('deny_reason', { request: { ...denied, status } }), 'denier', status);
    }
  });

  it('takes the right to decide, as it is by today’s policy', () => {
    const request = { ...denied, endedBy: slackPerson('UART') };
    assert.equal(outcome('deny_reason', { request, person: slackPerson('UART') }), 'listed-approver');
    assert.equal(
      sentence('deny_reason', { request, person: slackPerson('UART') }),
      'You may not decide about LR-8K3F2Q any more, so its card takes no reason from you.',
    );
    assert.equal(outcome('deny_reason', { request: { ...denied, channel: 'C0GONE' } }), 'channel-of-policy');
  });
});

describe('Starting without approval', () => {
  const policy = policyWith('breakGlass: { allowed: [analysts] }');
  const request = requestWith({ terms: { ...terms, breakGlass: true } });
  const person = slackPerson('UANA');

  it('needs the rule, the person and the time', () => {
    assert.equal(outcome('break_glass', { policy, request, person }), 'ok');
    assert.equal(outcome('break_glass', { policy, person }), 'glass-breakable');
    assert.match(sentence('break_glass', { policy, person, request: requestWith({ terms: null }) }), /rule “Default”/);
    assert.equal(outcome('break_glass', { policy, request, person, now: 1_000 }), 'not-expired');
    assert.equal(outcome('break_glass', { policy, request: { ...request, status: 'denied' }, person }), 'undecided');
  });

  it('is for those whom the policy lists', () => {
    const others = policyWith('breakGlass: { allowed: [seniors] }');
    assert.match(sentence('break_glass', { policy: others, request, person }), /seniors \(Leo Lead, Anna Senior\)/);
    assert.match(sentence('break_glass', { policy: policyWith(), request, person }), /^Nobody may/);
  });
});
