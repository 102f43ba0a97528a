import assert from 'node:assert/strict';
import { ChatError, DefenderError } from '../../../src/errors.ts';
import { type Request, requestEnded } from '../../../src/model/request.ts';
import { pass, pressOne } from '../story.ts';
import { type Event, MACHINES } from './events.ts';
import { Killed } from './stops.ts';
import type { TenantWorld } from './tenant-world.ts';

/** A world with what was asked in it. */
export interface Scene extends TenantWorld {
  asked: string[];
}

/** Lets one thing happen, and all work that follows from it. */
export async function play(scene: Scene, event: Event): Promise<void> {
  const { world, tenant, asked, stops } = scene;
  switch (event.do) {
    case 'ask': {
      const reason = event.machine === 1 ? ' --reason INC-1234' : '';
      const glass = event.breakGlass === true ? ' --break-glass --reason "ransomware spreading"' : reason;
      const line = `run ${MACHINES[event.machine]} minidump.ps1 number-${asked.length}${glass}`;
      const got = await world.type(event.user, line);
      asked.push(/LR-\w{6}/.exec(JSON.stringify(got))?.[0] ?? '');
      break;
    }
    case 'click':
      await pressOne(scene.world, scene.asked, event);
      break;
    case 'say':
      await world.type('U0LEA', event.words);
      break;
    case 'fault':
      scene.fault(event.fault);
      break;
    case 'stop':
      stops.next = event.stop;
      break;
    case 'pass':
      await pass(world, event.seconds * 1_000);
      break;
    case 'arrive':
      await scene.arrive();
      break;
    case 'set':
      tenant.control.set(event.settings);
      // A role that comes or goes is in the tokens from then on.
      if (event.settings.roles !== undefined) scene.restart();
      break;
    case 'machine':
      tenant.control.machine({ id: idOf(scene, event.machine), ...event.change });
      break;
    case 'change library':
      tenant.control.putFile({ fileName: 'minidump.ps1', content: `# ${asked.length} at ${world.now()}` });
  }
  await world.settle();
  await check(scene);
}

function idOf({ tenant }: Scene, machine: number): string {
  const found = tenant.machines.find(`${MACHINES[machine]}.contoso.com`);
  assert.ok(found !== undefined);
  return found.id;
}

/** Nothing failed but on purpose, and nothing shown or done is against the truth. */
async function check({ world, truth }: Scene): Promise<void> {
  for (const { error } of world.failed.splice(0))
    if (!(error instanceof Killed || error instanceof DefenderError || error instanceof ChatError)) throw error;
  await truth.check();
}

/** The trouble is over: whatever is open comes to its end, with a word of people where only they can say. */
export async function comeToAnEnd(scene: Scene): Promise<Request[]> {
  const { world, tenant } = scene;
  await mend(scene);
  for (let round = 0; round < 30; round++) {
    await pass(world, 310_000);
    await check(scene);
    const open = (await world.store.requestsBy({ limit: 100 })).filter((request) => !requestEnded(request.status));
    if (open.length === 0) break;
    if (round >= 3) await nothingHangs(scene);
    for (const request of open) {
      const other = request.requester.id === 'U0LEA' ? 'U0LEO' : 'U0LEA';
      if (request.status === 'waiting') await world.click(request.requester.id, 'withdraw', request.id);
      const run = await world.store.transaction((tx) => tx.run(`${request.id}.1`));
      const word = tenant.executions(`${request.id}.1`) > 0 ? 'it_ran' : 'it_did_not_run';
      if (run?.status === 'unclear') await world.click(other, word, `${run.id}:${run.attempt}`);
      await check(scene);
    }
  }
  for (let more = 0; more < 3; more++) await pass(world, 30_000);
  await check(scene);
  return world.store.requestsBy({ limit: 100 });
}

async function mend(scene: Scene): Promise<void> {
  const { tenant, stops } = scene;
  stops.next = null;
  tenant.control.clearFaults();
  await scene.arrive();
  const roles = ['Machine.LiveResponse', 'Machine.Read.All', 'Library.Manage'];
  tenant.control.set({ lagMs: 0, onBusy: 'refuse', pageSize: 10_000, roles });
  for (const machine of MACHINES.keys())
    tenant.control.machine({ id: idOf(scene, machine), portalSession: false, reachable: true });
  scene.restart();
  await play(scene, { do: 'say', words: 'resume' });
}

async function nothingHangs({ world }: Scene): Promise<void> {
  const hanging = await world.store.runsBy({ status: ['submitting', 'reconciling'] });
  assert.deepEqual(
    hanging.map((run) => `${run.id} is still ${run.status}`),
    [],
  );
}
