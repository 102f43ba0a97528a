import assert from 'node:assert/strict';
import { mayLook } from '../../src/flow/read-pace.ts';
import { watch } from '../../src/flow/watch.ts';
import { pass, running } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('the pace of looking at what runs', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** When it was time to look, in an hour of asking every so often. */
  async function looks(every: number, actions = 25): Promise<number[]> {
    world.policy(`${POLICY}limits: { pollEvery: ${every / 1000}s }\n`);
    const start = world.now();
    const at: number[] = [];
    for (; world.now() < start + HOUR; world.advance(every)) {
      if (await mayLook(world.deps, actions)) at.push(world.now() - start);
    }
    return at;
  }

  it('is that of the policy where an hour of it leaves room for everything else', async () => {
    assert.equal((await looks(5_000)).length, 720);
  });

  it('is that of the policy for the first minutes, and then as slow as the hour needs, never blind', async () => {
    const at = await looks(2_000);
    assert.ok(at.length <= 900 && at.length > 700, `${at.length} looks`);
    assert.equal(at.filter((time) => time < 10 * 60_000).length, 300);
    assert.ok(Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? 0))) <= 14_000);
  }).timeout(60_000);

  it('is slower the more reads a look takes, since actions are asked for a hundred at a time', async () => {
    assert.equal((await looks(5_000, 100)).length, 720);
    const at = await looks(5_000, 350);
    assert.ok(at.length * 4 <= 900 && at.length * 4 > 700, `${at.length * 4} reads`);
    assert.ok(Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? 0))) <= 50_000);
  });

  it('is used up by nothing while nothing runs', async () => {
    world.policy(`${POLICY}limits: { pollEvery: 1s }\n`);
    for (let look = 0; look < 700; look++) await watch(world.deps);
    const { request, action } = await running(world);
    for (const status of ['InProgress', 'Unheard of', 'InProgress']) {
      world.defender.go(action.id, status);
      await pass(world, 1_000);
      assert.equal((await world.run(request.id)).actionStatus, status, 'seen within the second');
    }
  });
});
