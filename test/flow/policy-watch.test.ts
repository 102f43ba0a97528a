import assert from 'node:assert/strict';
import { type InForce, putInForce } from '../../src/flow/policy-in-force.ts';
import { createPolicyWatch } from '../../src/flow/policy-watch.ts';
import type { Store, Tx } from '../../src/flow/ports.ts';
import { quiet, T0 } from '../support/world.ts';

describe('looking which policy is in force', () => {
  let now: number;
  let settings: Map<string, unknown>;
  let taken: InForce[];
  beforeEach(() => {
    now = T0;
    settings = new Map();
    taken = [];
  });

  const tx: Pick<Tx, 'setting' | 'setSetting'> = {
    setting: async <T>(key: string) => (settings.get(key) as T | undefined) ?? null,
    setSetting: async (key, value) => {
      settings.set(key, value);
    },
  };
  const store: Pick<Store, 'transaction'> = { transaction: (work) => work(tx as Tx) };
  const watchOf = (hash: string) =>
    createPolicyWatch({
      ...{ store, clock: { now: () => now }, log: quiet, metrics: { policyInForce() {} }, ours: () => hash },
      ...{ isLoading: () => false, inForce() {}, other() {} },
      takeOver: async (seen) => {
        taken.push(seen);
      },
    });
  /** Both look at their own pace, for so many seconds. */
  const look = async (seconds: number, paces: [ReturnType<typeof watchOf>, every: number][]): Promise<void> => {
    for (let half = 1; half <= seconds * 2; half++) {
      now += 500;
      for (const [watch, every] of paces) if (half % (every * 2) === 0) await watch.look();
    }
  };

  it('leaves it to an instance that looks slowly, since each of its looks is a sign', async () => {
    await putInForce(tx, 'new', now);
    await look(120, [
      [watchOf('new'), 6],
      [watchOf('old'), 1],
    ]);
    assert.deepEqual(taken, []);
  });

  it('takes over from one that is gone within half a minute, also where looks are slow', async () => {
    await putInForce(tx, 'new', now);
    await look(30, [[watchOf('old'), 5.5]]);
    assert.ok(taken.length > 0);
  });

  for (const seconds of [8, 15, 17, 19, 21, 40]) {
    it(`takes nothing over because the database was away for ${seconds} s`, async () => {
      await putInForce(tx, 'new', now);
      const [old, fresh] = [watchOf('old'), watchOf('new')];
      await look(12, [
        [old, 1],
        [fresh, 1],
      ]);
      now += seconds * 1_000;
      await look(10, [
        [old, 1],
        [fresh, 1],
      ]);
      assert.deepEqual(taken, []);
    });
  }

  it('takes nothing over for what it missed while it stood still', async () => {
    await putInForce(tx, 'new', now);
    const watch = watchOf('old');
    await watch.look();
    now += 60_000;
    await watch.look();
    assert.deepEqual(taken, []);
  });
});
