import assert from 'node:assert/strict';
import { createLanes, inBackground } from '../../src/store/lanes.ts';

describe('the lanes of the one session', () => {
  /** Queues the callers while somebody holds the session, then lets one after the other in. */
  async function order(callers: readonly ('person' | 'job')[]): Promise<string[]> {
    const lanes = createLanes();
    await lanes.enter(false);
    const served: string[] = [];
    const all = callers.map((caller, index) => {
      const enter = async (): Promise<void> => {
        await lanes.enter(false);
        served.push(`${caller} ${index}`);
        lanes.leave();
      };
      return caller === 'job' ? inBackground(enter) : enter();
    });
    lanes.leave();
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
    const lanes = createLanes();
    await lanes.enter(true);
    lanes.leave();
    await lanes.enter(true);
  });
});
