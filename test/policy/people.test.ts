import assert from 'node:assert/strict';
import fc from 'fast-check';
import { approversFor, isMember, mayApprove, mayRead, mayRequest, satisfies } from '../../src/policy/index.ts';
import { shortest } from '../../src/policy/people.ts';
import { ENTRA_LEAD, policyWith } from './fixtures.ts';

const policy = policyWith();
const slack = (id: string) => ({ platform: 'slack' as const, id });
const teams = (id: string) => ({ platform: 'teams' as const, id });

describe('Rights of people', () => {
  it('rest on the user id of their platform', () => {
    assert.ok(isMember(policy, ['leads'], slack('ULEA')));
    assert.ok(!isMember(policy, ['leads'], slack('ulea')));
    assert.ok(!isMember(policy, ['leads'], teams('ULEA')));
    assert.ok(!isMember(policy, ['leads'], slack(ENTRA_LEAD)));
  });

  it('take Entra ids in either case', () => {
    assert.ok(isMember(policy, ['leads'], teams(ENTRA_LEAD)));
    assert.ok(isMember(policy, ['analysts'], teams(ENTRA_LEAD.toUpperCase())));
  });

  it('come from no group that is not there, and from no empty list', () => {
    assert.ok(!isMember(policy, ['cats', '__proto__'], slack('ULEA')));
    assert.ok(!isMember(policy, [], slack('ULEA')));
    assert.ok(!satisfies(policy, [], slack('ULEA')));
    assert.ok(!satisfies(policy, [['leads'], []], slack('ULEA')));
  });

  it('let requesters ask, approvers approve, and both read', () => {
    assert.deepEqual(
      [mayRequest, mayApprove, mayRead].map((may) => may(policy, slack('UANA'))),
      [true, false, true],
    );
    assert.deepEqual(
      [mayRequest, mayApprove, mayRead].map((may) => may(policy, slack('ULEA'))),
      [true, true, true],
    );
    assert.deepEqual(
      [mayRequest, mayApprove, mayRead].map((may) => may(policy, slack('UXXX'))),
      [false, false, false],
    );
  });

  it('let those approve who are in a group of every list, without who asked', () => {
    const ids = (lists: string[][], except?: string) =>
      approversFor(policy, { approverGroups: lists }, 'slack', except ? slack(except) : null).map(({ id }) => id);
    assert.deepEqual(ids([['leads']]), ['ULEA', 'ULEO', 'UANNA']);
    assert.deepEqual(ids([['leads'], ['seniors']]), ['ULEO', 'UANNA']);
    assert.deepEqual(ids([['seniors']], 'ULEO'), ['UANNA']);
    assert.deepEqual(ids([['analysts']]), []);
    const onTeams = approversFor(policy, { approverGroups: [['leads']] }, 'teams', teams(ENTRA_LEAD.toUpperCase()));
    assert.deepEqual(onTeams, []);
  });

  it('are demanded in as few lists as say the same', () => {
    assert.deepEqual(shortest([['a', 'b'], ['b', 'a'], ['b'], ['c', 'c']]), [['b'], ['c']]);
    const lists = fc.array(fc.array(fc.constantFrom('analysts', 'leads', 'seniors'), { minLength: 1 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(lists, fc.constantFrom('UANA', 'ULEA', 'ULEO', 'UANNA', 'UXXX'), (all, id) => {
        return satisfies(policy, all, slack(id)) === satisfies(policy, shortest(all), slack(id));
      }),
    );
  });
});
