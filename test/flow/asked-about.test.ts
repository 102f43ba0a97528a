import assert from 'node:assert/strict';
import type { DefenderError } from '../../src/errors.ts';
import type { MachineAction } from '../../src/flow/ports.ts';
import { defenderTrouble, libraryFile, scriptResult } from '../support/fake-defender.ts';
import { attempt, audited, buttons, facts, pass, running, type Story, stateLine, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const HOUR = 3_600_000;

describe('a run that people are asked about while Defender has its action', () => {
  let world: World;
  let story: Story & { action: MachineAction };
  let shown: World['defender']['actions'];
  const id = () => story.request.id;
  const run = () => world.run(id());
  /** Its machine is off, and this one action can't be read for hours. */
  beforeEach(async () => {
    world = await createWorld();
    story = await running(world);
    shown = world.defender.actions;
    const actionId = story.run.actionId ?? '';
    world.defender.actions = async () => ({
      shown: [],
      unknown: [],
      unread: [{ id: actionId, code: 'defender_unexpected' }],
    });
    for (let hour = 0; hour < 5; hour++) await pass(world, HOUR);
    assert.equal((await run()).status, 'unclear');
  });
  /** Nobody may look any more, at anything. */
  const forbid = (code: DefenderError['code'] = 'defender_forbidden') => {
    const refuse = async () => {
      throw defenderTrouble(code);
    };
    Object.assign(world.defender, { actions: refuse, actionsOf: refuse, actionsOn: refuse });
  };

  it('goes on as Defender tells once it shows it again, and nobody is asked any more', async () => {
    world.defender.actions = shown;
    await pass(world, 6_000);
    assert.equal((await run()).status, 'running');
    assert.match(stateLine(world, id()), /^◌ Sent, ws-042 hasn’t picked it up yet/);
    assert.deepEqual(buttons(world, id()), ['cancel']);
    assert.doesNotMatch(facts(world, id()).join(), /couldn’t see/);
    assert.match(world.chat.said().at(-1) ?? '', /^Defender shows how it goes again, so nobody has to say/);
    await world.click('U0LEA', 'it_did_not_run', attempt(await run()));
    assert.match(whispers(world).at(-1) ?? '', /not unclear any more/);
    world.defender.results.set('*', scriptResult());
    world.defender.go(story.action.id, 'Succeeded', [{ status: 'Completed' }]);
    await pass(world, 6_000);
    assert.equal((await run()).status, 'succeeded');
    assert.equal(world.defender.submissions.length, 1);
  });

  it('is asked about anew where it can’t be seen again for hours', async () => {
    const asked = () => world.chat.said().filter((words) => words.startsWith('? Still unclear')).length;
    const { actions: hidden } = world.defender;
    world.defender.actions = shown;
    await pass(world, 6_000);
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 2d').replace(/rules:[\s\S]*(?=default)/, ''));
    world.defender.actions = hidden;
    for (let hour = 0; hour < 5; hour++) await pass(world, HOUR);
    assert.deepEqual([(await run()).status, asked()], ['unclear', 2]);
    assert.match(world.chat.said().at(-1) ?? '', /^\? Still unclear/);
  });

  for (const [word, status] of [
    ['Failed', 'failed'],
    ['TimeOut', 'timed_out'],
    ['Cancelled', 'cancelled'],
  ] as const) {
    it(`ends where Defender shows it again as ${word}`, async () => {
      world.defender.results.set('*', scriptResult());
      world.defender.go(story.action.id, word);
      world.defender.actions = shown;
      await pass(world, 6_000);
      assert.deepEqual([(await run()).status, (await world.request(id())).status], [status, 'done']);
      assert.deepEqual(buttons(world, id()), []);
    });
  }

  it('is cancelled at Defender where what was approved isn’t what would run any more', async () => {
    world.defender.files = [libraryFile({ sha256: 'e'.repeat(64) })];
    await pass(world, 31_000);
    assert.equal(world.defender.cancels.length, 1);
    assert.deepEqual([(await run()).status, story.action.status], ['unclear', 'Cancelled']);
    const warned = facts(world, id()).join();
    assert.match(warned, /couldn’t see how it goes.*minidump\.ps1 changed after it was approved/);
    assert.match(stateLine(world, id()), /^\? Still unclear .* cancel requested by Live Response/);
    await pass(world, 31_000);
    assert.equal(await audited(world, 'run.digest_changed'), 1);
    world.defender.actions = shown;
    await pass(world, 6_000);
    assert.equal((await run()).status, 'cancelled');
  });

  it('is cancelled at Defender when its time to start is over', async () => {
    await pass(world, 4 * HOUR);
    assert.equal(world.defender.cancels.length, 1);
    assert.equal(await audited(world, 'run.start_too_late'), 1);
  });

  it('isn’t asked to be cancelled every minute where Defender refuses', async () => {
    for (let i = 0; i < 50; i++) world.defender.nextCancel({ outcome: 'refused', message: 'no' });
    await pass(world, 4 * HOUR);
    for (let minute = 0; minute < 120; minute++) await pass(world, 60_000);
    assert.equal(world.defender.cancels.length, 3);
  });

  for (const how of ['button', 'command'] as const) {
    it(`may be cancelled by people: ${how}`, async () => {
      assert.deepEqual(buttons(world, id()), ['it_ran', 'it_did_not_run', 'cancel']);
      if (how === 'button') await world.click('U0LEA', 'cancel', id());
      else await world.type('U0LEA', `cancel ${id()}`);
      await world.settle();
      assert.equal(world.defender.cancels.length, 1);
      assert.match(stateLine(world, id()), /did it run\? · cancel requested by Lea Lead/);
      assert.deepEqual(buttons(world, id()), ['it_ran', 'it_did_not_run']);
      world.defender.actions = shown;
      await pass(world, 6_000);
      assert.equal((await run()).status, 'cancelled');
    });
  }

  it('that a cancel didn’t reach is cancelled later, also after a restart', async () => {
    world.defender.nextCancel({ outcome: 'unclear', why: 'reset' });
    await world.click('U0LEA', 'cancel', id());
    assert.match(stateLine(world, id()), /Defender hasn’t taken it yet/);
    world.failed.length = 0;
    const stranded = async () => {
      await pass(world, 5_000);
      return world.defender.cancels.length;
    };
    for (let i = 0; i < 5 && (await stranded()) < 2; i++);
    assert.equal(world.defender.cancels.length, 2);
  });

  describe('and of which an approver says that it didn’t run', () => {
    const settle = async () => {
      await world.click('U0LEA', 'it_did_not_run', attempt(await run()));
      await pass(world, 21_000);
    };
    const END =
      'Lea Lead says that it didn’t run. The last that Defender said of it is “Pending”, so it isn’t sent again.';

    it('isn’t sent again where nobody can look: it is cancelled at Defender, and the card says so', async () => {
      forbid();
      await settle();
      assert.deepEqual([(await run()).status, story.action.status], ['cancelled', 'Cancelled']);
      const { length } = world.defender.cancels;
      assert.deepEqual([length, world.defender.submissions.length], [1, 1]);
      assert.match(world.defender.cancels[0]?.comment ?? '', /^\[LR-\w+\.1\].*Lea Lead/);
      const taken = 'Defender has taken the cancel of its action.';
      assert.equal(stateLine(world, id()), `– Cancelled. ${END} ${taken}`);
      assert.ok(world.chat.said().some((words) => words.endsWith(taken)));
      assert.doesNotMatch(world.chat.said().join(), /back in line|Nothing more was sent/);
      const data = (await world.audit()).find((one) => one.action === 'run.settled_not_ran')?.data;
      assert.equal((data as { actionId?: string }).actionId, story.action.id);
      assert.equal(await audited(world, 'run.cancel_sent'), 1);
      await pass(world, 12 * HOUR);
      assert.deepEqual([world.defender.submissions.length, world.defender.cancels.length], [1, 1]);
    });

    it('says aloud what its cancel came to, if that is nothing', async () => {
      forbid();
      world.defender.nextCancel({ outcome: 'refused', message: 'no right to' });
      await settle();
      const words = /The cancel of its action came to nothing: Defender refused to cancel: no right to Look at it in/;
      assert.match(stateLine(world, id()), words);
      assert.match(world.chat.said().find((one) => one.startsWith('‼')) ?? '', words);
    });

    it('isn’t sent again either where looks don’t show it, since by its id Defender doesn’t say that it is gone', async () => {
      world.defender.actionsOf = async () => [];
      await settle();
      assert.deepEqual([(await run()).status, world.defender.cancels.length], ['cancelled', 1]);
      assert.equal(world.defender.submissions.length, 1);
    });

    it('isn’t sent beside an action that Defender has only just forgotten: it may come back', async () => {
      world.defender.list = [];
      world.defender.actions = shown;
      await pass(world, 6_000);
      await settle();
      assert.deepEqual([world.defender.submissions.length, world.defender.cancels.length], [1, 1]);
      assert.equal((await run()).status, 'cancelled');
    });

    it('goes back in line where Defender, asked for it again and again, doesn’t know it any more', async () => {
      world.defender.list = [];
      world.defender.actions = shown;
      await pass(world, 6_000);
      await pass(world, 10 * 60_000);
      await settle();
      assert.deepEqual([world.defender.submissions.length, world.defender.cancels.length], [2, 0]);
      assert.equal((await run()).attempt, 2);
    });

    it('is settled later where Defender doesn’t answer', async () => {
      forbid('defender_unreachable');
      await settle();
      assert.equal((await run()).status, 'unclear');
      assert.match(whispers(world).at(-1) ?? '', /Nothing was settled/);
    });
  });

  it('still ends by the word that it ran', async () => {
    await world.click('U0LEA', 'cancel', id());
    forbid();
    await world.click('U0LEA', 'it_ran', attempt(await run()));
    await pass(world, 21_000);
    assert.deepEqual([(await run()).status, (await run()).settledBy?.id], ['succeeded', 'U0LEA']);
    assert.equal(world.defender.cancels.length, 1);
  });
});

describe('a run whose action Defender doesn’t know any more', () => {
  it('goes on when it is shown again, without words that hold no longer', async () => {
    const world = await createWorld();
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 2d').replace(/rules:[\s\S]*(?=default)/, ''));
    const { request } = await running(world);
    const { list } = world.defender;
    world.defender.list = [];
    for (const time of [3 * HOUR, 11 * 60_000]) await pass(world, time);
    assert.equal((await world.run(request.id)).status, 'unclear');
    world.defender.list = list;
    await pass(world, 6_000);
    assert.deepEqual([(await world.run(request.id)).status, (await world.run(request.id)).note], ['running', null]);
  });
});
