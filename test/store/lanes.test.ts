import assert from 'node:assert/strict';
import { createLanes, inBackground } from '../../src/store/lanes.ts';

describe('the lanes to the sessions', () => {
  const ONE = { all: 1, background: 1 };

  /** Queues the callers while somebody holds the one session, then lets one after the other in. */
  async function order(callers: readonly ('person' | 'job')[]): Promise<string[]> {
    const lanes = createLanes(ONE);
    const leaveFirst = await lanes.enter();
    const served: string[] = [];
    const all = callers.map((caller, index) => {
      const enter = async (): Promise<void> => {
        const leave = await lanes.enter();
        served.push(`${caller} ${index}`);
        leave();
      };
      return caller === 'job' ? inBackground(enter) : enter();
    });
    leaveFirst();
    await Promise.all(all);
    return served;
  }

  it('let what people wait for pass jobs, in the order of arrival each', async () => {
    assert.deepEqual(await order(['job', 'job', 'person', 'person']), ['person 2', 'person 3', 'job 0', 'job 1']);
  });

  it('let a job through a flood now and then', async () => {
    const served = await order(['job', ...Array.from({ length: 60 }, () => 'person' as const)]);
    const place = served.indexOf('job 0');
    assert.ok(place > 0 && place < 30, `it came ${place}th`);
  });

  it('are free again after the last has left', async () => {
    const lanes = createLanes(ONE);
    (await lanes.enter(true))();
    (await lanes.enter(true))();
  });

  it('keep sessions for people however many jobs there are', async () => {
    const lanes = createLanes({ all: 3, background: 1 });
    const leave = await lanes.enter(true);
    let second = false;
    const waiting = lanes.enter(true).then(() => {
      second = true;
    });
    await lanes.enter();
    await lanes.enter();
    assert.equal(second, false);
    leave();
    await waiting;
  });

  it('leave background work one session in a flood, and all of its own after that', async () => {
    let time = 0;
    const lanes = createLanes({ all: 10, background: 3 }, () => time);
    for (let use = 0; use < 20; use++) (await lanes.enter())();
    const working: (() => void)[] = [];
    const jobs = Array.from({ length: 3 }, () => lanes.enter(true).then((leave) => working.push(leave)));
    await jobs[0];
    (await lanes.enter())();
    assert.equal(working.length, 1);
    time += 201;
    working[0]?.();
    await Promise.all(jobs);
    assert.equal(working.length, 3);
  });

  it('let the network be read between two users', async () => {
    const lanes = createLanes(ONE);
    let read = false;
    setImmediate(() => {
      read = true;
    });
    (await lanes.enter())();
    (await lanes.enter())();
    assert.equal(read, true);
  });
});
