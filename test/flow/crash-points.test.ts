import assert from 'node:assert/strict';
import { play, type Scene } from '../support/every-fault/play.ts';
import type { CrashPoint, Nap } from '../support/every-fault/stops.ts';
import { createTenantWorld } from '../support/every-fault/tenant-world.ts';
import { buttons, pass, stateLine } from '../support/story.ts';

/** What stands in the record, and at Defender, of the one run. */
interface Standing {
  status: string;
  attempt: number;
  executions: number;
}

/** Right after the crash, and once all that time brings has been done. The same table stands in docs/decisions/0001. */
const TABLE: Record<CrashPoint, { recorded: Standing; later: Standing }> = {
  'before intent': {
    recorded: { status: 'queued', attempt: 0, executions: 0 },
    later: { status: 'running', attempt: 1, executions: 1 },
  },
  'after intent': {
    recorded: { status: 'submitting', attempt: 1, executions: 0 },
    later: { status: 'running', attempt: 2, executions: 1 },
  },
  'before the first byte': {
    recorded: { status: 'submitting', attempt: 1, executions: 0 },
    later: { status: 'unclear', attempt: 1, executions: 0 },
  },
  'request sent': {
    recorded: { status: 'submitting', attempt: 1, executions: 0 },
    later: { status: 'running', attempt: 1, executions: 1 },
  },
  'answer received': {
    recorded: { status: 'submitting', attempt: 1, executions: 1 },
    later: { status: 'running', attempt: 1, executions: 1 },
  },
  'before commit': {
    recorded: { status: 'submitting', attempt: 1, executions: 1 },
    later: { status: 'running', attempt: 1, executions: 1 },
  },
  'after commit': {
    recorded: { status: 'running', attempt: 1, executions: 1 },
    later: { status: 'running', attempt: 1, executions: 1 },
  },
};

describe('a process that dies while it sends', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = { ...(await createTenantWorld()), asked: [] };
    // What runs goes on running: the table is about how it comes to run.
    scene.tenant.control.set({ timings: { total: [9e6, 9e6], perCommand: 0, pending: [1_000, 1_000], tail: [0, 0] } });
    await play(scene, { do: 'ask', user: 'U0ANA', machine: 0 });
  });
  afterEach(async () => {
    await scene.arrive();
    await scene.close();
  });

  const id = () => scene.asked[0] ?? '';
  const approve = () => play(scene, { do: 'click', user: 'U0LEA', action: 'approve', request: 0, older: false });
  async function standing(): Promise<Standing> {
    const { status, attempt } = await scene.world.run(id());
    return { status, attempt, executions: scene.tenant.executions(`${id()}.1`) };
  }
  async function timePasses(minutes: number): Promise<void> {
    for (let each = 0; each < minutes * 3; each++) await pass(scene.world, 20_000);
  }

  for (const [point, { recorded, later }] of Object.entries(TABLE)) {
    it(`${point}: ${recorded.status} is on record, and it comes to be ${later.status}`, async () => {
      scene.stops.next = { dies: point as CrashPoint, jobs: 'lost' };
      await approve();
      assert.deepEqual(await standing(), recorded);
      await scene.arrive();
      await timePasses(4);
      assert.deepEqual(await standing(), later);
    });
  }

  it('goes on with the same attempt where the engine still has its jobs, as long as the deadline lets it', async () => {
    scene.stops.next = { dies: 'after intent', jobs: 'kept' };
    await approve();
    assert.deepEqual(await standing(), { status: 'running', attempt: 1, executions: 1 });
  });

  it('asks people about a call that never arrived, and finds one that arrives while it looks', async () => {
    scene.stops.next = { dies: 'request sent', jobs: 'lost' };
    await approve();
    await timePasses(1);
    assert.equal((await standing()).status, 'reconciling');
    await scene.arrive();
    await timePasses(1);
    assert.deepEqual(await standing(), { status: 'running', attempt: 1, executions: 1 });
  });

  it('takes what arrived after all for the run, whatever people say', async () => {
    scene.stops.next = { dies: 'request sent', jobs: 'lost' };
    await approve();
    await timePasses(4);
    assert.equal((await standing()).status, 'unclear');
    await scene.arrive();
    await timePasses(5);
    await play(scene, { do: 'click', user: 'U0LEO', action: 'it_did_not_run', request: 0, older: false });
    assert.deepEqual(await standing(), { status: 'running', attempt: 1, executions: 1 });
  });

  it('leaves buttons for the one thing that only people can know', async () => {
    scene.stops.next = { dies: 'before the first byte', jobs: 'lost' };
    await approve();
    await timePasses(4);
    assert.equal(stateLine(scene.world, id()), '? Still unclear whether it ran. Approvers: did it run?');
    assert.deepEqual(buttons(scene.world, id()), ['it_ran', 'it_did_not_run']);
  });

  for (const sleeps of ['before sending', 'connected'] satisfies Nap[]) {
    it(`sends nothing where it doesn’t die but sleeps past the deadline (${sleeps}), and says so to the others`, async () => {
      scene.stops.next = { sleeps, seconds: 40 };
      await approve();
      const calls = scene.tenant.state().calls.filter((call) => call.path.endsWith('/runliveresponse'));
      assert.equal(calls.length, 0);
      assert.deepEqual(await standing(), { status: 'queued', attempt: 1, executions: 0 });
      await timePasses(1);
      assert.deepEqual(await standing(), { status: 'running', attempt: 2, executions: 1 });
    });
  }

  it('takes an answer that it slept over for what others have found out meanwhile', async () => {
    scene.stops.next = { sleeps: 'answer received', seconds: 200 };
    await approve();
    assert.deepEqual(await standing(), { status: 'running', attempt: 1, executions: 1 });
  });
});
