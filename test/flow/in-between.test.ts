import assert from 'node:assert/strict';
import { shouldCancel } from '../../src/flow/cancel.ts';
import type { Queue } from '../../src/flow/ports.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble, libraryFile } from '../support/fake-defender.ts';
import { aRun, LEA, NOW } from '../support/records.ts';
import { approved, finish, pass, running, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const SOON = POLICY.replace('startWithin: 8h', 'startWithin: 1m').replace(/rules:[\s\S]*(?=default)/, '');

/** What somebody does, or what happens, between two steps of the bot. */
describe('in between', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const sent = () => world.defender.submissions.length;
  const type = async (user: string, line: string) => {
    await world.type(user, line);
    await world.settle();
  };
  /** Approves, and does jobs until one of this queue is next. */
  const approveUntil = async (id: string, queue: Queue): Promise<void> => {
    const { settle } = world;
    world.settle = async () => undefined;
    await world.click('U0LEA', 'approve', `${id}:1`);
    world.settle = settle;
    while (world.jobs[0]?.queue !== queue) {
      const [job] = world.jobs.splice(0, 1);
      if (job === undefined) throw new Error(`no ${queue} came`);
      await world.work(job);
    }
  };

  it('a pause after the claim still stops what hasn’t left, and resume sends it', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await approveUntil(request.id, 'send');
    assert.equal((await world.run(request.id)).status, 'submitting');
    const rest = world.jobs.splice(0);
    await type('U0LEO', 'pause');
    world.jobs.push(...rest);
    await world.settle();
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['queued', 0]);
    await type('U0LEO', 'resume');
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('a cancel after the claim ends it before anything leaves', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await approveUntil(request.id, 'send');
    const rest = world.jobs.splice(0);
    await world.click('U0ANA', 'cancel', request.id);
    world.jobs.push(...rest);
    await world.settle();
    assert.equal(stateLine(world, request.id), '– Cancelled by Ana Analyst. Nothing was sent to the machine.');
    assert.equal(sent(), 0);
  });

  for (const [what, deed] of [
    ['a cancel', (id: string) => world.click('U0ANA', 'cancel', id)],
    ['a pause', () => type('U0LEO', 'pause')],
  ] as const) {
    it(`${what} while it is checked keeps it from being sent`, async () => {
      const request = await world.ask('U0ANA', SCRIPT);
      const { library } = world.defender;
      world.defender.library = async (options) => {
        world.defender.library = library;
        await deed(request.id);
        return library(options);
      };
      await world.click('U0LEA', 'approve', `${request.id}:1`);
      assert.equal(sent(), 0);
      assert.notEqual((await world.run(request.id)).status, 'submitting');
    });
  }

  it('a cancel while its file is found changed leaves nothing to send back', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    world.defender.library = async () => {
      await world.click('U0ANA', 'cancel', request.id);
      return [libraryFile({ sha256: 'c'.repeat(64) })];
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    const { request: now } = await storyOf(world, request.id);
    assert.deepEqual([now.status, now.round], ['done', 1]);
  });

  it('a change of the record while it is checked is checked again', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    const { library } = world.defender;
    let looks = 0;
    world.defender.library = async (options) => {
      looks += 1;
      const run = await world.run(request.id);
      if (looks === 1) await world.store.transaction((tx) => tx.saveRun(run, run));
      return library(options);
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal(sent(), 0);
    await pass(world, 3_000);
    assert.deepEqual([sent(), looks], [1, 2]);
  });

  it('a time that is over after an attempt ends it only after one more look', async () => {
    world.policy(SOON);
    world.defender.next({ outcome: 'throttled', retryAfter: 3_000, sessions: false });
    const { request, run } = await approved(world);
    assert.equal(run.status, 'queued');
    await type('U0LEA', 'pause');
    await pass(world, 61_000);
    assert.equal((await world.run(request.id)).status, 'queued');
    await type('U0LEA', 'resume');
    assert.match(
      stateLine(world, request.id),
      /It did not start within 1 min of the approval\. Nothing was sent to the machine\.$/,
    );
    assert.equal(sent(), 1);
  });

  it('a cancel that Defender turned down may be wished again, and is asked again by the clock where the clock asked', async () => {
    const { request } = await running(world);
    world.advance(121_000);
    world.defender.nextCancel({ outcome: 'refused', message: 'Not now.' });
    await world.click('U0ANA', 'cancel', request.id);
    await pass(world, 2_000);
    assert.match(stateLine(world, request.id), /Defender refused to cancel: Not now\.$/);
    await world.click('U0ANA', 'cancel', request.id);
    assert.equal(world.defender.cancels.length, 2);

    const cancel = { by: LEA, why: null, at: NOW, sent: true, note: 'Defender refused to cancel: x' };
    assert.ok(shouldCancel(aRun(), NOW));
    assert.ok(!shouldCancel(aRun({ cancel }), NOW + 59_000));
    assert.ok(shouldCancel(aRun({ cancel }), NOW + 60_000));
    assert.ok(!shouldCancel(aRun({ cancel: { ...cancel, note: null } }), NOW + 60_000));
    const late = { ...cancel, note: 'Defender says that it is too late to cancel.' };
    assert.ok(!shouldCancel(aRun({ cancel: late }), NOW + 60_000));
  });

  it('a fresh action that Defender doesn’t know yet is cancelled a moment later', async () => {
    const { request } = await running(world);
    world.defender.nextCancel({ outcome: 'refused', message: 'no such action' });
    await world.click('U0ANA', 'cancel', request.id);
    assert.equal(world.failed.length, 1);
    await pass(world, 3_000);
    assert.equal((await world.run(request.id)).cancel?.sent, true);
  });

  it('a cancel answered after another wish leaves that wish alone', async () => {
    const { request } = await running(world);
    world.advance(121_000);
    const { cancel } = world.defender;
    world.defender.cancel = async (...args) => {
      world.defender.cancel = cancel;
      const run = await world.run(request.id);
      const wish = run.cancel === null ? null : { ...run.cancel, at: world.now() + 1 };
      await world.store.transaction((tx) => tx.saveRun(run, { ...run, cancel: wish }));
      return cancel(...args);
    };
    await world.click('U0ANA', 'cancel', request.id);
    assert.equal((await world.run(request.id)).cancel?.sent, false);
  });

  it('a Defender that can’t be asked long past the time of looking leaves it to a person', async () => {
    world.defender.next({ outcome: 'unclear', why: 'reset' });
    const { request } = await approved(world);
    world.defender.actionsOf = async () => {
      throw defenderTrouble('defender_unreachable');
    };
    await pass(world, 6 * 60_000);
    assert.equal((await world.run(request.id)).status, 'reconciling');
    await pass(world, 90_000);
    assert.equal((await world.run(request.id)).status, 'unclear');
    assert.equal(sent(), 1);
  });

  it('a machine that stays busy is tried rarer and rarer', async () => {
    world.defender.next({ outcome: 'busy', message: 'x' });
    const { request } = await approved(world);
    await pass(world, 121_000);
    world.defender.next({ outcome: 'busy', message: 'x' });
    await pass(world, 16_000);
    await pass(world, 121_000);
    const wait = (await world.run(request.id)).notBefore - world.now();
    assert.ok(wait > 20_000 && wait <= 30_000, String(wait));
  });

  it('a channel that can’t say whether others read it counts as shared', async () => {
    const { request } = await running(world);
    world.chat.isShared = async () => {
      throw chatTrouble('chat_unreachable');
    };
    await finish(world, request.id, 'secret\n');
    assert.doesNotMatch(JSON.stringify([world.card(request.id), world.chat.replies]), /secret/);
    world.chat.isShared = async () => {
      throw new TypeError('a bug');
    };
    await world.store.transaction((tx) => tx.touch(request.id));
    await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
    assert.deepEqual(world.failed, []);
  });

  it('a bug of ours while a request is looked at is answered in the end', async () => {
    world.defender.findMachines = async () => {
      throw new TypeError('a bug');
    };
    const { id } = await world.ask('U0ANA', SCRIPT);
    assert.equal((await world.request(id)).status, 'received');
    await pass(world, 20_000);
    assert.match(whispers(world).join(), /^Something went wrong on my side\. .* Nothing was asked of anybody\.$/);
    assert.equal((await world.request(id)).status, 'refused');
  });
});
