import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { DefenderError } from '../../src/errors.ts';
import { defenderTrouble } from '../support/fake-defender.ts';
import { finish, pass, running, stateLine } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

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
    assert.match(stateLine(world, request.id), /^▶ Running since 09:00 UTC · command 1 of 1/);
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

  it('may be one alone, whose answer nobody understands', async () => {
    const { request, run } = await running(world);
    world.defender.actions = async () => ({ shown: [], unknown: [], unread: [run.actionId ?? ''] });
    for (let i = 0; i < 12; i++) await pass(world, 6_000);
    assert.match(
      stateLine(world, request.id),
      /I can’t see since .* how it goes: I don’t understand Defender’s answer/,
    );
  });
});
