import assert from 'node:assert/strict';
import fc from 'fast-check';
import { says, steps } from '../support/around/events.ts';
import { Scene } from '../support/around/scene.ts';
import { PLAIN, STORY } from '../support/around/story.ts';
import { createWorld } from '../support/world.ts';

/**
 * People type and press in any order, each on one of two instances; policy, groups, tags and library change, time passes, jobs are
 * lost. A witness stands at every way to Defender and decides from what people did, by a reading of the policy of its own, whether
 * what leaves may leave. RUNS=1000 tries more.
 */
const RUNS = Number(process.env.RUNS ?? 12);

describe('From no inbound request', () => {
  it('is there a way to Defender without the right decisions, in whatever order things happen', async function () {
    this.timeout(60_000 + RUNS * 5_000);
    const total = { sent: 0, cancelled: 0, deleted: 0, opened: 0 };
    await fc.assert(
      fc.asyncProperty(says, steps, async (policy, sequence) => {
        const scene = new Scene(await createWorld(), policy);
        for (const step of sequence) {
          await scene.step(step);
          assert.deepEqual(scene.witness.violations, []);
        }
        for (const key of ['sent', 'cancelled', 'deleted', 'opened'] as const) total[key] += scene.witness.counts[key];
      }),
      { numRuns: RUNS, endOnFailure: true, examples: [[PLAIN, STORY]] },
    );
    if (process.env.RUNS !== undefined) process.stdout.write(`      ${JSON.stringify(total)}\n`);
    assert.ok(!Object.values(total).includes(0), `a witness was never asked: ${JSON.stringify(total)}`);
  });
});
