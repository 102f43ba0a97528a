import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunStatus } from '../../src/model/request.ts';
import { requestEnded } from '../../src/model/request.ts';
import type { FaultOrder } from '../../src/playground/defender-tenant/index.ts';
import { type Event, events, SUBMISSION_FAULTS, troubles } from '../support/every-fault/events.ts';
import { comeToAnEnd, play, type Scene } from '../support/every-fault/play.ts';
import { createTenantWorld } from '../support/every-fault/tenant-world.ts';
import { pass, stateLine } from '../support/story.ts';

/** Sequences to draw. Where somebody asks for many, each fault in each of its forms is tried by itself too, not one of its kind. */
const RUNS = Number(process.env.RUNS ?? 8);
const ALL_FORMS = process.env.RUNS !== undefined;

/** How the card of a run at its end begins. */
const ENDS: Partial<Record<RunStatus, RegExp>> = {
  succeeded: /^(✔|⚠|◌|\?) Finished/,
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
    left.filter((action) => action !== 'results' && action !== 'reviewed'),
    [],
  );
}

/** What becomes of a run whose submission meets a fault, once all that time brings has been done. */
type Becomes = 'ran' | 'failed' | 'unclear';

const REFUSED: ReadonlySet<string> = new Set([
  'disabled_feature',
  'disallowed_operation',
  'missing_role',
  'unknown_machine',
  'gateway_404',
  'os_not_supported',
  'version_not_supported',
]);

function becomes(fault: FaultOrder): Becomes {
  if (REFUSED.has(fault.kind) || (fault.kind === 'unauthorized' && fault.times === 2)) return 'failed';
  return ['bare', 'reset', 'hang', 'refuse'].includes(fault.kind) ? 'unclear' : 'ran';
}

const STANDS: Record<Becomes, { status: RunStatus; executions: number; card: RegExp }> = {
  ran: { status: 'succeeded', executions: 1, card: /^✔ Finished in / },
  failed: { status: 'failed', executions: 0, card: /^✘ Failed: [A-Z].{20}/ },
  unclear: { status: 'unclear', executions: 0, card: /^\? Still unclear whether it ran\./ },
};

const nameOf = (fault: FaultOrder): string =>
  'status' in fault
    ? `${fault.kind} ${fault.status}`
    : fault.kind === 'throttle'
      ? `throttle ${fault.form}`
      : fault.kind;

const NAMES = ['ws-042', 'ws-001', 'ws-002', 'ws-018', 'ws-021', 'ws-022', 'ws-033', 'ws-040', 'ws-041', 'ws-055'];

/** Asked for on this machine, and approved; the fault lies in wait for this run alone. */
async function askInto(scene: Scene, machine: string, fault: FaultOrder): Promise<string> {
  const request = await scene.world.ask('U0ANA', `run ${machine} Get-Processes.ps1`);
  scene.fault({ ...fault, on: 'submit', runId: `${request.id}.1` } as FaultOrder);
  await scene.world.click('U0LEA', 'approve', `${request.id}:1`);
  while (scene.tenant.state().faults.length > 0) await pass(scene.world, 30_000);
  return request.id;
}

describe('each fault of a submission by itself', () => {
  const kinds = SUBMISSION_FAULTS.filter((fault) => fault.kind !== 'words' && fault.kind !== 'fail');
  const firstOfItsKind = (fault: FaultOrder) => kinds.find(({ kind }) => kind === fault.kind) === fault;
  const met = ALL_FORMS ? kinds : kinds.filter(firstOfItsKind);
  for (let first = 0; first < met.length; first += NAMES.length) {
    const faults = met.slice(first, first + NAMES.length);
    it(`ends as it must: ${[...new Set(faults.map(nameOf))].join(', ')}`, () =>
      withScene(async (scene) => {
        const ids: string[] = [];
        for (const [index, fault] of faults.entries()) ids.push(await askInto(scene, NAMES[index] ?? '', fault));
        for (let minute = 0; minute < 13; minute++) await pass(scene.world, 60_000);
        await scene.truth.check();
        for (const [index, id] of ids.entries()) {
          const fault = faults[index] ?? assert.fail();
          const { status, executions, card } = STANDS[becomes(fault)];
          const run = await scene.world.run(id);
          const stands = { status: run.status, executions: scene.tenant.executions(run.id) };
          assert.deepEqual(stands, { status, executions }, JSON.stringify(fault));
          assert.match(stateLine(scene.world, id), card, JSON.stringify(fault));
        }
      }));
  }
});

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
