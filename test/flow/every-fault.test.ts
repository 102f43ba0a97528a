import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunStatus } from '../../src/model/request.ts';
import { requestEnded } from '../../src/model/request.ts';
import { type Event, events, troubles } from '../support/every-fault/events.ts';
import { comeToAnEnd, play, type Scene } from '../support/every-fault/play.ts';
import { createTenantWorld } from '../support/every-fault/tenant-world.ts';
import { stateLine } from '../support/story.ts';

const RUNS = Number(process.env.RUNS ?? 12);

/** How the card of a run at its end begins. */
const ENDS: Partial<Record<RunStatus, RegExp>> = {
  succeeded: /^(✔|⚠|◌) Finished/,
  failed: /^✘ Failed: ./,
  timed_out: /^✘ Timed out/,
  cancelled: /^– (Cancelled|Withdrawn|Expired)|^✘ Denied/,
};

const BEGIN: Event[] = [
  { do: 'ask', user: 'U0ANA', machine: 0 },
  { do: 'click', user: 'U0LEO', action: 'approve', request: 0, older: false },
];

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = { ...(await createTenantWorld()), asked: [] };
  try {
    await work(scene);
  } finally {
    await scene.arrive();
    await scene.close();
  }
}

async function assertEnded({ world }: Scene, id: string): Promise<void> {
  const request = await world.request(id);
  const run = await world.store.transaction((tx) => tx.run(`${id}.1`));
  assert.ok(requestEnded(request.status), `${id} is still ${request.status}, its run ${run?.status}`);
  if (run === null || (await world.store.cardsOf(id)).length === 0) return;
  assert.match(stateLine(world, id), ENDS[run.status] ?? /never/);
  const left = world.card(id).buttons.map((button) => button.action);
  assert.deepEqual(
    left.filter((action) => action !== 'results'),
    [],
  );
}

describe('exactly one execution, over the real client and a tenant with every fault', () => {
  it('whatever Defender answers, wherever the process dies or sleeps, whoever clicks', async () => {
    await fc.assert(
      fc.asyncProperty(troubles, events, (first, then) =>
        withScene(async (scene) => {
          for (const event of [...first, ...BEGIN, ...then]) await play(scene, event);
          for (const request of await comeToAnEnd(scene)) await assertEnded(scene, request.id);
        }),
      ),
      { numRuns: RUNS, endOnFailure: process.env.SHRINK === undefined },
    );
  }).timeout(0);
});
