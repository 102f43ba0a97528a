import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Budget, Rate } from '../../../src/flow/ports.ts';
import { type Subject, T0 } from './fixtures.ts';

let budgets = 0;
const aBudget = (): Budget => {
  budgets += 1;
  return `chat:${budgets}`;
};

/** Budgets of calls that all instances share. */
export function budgetContract(subject: () => Subject): void {
  const take = (budget: Budget, limits: readonly Rate[], who: 'one' | 'two' = 'one') =>
    subject()[who].store.transaction((tx) => tx.takeCall(budget, limits));

  describe('a budget of calls', () => {
    it('allows exactly its count in a sliding window and tells how long to wait', async () => {
      const { clock } = subject();
      const budget = aBudget();
      const limits = [{ count: 2, within: 1_000 }];
      clock.set(T0);
      assert.equal(await take(budget, limits), 0);
      clock.advance(400);
      assert.equal(await take(budget, limits, 'two'), 0);
      assert.equal(await take(budget, limits), 600);
      clock.advance(599);
      assert.equal(await take(budget, limits, 'two'), 1);
      clock.advance(1);
      assert.equal(await take(budget, limits), 0);
      assert.equal(await take(budget, limits), 400);
    });

    it('is not spent by a transaction that fails', async () => {
      const budget = aBudget();
      const failing = subject().one.store.transaction(async (tx) => {
        assert.equal(await tx.takeCall(budget, [{ count: 1, within: 1_000 }]), 0);
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.equal(await take(budget, [{ count: 1, within: 1_000 }]), 0);
    });

    it('counts a call from when it is made, where that is later than when it was taken', async () => {
      const { clock, one } = subject();
      const budget = aBudget();
      const limits = [{ count: 2, within: 1_000 }];
      clock.set(T0);
      assert.equal(await take(budget, limits), 0);
      clock.advance(100);
      assert.equal(await take(budget, limits, 'two'), 0);
      clock.advance(300);
      await one.store.transaction((tx) => tx.callMade(budget, T0));
      clock.advance(600);
      assert.equal(await take(budget, limits), 100, 'the second was taken at 100, the first made at 400');
      clock.advance(100);
      assert.equal(await take(budget, limits), 0);
      assert.equal(await take(budget, limits), 300);
      await one.store.transaction((tx) => tx.callMade(aBudget(), T0));
    });

    it('is closed until a block ends, the longest one', async () => {
      const { clock, one } = subject();
      const budget = aBudget();
      clock.set(T0);
      await one.store.transaction((tx) => tx.blockBudget(budget, T0 + 500));
      await one.store.transaction((tx) => tx.blockBudget(budget, T0 + 200));
      assert.equal(await take(budget, [{ count: 9, within: 1_000 }]), 500);
      clock.advance(500);
      assert.equal(await take(budget, [{ count: 9, within: 1_000 }]), 0);
    });

    it('opens again a quarter of an hour after a clock that was days ahead has closed it', async () => {
      const { clock, one } = subject();
      const budget = aBudget();
      clock.set(T0);
      await one.store.transaction((tx) => tx.blockBudget(budget, T0 + 3 * 86_400_000));
      assert.equal(await take(budget, [{ count: 9, within: 1_000 }]), 900_000);
      clock.advance(600_000);
      assert.equal(await take(budget, [{ count: 9, within: 1_000 }], 'two'), 300_000, 'it goes on from there');
      clock.advance(300_000);
      assert.equal(await take(budget, [{ count: 9, within: 1_000 }]), 0);
    });

    it('of a person is exact too, whether its end is far or near, whatever they do at the same moment', async () => {
      const { clock } = subject();
      budgets += 1;
      const budget: Budget = `person:${budgets}`;
      const limits = [{ count: 70, within: 1_000 }];
      const many = (count: number) =>
        Promise.all(Array.from({ length: count }, (_, index) => take(budget, limits, index % 2 === 0 ? 'one' : 'two')));
      clock.set(T0);
      assert.deepEqual(new Set(await many(15)), new Set([0]));
      clock.advance(500);
      const waits = await many(60);
      assert.equal(waits.filter((wait) => wait === 0).length, 55);
      assert.deepEqual(new Set(waits.filter((wait) => wait > 0)), new Set([500]));
      clock.advance(500);
      assert.equal((await many(16)).filter((wait) => wait === 0).length, 15);
    });

    it('never allows more than its limits in any window, whatever several instances ask at the same moment', async () => {
      const { clock } = subject();
      const step = fc.record({ pause: fc.nat(400), callers: fc.integer({ min: 1, max: 5 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
          const budget = aBudget();
          const limits = [
            { count: 3, within: 500 },
            { count: 6, within: 1_500 },
          ];
          const taken: number[] = [];
          for (const { pause, callers } of steps) {
            clock.advance(pause);
            const now = clock.now();
            const whos = Array.from(
              { length: callers },
              (_, index) => (index % 2 === 0 ? 'one' : 'two') as 'one' | 'two',
            );
            const waits = await Promise.all(whos.map((who) => take(budget, limits, who)));
            const expected = free(taken, limits, now);
            assert.equal(waits.filter((wait) => wait === 0).length, Math.min(expected, callers));
            for (const wait of waits) if (wait === 0) taken.push(now);
          }
          for (const { count, within } of limits) {
            for (const from of taken) {
              assert.ok(taken.filter((at) => at >= from && at < from + within).length <= count);
            }
          }
        }),
        { numRuns: 15 },
      );
    });
  });
}

/** How many calls fit now, by the definition. */
function free(taken: number[], limits: readonly Rate[], now: number): number {
  return Math.min(...limits.map(({ count, within }) => count - taken.filter((at) => at > now - within).length));
}
