import assert from 'node:assert/strict';
import { defenderTrouble, scriptResult } from '../fake-defender.ts';
import { attempt, lookInVain, pass } from '../story.ts';
import type { World } from '../world.ts';
import type { People } from './people.ts';
import type { Fate, Scene } from './scene.ts';
import type { Told } from './wire.ts';

/** Where a scene is played, and what as. */
export interface Stage {
  fate: Fate;
  world: World;
  people: People;
  scene: Scene;
  told: Told;
}

export const HOUR = 3_600_000;

/** How a request that waits goes to its end, by each fate, with the scene's words wherever somebody has something to say. */
export const FATES: Record<Fate, (stage: Stage, id: string) => Promise<void>> = {
  finished: run,
  shared: run,
  async 'break glass'(stage, id) {
    await finish(stage, id);
    await stage.people.click('U0LEO', 'reviewed', id);
  },
  async failed(stage, id) {
    await approve(stage, id);
    const { errors } = stage.scene.defender;
    await go(stage, id, 'Failed', [{ status: 'Completed' }, { status: 'Failed', errors }]);
  },
  async 'timed out'(stage, id) {
    await approve(stage, id);
    await go(stage, id, stage.scene.defender.action, [{ status: stage.scene.defender.code }]);
    await go(stage, id, 'TimeOut', []);
  },
  async denied({ people, scene }, id) {
    await people.click('U0LEA', 'deny', `${id}:1`);
    await people.click('U0LEA', 'deny_reason', id, scene.why);
  },
  async withdrawn({ people, scene }, id) {
    await people.type('U0ANA', `cancel ${id} ${scene.why}`);
  },
  async cancelled(stage, id) {
    const { people, scene, world } = stage;
    await approve(stage, id);
    await go(stage, id, 'InProgress', [{ status: 'Completed' }]);
    world.defender.nextCancel({ outcome: 'refused', message: scene.defender.message });
    await people.type('U0LEA', `cancel ${id} ${scene.why}`);
    await people.click('U0LEA', 'cancel', id);
    await pass(world, 60_000);
  },
  async refused(stage, id) {
    const { code, message } = stage.scene.defender;
    stage.world.defender.next({ outcome: 'refused', code, message });
    await approve(stage, id);
  },
  async unclear(stage, id) {
    const { world, people, scene } = stage;
    world.defender.next({ outcome: 'unclear', why: scene.defender.message });
    await approve(stage, id);
    await lookInVain(world);
    await people.click('U0LEO', 'it_ran', attempt(await world.run(id)));
  },
  async paused(stage, id) {
    const { people, scene } = stage;
    await people.type('U0LEA', `pause ${scene.why}`);
    await approve(stage, id);
    await people.visit('U0ANA');
    await people.type('U0LEA', 'resume');
  },
  async changed(stage, id) {
    const { world, scene } = stage;
    world.defender.files = world.defender.files.map((file) =>
      file.fileName === scene.script.fileName ? { ...file, sha256: 'c'.repeat(64), description: scene.why } : file,
    );
    await approve(stage, id);
    await pass(world, 9 * HOUR);
  },
  async unread(stage, id) {
    const { world, scene } = stage;
    await approve(stage, id);
    const trouble = defenderTrouble('defender_unexpected');
    world.defender.fail(
      'scriptResult',
      ...Array.from({ length: 30 }, () => Object.assign(trouble, { message: scene.defender.message })),
    );
    await finish(stage, id);
    for (let i = 0; i < 8; i++) await pass(world, 60_000);
  },
  async several(stage, id) {
    const { world, people, scene } = stage;
    world.defender.next({ outcome: 'unclear', why: scene.defender.message });
    await approve(stage, id);
    await finish(stage, id);
    const rest = world.defender.list.find(({ status }) => status === 'Pending');
    assert.ok(rest, 'another machine has it');
    world.defender.go(rest.id, 'Failed', [{ status: 'Failed', errors: scene.defender.errors }]);
    await lookInVain(world);
    const runs = await world.store.transaction((tx) => tx.runsOf(id));
    for (const run of runs) {
      if (run.status === 'unclear') await people.click('U0LEO', 'it_ran', attempt(run));
    }
    for (let minute = 0; minute < 3; minute++) await pass(world, 60_000);
    assert.equal((await world.request(id)).status, 'done');
  },
  async deleted({ people, world, scene }, id) {
    world.defender.nextDeletion({ outcome: 'refused', message: scene.defender.message });
    await people.click('U0LEA', 'approve', `${id}:1`);
    await pass(world, 60_000);
  },
};

async function run(stage: Stage, id: string): Promise<void> {
  await approve(stage, id);
  await finish(stage, id);
}

async function approve({ people, world }: Stage, id: string): Promise<void> {
  const { round } = await world.request(id);
  await people.click('U0ANA', 'approve', `${id}:${round}`);
  await people.click('U0LEA', 'approve', `${id}:${round}`);
}

type Commands = Parameters<World['defender']['go']>[2];

async function go({ world }: Stage, id: string, status: string, commands: NonNullable<Commands>): Promise<void> {
  const action = world.defender.list.findLast(({ comment }) => comment.startsWith(`[${id}.`));
  assert.ok(action, `${id} was sent`);
  world.defender.go(action.id, status, commands);
  await pass(world, 6_000);
}

async function finish(stage: Stage, id: string): Promise<void> {
  const { world, scene } = stage;
  const { output, errors, fileName: name } = scene;
  world.defender.results.set('*', scriptResult({ exitCode: 1, output: output.join('\n'), errors: errors.join('\n') }));
  world.defender.fileFacts = async () => ({ name, size: 7, packed: 9, sha256: null });
  const times = { startedAt: world.now(), endedAt: world.now() + 3_000 };
  await go(stage, id, 'Succeeded', Array(3).fill({ status: 'Completed', errors: scene.defender.errors, ...times }));
}
