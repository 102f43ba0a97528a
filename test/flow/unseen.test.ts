import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { DefenderError } from '../../src/errors.ts';
import type { Run } from '../../src/model/request.ts';
import { defenderTrouble } from '../support/fake-defender.ts';
import { audited, buttons, facts, finish, pass, running, stateLine } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('a run that can’t be seen', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** So many looks in vain, 6 s apart. */
  async function blind(looks: number, code: DefenderError['code'] = 'defender_unreachable'): Promise<void> {
    for (let i = 0; i < looks; i++) {
      world.defender.fail('actions', defenderTrouble(code));
      await pass(world, 6_000);
    }
  }

  it('says so on its card after a minute, instead of what was seen last', async () => {
    const { request } = await running(world);
    await pass(world, 54_000);
    await blind(10);
    assert.match(stateLine(world, request.id), /^◌ Sent, ws-042 hasn’t picked it up yet/);
    await blind(1);
    const words = stateLine(world, request.id);
    assert.match(words, /^◌ Sent · I can’t see since 09:01 UTC how it goes: Defender doesn’t answer · /);
    assert.doesNotMatch(words, /picked it up/);
    assert.match(words, /we cancel at /);
    const edits = world.chat.edits.length;
    await blind(5);
    assert.equal(world.chat.edits.length, edits, 'once');
    await blind(1, 'defender_forbidden');
    assert.match(stateLine(world, request.id), /how it goes: Defender doesn’t allow me to look/);
  });

  it('is shown as it is once Defender answers again', async () => {
    const { request, action } = await running(world);
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    await blind(12);
    assert.match(
      stateLine(world, request.id),
      /^▶ It was running, since 09:00 UTC · I can’t see since 09:00 UTC how it goes: Defender doesn’t answer$/,
    );
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^▶ Running since 09:00 UTC · a script/);
    assert.equal((await finish(world, request.id)).run.status, 'succeeded');
  });

  it('is not told of after troubles that pass: each minute begins anew', async () => {
    const { request } = await running(world);
    for (let i = 0; i < 3; i++) {
      await blind(9);
      await pass(world, 6_000);
    }
    assert.match(stateLine(world, request.id), /^◌ Sent, ws-042 hasn’t picked it up yet/);
    const list = world.defender.list;
    world.defender.list = [];
    await blind(9);
    await pass(world, 6_000);
    await blind(9);
    assert.match(stateLine(world, request.id), /hasn’t picked it up yet/, 'that Defender doesn’t know it is an answer');
    world.defender.list = list;
  });

  /** Defender answers, and tells nothing of this one. */
  function untold(run: Run, code: DefenderError['code']): void {
    world.defender.actions = async () => ({ shown: [], unknown: [], unread: [{ id: run.actionId ?? '', code }] });
  }

  for (const [code, words] of [
    ['defender_unexpected', 'I don’t understand Defender’s answer'],
    ['defender_unreachable', 'Defender doesn’t answer'],
    ['defender_forbidden', 'Defender doesn’t allow me to look'],
  ] as const) {
    it(`may be one alone: ${words}`, async () => {
      const { request, run } = await running(world);
      untold(run, code);
      for (let i = 0; i < 12; i++) await pass(world, 6_000);
      assert.match(stateLine(world, request.id), new RegExp(`I can’t see since .* how it goes: ${words}`));
    });
  }

  it('for hours, while Defender answers, is left to people', async () => {
    const { request, run } = await running(world);
    untold(run, 'defender_unexpected');
    await pass(world, 6_000);
    for (let hour = 0; hour < 2; hour++) await pass(world, HOUR);
    assert.equal((await world.run(request.id)).status, 'running', 'not yet');
    await pass(world, HOUR);
    assert.equal((await world.run(request.id)).status, 'unclear');
    assert.match(world.chat.said().at(-1) ?? '', /^\? Still unclear whether it ran\./);
    const why = '⚠ For 3 h I couldn’t see how it goes: I don’t understand Defender’s answer.';
    assert.ok(facts(world, request.id).includes(why), facts(world, request.id).join(' | '));
    assert.deepEqual(buttons(world, request.id), ['it_ran', 'it_did_not_run', 'cancel']);
    assert.equal(await audited(world, 'run.lost'), 1);
  });

  it('nor allowed to be seen is left to people, too; an outage is waited for, a day and more', async () => {
    const { request } = await running(world);
    const look = async (code: DefenderError['code'], hours: number) => {
      world.defender.fail('actions', defenderTrouble(code));
      await pass(world, hours * HOUR);
    };
    for (let hour = 0; hour < 7; hour++) await look('defender_unreachable', 1);
    assert.equal((await world.run(request.id)).status, 'running');
    for (let hour = 0; hour < 3; hour++) await look('defender_forbidden', 1);
    assert.equal((await world.run(request.id)).status, 'running', 'it counts from the first refusal');
    await look('defender_forbidden', 1.1);
    assert.equal((await world.run(request.id)).status, 'unclear');
  });

  it('is left to people at last, whatever keeps it from being seen', async () => {
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 3d').replace(/rules:[\s\S]*(?=default)/, ''));
    const { request } = await running(world);
    for (let hour = 0; hour < 27; hour++) {
      assert.equal((await world.run(request.id)).status, 'running', `after ${hour} h`);
      world.defender.fail('actions', defenderTrouble('defender_sign_in'));
      await pass(world, HOUR);
    }
    assert.equal((await world.run(request.id)).status, 'unclear');
  });
});
