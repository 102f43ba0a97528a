import assert from 'node:assert/strict';
import { machine } from '../support/fake-defender.ts';
import { aDecision, aRequest, aRun } from '../support/records.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const RUNS = Number(process.env.RUNS ?? 150);
const PER_MINUTE = 10;
const MINUTE = 60_000;

/** The most calls in any minute. */
function busiestMinute(calls: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of calls.entries()) {
    while (at - (calls[first] ?? at) >= MINUTE) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** Approved requests in line, each for a machine of its own. */
async function fill(world: World): Promise<void> {
  world.defender.machines = Array.from({ length: RUNS }, (_, i) =>
    machine({ id: `m${i}`, name: `ws-${1000 + i}.contoso.com` }),
  );
  const now = world.now();
  for (const [i, one] of world.defender.machines.entries()) {
    const id = `LR-${i.toString().padStart(6, '0')}`;
    await world.store.transaction(async (tx) => {
      const commands = [{ kind: 'get' as const, path: 'C:\\Temp\\a.log' }];
      const request = { id, commands, status: 'approved' as const, approvedAt: now, startBy: now + 24 * 60 * MINUTE };
      await tx.insertRequest(aRequest(request));
      await tx.insertRun(aRun({ id: `${id}.1`, requestId: id, machine: one, queuedAt: now + i }));
      await tx.insertDecision(aDecision({ requestId: id }));
    });
  }
}

describe('a long line of runs', () => {
  it('go out as fast as Defender lets them, never faster, in simulated time', async function () {
    this.timeout(300_000);
    const world = await createWorld();
    world.policy(`${POLICY}limits: { callsPerMinute: ${PER_MINUTE}, concurrentSessions: 600 }\n`);
    await fill(world);
    const sentAt: number[] = [];
    const { submit } = world.defender;
    world.defender.submit = async (machineId, body, gate) => {
      sentAt.push(world.now());
      const answer = await submit(machineId, body, gate);
      // Ended at once: a thousand that run are another story.
      const action = world.defender.list.at(-1);
      if (action !== undefined) world.defender.go(action.id, 'Succeeded');
      return answer;
    };
    const tenthLast = (): number => sentAt.at(-PER_MINUTE) ?? 0;
    for (let turns = 0; sentAt.length < RUNS; turns++) {
      assert.ok(turns < RUNS, `the line stands still after ${sentAt.length}`);
      // As the clock does it, once a second; the long waits in between are skipped.
      world.advance(Math.max(1_000, tenthLast() + MINUTE - 2_000 - world.now()));
      await world.work({ queue: 'dispatch', id: 'next' });
      await world.settle();
    }
    assert.deepEqual(world.failed, []);
    assert.equal(sentAt.length, RUNS);
    assert.ok(busiestMinute(sentAt) <= PER_MINUTE, 'no minute has more than Defender allows');
    // The last of each ten waits for the first of the ten before: one minute less than there are tens.
    const least = (RUNS / PER_MINUTE - 1) * MINUTE;
    const took = (sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0);
    assert.ok(took >= least && took <= least * 1.01, `${took / least} of the least time that Defender's limit allows`);
  });
});
