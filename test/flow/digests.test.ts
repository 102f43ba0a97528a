import assert from 'node:assert/strict';
import { defenderTrouble, libraryFile } from '../support/fake-defender.ts';
import { audited, facts, finish, pass, running, stateLine, storyOf } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('a library file that changes on its way', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const change = () => {
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
  };

  it('cancels what no machine has picked up yet, in the bot’s own name', async () => {
    const { request } = await running(world);
    change();
    await pass(world, 31_000);
    assert.match(world.defender.cancels[0]?.comment ?? '', /cancelled by Live Response/);
    const { run } = await storyOf(world, request.id);
    assert.equal(run.cancel?.by.name, 'Live Response');
    await pass(world, 6_000);
    assert.equal(
      stateLine(world, request.id),
      '– Cancelled by Live Response: minidump.ps1 changed after it was approved.',
    );
    assert.equal(await audited(world, 'run.digest_changed'), 1);
  });

  it('that was picked up is told on the card, once: something else may have run', async () => {
    const { request, action } = await running(world);
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    change();
    await pass(world, 31_000);
    await pass(world, 31_000);
    const note = 'minidump.ps1 changed after it was approved: something else than what was approved may have run.';
    assert.ok(facts(world, request.id).includes(`⚠ ${note}`));
    assert.deepEqual(world.defender.cancels, []);
    assert.equal(await audited(world, 'run.digest_changed'), 1);
    await finish(world, request.id);
    assert.match(stateLine(world, request.id), /something else than what was approved may have run\.$/);
  });

  it('that was deleted from it is told as that, not as changed', async () => {
    const { request } = await running(world);
    world.defender.nextCancel({ outcome: 'too_late', message: 'x' });
    world.defender.files = [];
    await pass(world, 31_000);
    const why = 'minidump.ps1 was deleted from the library after it was approved';
    assert.equal((await world.run(request.id)).cancel?.why, why);
    assert.ok(facts(world, request.id).includes(`⚠ ${why}: what was approved may not have run.`));
  });

  it('whose version can’t be read any more is told as that, neither as changed nor as deleted', async () => {
    const { request } = await running(world);
    world.defender.nextCancel({ outcome: 'too_late', message: 'x' });
    world.defender.files = [libraryFile({ sha256: '', createdAt: '', updatedAt: '' })];
    await pass(world, 31_000);
    const why = 'minidump.ps1 tells no version in the library any more';
    assert.equal((await world.run(request.id)).cancel?.why, why);
    assert.ok(facts(world, request.id).includes(`⚠ ${why}: something else than what was approved may have run.`));
  });

  it('whose cancel came too late is told as well', async () => {
    const { request, action } = await running(world);
    change();
    world.defender.nextCancel({ outcome: 'too_late', message: 'x' });
    await pass(world, 31_000);
    await pass(world, 31_000);
    assert.equal(world.defender.cancels.length, 1, 'asked once');
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 31_000);
    await pass(world, 31_000);
    assert.ok(
      facts(world, request.id).some((fact) => fact.includes('something else than what was approved may have run')),
    );
  });

  it('doesn’t matter to what needs no file', async () => {
    const { request } = await running(world, 'get ws-042 C:\\x.zip');
    change();
    await pass(world, 31_000);
    assert.ok(!world.defender.reads.includes('library'));
    assert.equal((await finish(world, request.id)).run.status, 'succeeded');
  });

  it('is looked at again when Defender could not be asked', async () => {
    const { request } = await running(world);
    change();
    world.defender.fail('library', defenderTrouble('defender_throttled'));
    await pass(world, 31_000);
    assert.deepEqual(world.defender.cancels, []);
    await pass(world, 31_000);
    assert.equal(world.defender.cancels.length, 1);
    assert.notEqual((await world.run(request.id)).cancel, null);
  });

  it('is our own bug where the look itself breaks', async () => {
    await running(world);
    world.defender.library = async () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(pass(world, 31_000), TypeError);
  });
});
