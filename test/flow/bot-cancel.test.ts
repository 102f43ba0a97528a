import assert from 'node:assert/strict';
import { libraryFile } from '../support/fake-defender.ts';
import { audited, facts, pass, running, stateLine } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('a cancel of the bot’s own, after a person’s that Defender turned down', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** Ana wished that it stops, and Defender refused. */
  async function turnedDown(): Promise<string> {
    const { request } = await running(world);
    await pass(world, 121_000);
    world.defender.nextCancel({ outcome: 'refused', message: 'Not now.' });
    await world.click('U0ANA', 'cancel', request.id, { words: 'wrong machine' });
    assert.match(
      stateLine(world, request.id),
      /cancel requested by Ana Analyst 09:\d\d UTC: “wrong machine”\. Defender refused to cancel: Not now\.$/,
    );
    return request.id;
  }

  it('because it starts too late leaves the person’s wish named, and adds why it asks again', async () => {
    const id = await turnedDown();
    const [action] = world.defender.list;
    assert.ok(action !== undefined);
    world.defender.nextCancel({ outcome: 'requested', action });
    await pass(world, 8 * HOUR);
    assert.equal(world.defender.cancels.length, 2);
    assert.match(world.defender.cancels[1]?.comment ?? '', /cancelled by Ana Analyst/);
    assert.match(stateLine(world, id), / · cancel requested by Ana Analyst 17:\d\d UTC: “wrong machine”$/);
    assert.ok(facts(world, id).includes('⚠ It did not start within 8 h of the approval, so I asked Defender again.'));
    const now = await world.run(id);
    assert.deepEqual([now.cancel?.by.id, now.cancel?.why], ['U0ANA', 'wrong machine']);
    assert.equal(await audited(world, 'run.start_too_late'), 1);
    world.defender.go(now.actionId ?? '', 'Cancelled');
    await pass(world, 6_000);
    assert.equal(stateLine(world, id), '– Cancelled by Ana Analyst: wrong machine.');
  });

  it('because a script changed leaves the person’s wish named, too', async () => {
    const id = await turnedDown();
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await pass(world, 61_000);
    assert.equal(world.defender.cancels.length, 2);
    const { cancel } = await world.run(id);
    assert.deepEqual([cancel?.by.id, cancel?.why], ['U0ANA', 'wrong machine']);
    await pass(world, 6_000);
    assert.equal(stateLine(world, id), '– Cancelled by Ana Analyst: wrong machine.');
  });
});
