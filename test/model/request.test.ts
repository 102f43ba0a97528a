import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../src/errors.ts';
import {
  mayRequestMove,
  mayRunMove,
  moveRequest,
  moveRun,
  type RequestStatus,
  type RunStatus,
  requestEnded,
  runEnded,
} from '../../src/model/request.ts';
import { aRequest, aRun, LEA, NOW } from '../support/records.ts';

/** The table, written once more from the design, each row with all that it allows. */
const REQUESTS: Record<RequestStatus, RequestStatus[]> = {
  received: ['refused', 'waiting', 'withdrawn', 'approved', 'unconfirmed'],
  unconfirmed: ['received', 'withdrawn', 'expired'],
  refused: [],
  waiting: ['waiting', 'approved', 'denied', 'expired', 'withdrawn'],
  approved: ['done', 'waiting'],
  denied: [],
  expired: [],
  withdrawn: [],
  done: [],
};
const RUNS: Record<RunStatus, RunStatus[]> = {
  held: ['queued', 'cancelled'],
  queued: ['held', 'submitting', 'running', 'cancelled'],
  submitting: ['queued', 'reconciling', 'running', 'failed'],
  reconciling: ['queued', 'running', 'unclear'],
  running: ['succeeded', 'failed', 'timed_out', 'cancelled', 'unclear'],
  unclear: ['queued', 'running', 'succeeded', 'cancelled'],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
};
const keys = <K extends string>(of: Record<K, unknown>): K[] => Object.keys(of) as K[];

describe('the transition table', () => {
  for (const from of keys(REQUESTS)) {
    for (const to of keys(REQUESTS)) {
      const allowed = REQUESTS[from].includes(to);
      it(`${allowed ? 'moves' : 'never moves'} a request from ${from} to ${to}`, () => {
        assert.equal(mayRequestMove(from, to), allowed);
        const before = aRequest({ status: from });
        if (allowed) {
          assert.deepEqual(moveRequest(before, to, { note: 'why' }), { ...before, status: to, note: 'why' });
          assert.equal(before.status, from, 'the record itself stays as it is');
        } else {
          assert.throws(
            () => moveRequest(before, to),
            (error) =>
              error instanceof AppError && error.code === 'transition' && error.message.includes(`${from} to ${to}`),
          );
        }
      });
    }
  }

  for (const from of keys(RUNS)) {
    for (const to of keys(RUNS)) {
      const allowed = RUNS[from].includes(to);
      it(`${allowed ? 'moves' : 'never moves'} a run from ${from} to ${to}`, () => {
        assert.equal(mayRunMove(from, to), allowed);
        const before = aRun({ status: from });
        if (allowed) {
          assert.deepEqual(moveRun(before, to, { endedAt: NOW, settledBy: LEA }), {
            ...before,
            status: to,
            endedAt: NOW,
            settledBy: LEA,
          });
        } else {
          assert.throws(() => moveRun(before, to), { code: 'transition', message: /LR-8K3F2Q\.1 cannot go from/ });
        }
      });
    }
  }

  it('knows the ends: nothing leads away from them', () => {
    assert.deepEqual(keys(REQUESTS).filter(requestEnded), ['refused', 'denied', 'expired', 'withdrawn', 'done']);
    assert.deepEqual(keys(RUNS).filter(runEnded), ['succeeded', 'failed', 'timed_out', 'cancelled']);
  });

  it('lets no sequence of moves come back from an end, nor skip the line on the way to Defender', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys(RUNS)), { minLength: 1, maxLength: 40 }), (targets) => {
        let run = aRun({ status: 'held' });
        const way: RunStatus[] = ['held'];
        for (const to of targets) {
          try {
            run = moveRun(run, to);
            way.push(to);
          } catch (error) {
            assert.equal((error as AppError).code, 'transition');
          }
        }
        const ends = way.filter(runEnded);
        assert.ok(ends.length <= 1 && (ends.length === 0 || runEnded(way.at(-1) ?? 'held')));
        for (const [index, status] of way.entries()) {
          if (status === 'submitting') assert.equal(way[index - 1], 'queued');
          if (status === 'unclear') assert.ok(['reconciling', 'running'].includes(way[index - 1] ?? ''));
        }
      }),
    );
  });

  it('never lets a request be approved after its end, whatever is tried', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys(REQUESTS)), { maxLength: 40 }), (targets) => {
        let request = aRequest({ status: 'received' });
        let ended = false;
        for (const to of targets) {
          if (!mayRequestMove(request.status, to)) continue;
          assert.ok(!ended);
          request = moveRequest(request, to);
          ended = requestEnded(request.status);
        }
      }),
    );
  });
});
