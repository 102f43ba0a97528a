import assert from 'node:assert/strict';
import { busiest, fillLine, leastTime, machinesOfLine, sendLine } from '../support/line.ts';
import { createWorld, POLICY } from '../support/world.ts';

const RUNS = Number(process.env.RUNS ?? 150);
const PER_MINUTE = 10;

describe('a long line of runs', () => {
  it('go out as fast as Defender lets them, never faster, in simulated time', async function () {
    this.timeout(300_000);
    const world = await createWorld();
    world.policy(`${POLICY}limits: { callsPerMinute: ${PER_MINUTE}, concurrentSessions: 600 }\n`);
    world.defender.machines = machinesOfLine(RUNS);
    await fillLine(world, world.defender.machines);
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
    await sendLine(world, { runs: RUNS, perMinute: PER_MINUTE, sentAt, advance: world.advance });
    assert.deepEqual(world.failed, []);
    assert.equal(sentAt.length, RUNS);
    assert.ok(busiest(sentAt) <= PER_MINUTE, 'no minute has more than Defender allows');
    const least = leastTime(RUNS, PER_MINUTE);
    const took = (sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0);
    assert.ok(took >= least && took <= least * 1.01, `${took / least} of the least time that Defender's limit allows`);
  });
});
