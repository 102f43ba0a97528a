import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { libraryFile, scriptResult } from '../support/fake-defender.ts';
import { attempt, audited, buttons, facts, pass, running, stateLine } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('an action that Defender shows without an end that is known', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 2d').replace(/rules:[\s\S]*(?=default)/, ''));
    world.defender.results.set('*', scriptResult());
  });

  for (const [word, status] of [
    ['Timeout', 'timed_out'],
    ['TimedOut', 'timed_out'],
    ['Canceled', 'cancelled'],
    ['succeeded', 'succeeded'],
    ['FAILED', 'failed'],
  ] as const) {
    it(`has ended where it says ${word}`, async () => {
      const { request, action } = await running(world);
      world.defender.go(action.id, word);
      await pass(world, 6_000);
      assert.equal((await world.run(request.id)).status, status);
    });
  }

  it('isn’t picked up by a word that nobody knows, so that it can still be stopped', async () => {
    const { request, action } = await running(world);
    world.defender.go(action.id, 'Queued', [{ status: 'Submitted' }]);
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^◌ Sent, ws-042 hasn’t picked it up yet/);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await pass(world, 31_000);
    assert.equal(world.defender.cancels.length, 1);
  });

  it('is picked up by a command that runs, whatever the action is called', async () => {
    const { request, action } = await running(world);
    world.defender.go(action.id, 'Dreaming', [{ status: 'executing' }]);
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^▶ Running since /);
  });

  /** Defender calls it so until people are asked, some hours later. */
  async function endless(word: string, commands: { status: string }[] = []) {
    const story = await running(world);
    world.defender.go(story.action.id, word, commands);
    await pass(world, 6_000);
    await pass(world, 2 * HOUR);
    assert.equal((await world.run(story.request.id)).status, 'running', 'not yet');
    await pass(world, 1.2 * HOUR);
    const run = await world.run(story.request.id);
    assert.equal(run.status, 'unclear');
    assert.match(world.chat.said().at(-1) ?? '', /^\? Still unclear whether it ran\..* say on the card/);
    return { ...story, run };
  }

  it('is left to people long after it was picked up, and their word counts though Defender still shows it', async () => {
    const { request, run } = await endless('InProgress', [{ status: 'Executing' }]);
    assert.ok(facts(world, request.id).some((fact) => /still shows no end of it after .*“InProgress”/.test(fact)));
    assert.deepEqual(buttons(world, request.id), ['it_ran', 'cancel']);
    await world.click('U0LEA', 'it_ran', attempt(run));
    assert.equal((await world.run(request.id)).status, 'succeeded');
    assert.match(stateLine(world, request.id), /Lea Lead says that it ran\. Defender shows no end of it, only “InProg/);
    assert.equal(await audited(world, 'run.lost'), 1);
  });

  it('under a word that nobody knows is left to people, and not sent again beside it', async () => {
    const { request, run } = await endless('Queued');
    assert.ok(facts(world, request.id).some((fact) => /calls it “Queued”, which I don’t know/.test(fact)));
    await world.click('U0LEA', 'it_did_not_run', attempt(run));
    assert.equal(
      stateLine(world, request.id),
      '– Cancelled. Lea Lead says that it didn’t run. Defender still calls it “Queued”, so it isn’t sent again. ' +
        'Defender has taken the cancel of its action.',
    );
    assert.deepEqual([world.defender.submissions.length, world.defender.cancels.length], [1, 1]);
    assert.equal((await world.request(request.id)).status, 'done');
  });

  it('is believed to Defender where it shows its end when people are asked', async () => {
    const { request, action, run } = await endless('Queued');
    world.defender.go(action.id, 'Succeeded');
    await world.click('U0LEA', 'it_did_not_run', attempt(run));
    assert.match(world.chat.whispered().at(-1) ?? '', /Defender shows it by now/);
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).status, 'succeeded');
    assert.equal(await audited(world, 'run.said_not_ran'), 1);
  });

  it('waits for its machine as long as Defender calls it Pending', async () => {
    const { request } = await running(world);
    for (let hour = 0; hour < 12; hour++) await pass(world, HOUR);
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('isn’t endless by a start that can’t be: an empty date, or one of long before it was asked for', async () => {
    for (const start of ['0001-01-01T00:00:00Z', '2026-11-23T09:00:00Z'].map(Date.parse)) {
      const { request, action } = await running(world);
      world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: start }]);
      await pass(world, 6_000);
      const run = await world.run(request.id);
      assert.deepEqual([run.status, run.pickedUpAt], ['running', world.now()]);
      world.defender.go(action.id, 'Succeeded', [{ status: 'Completed', startedAt: start, endedAt: start }]);
      await pass(world, 6_000);
      const [command] = (await world.run(request.id)).commands;
      assert.deepEqual([command?.startedAt, command?.endedAt], [null, null]);
      world.advance(61_000);
    }
  });

  it('began when Defender says, also where its clock is a little behind', async () => {
    const { request, action } = await running(world);
    const startedAt = world.now() - 60_000;
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt }]);
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).pickedUpAt, startedAt);
  });
});
