import assert from 'node:assert/strict';
import { cancelWords } from '../../src/flow/approve.ts';
import { machine } from '../support/fake-defender.ts';
import {
  approved,
  audited,
  buttons,
  facts,
  finish,
  lookInVain,
  pass,
  running,
  SCRIPT,
  stateLine,
  storyOf,
  unclear,
  whispers,
} from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('stopping a request', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const sent = () => world.defender.submissions.length;
  const type = async (user: string, line: string): Promise<string> => {
    await world.type(user, line);
    await world.settle();
    return whispers(world).join();
  };

  it('that waits withdraws it: by its requester alone, and the card says so', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'withdraw', id);
    assert.match(whispers(world).join(), /^Only Ana Analyst, who asked for LR-\w+, can withdraw it\./);
    await world.click('U0ANA', 'withdraw', id);
    const { request, run } = await storyOf(world, id);
    assert.deepEqual([request.status, request.endedBy?.id, run.status], ['withdrawn', 'U0ANA', 'cancelled']);
    assert.match(stateLine(world, id), /^– Withdrawn by Ana Analyst 09:00 UTC\. Nothing was sent/);
    assert.deepEqual(buttons(world, id), []);
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(whispers(world).join(), /was withdrawn, so there is nothing to do/);
    await world.click('U0ANA', 'withdraw', id);
    assert.match(whispers(world).join(), /was withdrawn/);
    assert.equal(sent(), 0);
  });

  it('typed as cancel while it waits withdraws it, with the reason', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    assert.equal(await type('U0ANA', `cancel ${id} wrong machine`), `${id} is withdrawn.`);
    assert.match(stateLine(world, id), /“wrong machine”/);
    const other = await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    assert.match(await type('U0LEA', `cancel ${other.id}`), /^Only Ana Analyst/);
    assert.equal(await type('U0ANA', `withdraw ${other.id}`), `${other.id} is withdrawn.`);
    assert.match(await type('U0ANA', `withdraw ${other.id}`), /was withdrawn/);
  });

  for (const user of ['U0ANA', 'U0LEO']) {
    it(`in line ends it at once, for requester and approvers: ${user}`, async () => {
      await type('U0LEA', 'pause');
      const { request } = await approved(world);
      assert.deepEqual(buttons(world, request.id), ['cancel']);
      await world.click(user, 'cancel', request.id, { words: 'false alarm' });
      const now = await storyOf(world, request.id);
      assert.deepEqual([now.request.status, now.run.status], ['done', 'cancelled']);
      assert.match(
        stateLine(world, request.id),
        /^– Cancelled by \w+ \w+: false alarm\. Nothing was sent to the machine\.$/,
      );
      assert.deepEqual(buttons(world, request.id), []);
      assert.equal(await audited(world, 'request.cancel'), 1);
      await type('U0LEA', 'resume');
      assert.equal(sent(), 0);
    });
  }

  it('is not for others', async () => {
    const { request } = await approved(world);
    await world.click('U0GUS', 'cancel', request.id);
    assert.match(whispers(world).join(), /^Only Ana Analyst, who asked for LR-\w+, and approvers can cancel it/);
    assert.deepEqual(world.defender.cancels, []);
  });

  it('that runs asks Defender, once, in the name of who wished it; the card says what became of it', async () => {
    const { request, action } = await running(world);
    await world.click('U0ANA', 'cancel', request.id);
    assert.deepEqual(world.defender.cancels, [
      { actionId: action.id, comment: `[${request.id}.1] cancelled by Ana Analyst (slack:U0ANA)` },
    ]);
    assert.match(stateLine(world, request.id), / · cancel requested by Ana Analyst 09:\d\d UTC$/);
    assert.deepEqual(whispers(world), ['Cancel requested. The card says what became of it.']);
    await world.click('U0LEA', 'cancel', request.id);
    await world.work({ queue: 'cancel', id: `${request.id}.1` });
    assert.equal(world.defender.cancels.length, 1);
    await pass(world, 6_000);
    assert.equal(stateLine(world, request.id), '– Cancelled by Ana Analyst.');
    assert.equal(await audited(world, 'run.cancel_sent'), 1);
    await world.click('U0ANA', 'cancel', request.id);
    assert.match(whispers(world).at(-1) ?? '', /has ended already/);
  });

  for (const [result, words] of [
    [{ outcome: 'too_late', message: 'x' }, /Defender says that it is too late to cancel\.$/],
    [{ outcome: 'refused', message: 'No right to.' }, /Defender refused to cancel: No right to\.$/],
  ] as const) {
    it(`that Defender answers with “${result.outcome}” goes on, and the card says so`, async () => {
      const { request } = await running(world);
      world.advance(121_000);
      world.defender.nextCancel(result);
      await world.click('U0ANA', 'cancel', request.id);
      assert.match(stateLine(world, request.id), words);
      assert.equal((await finish(world, request.id)).run.status, 'succeeded');
      assert.match(stateLine(world, request.id), /^✔ Finished in .*\. Ana Analyst asked to cancel it\. Defender /);
      assert.match(stateLine(world, request.id), words);
    });
  }

  it('that Defender took, but that came too late, is told as such at the end', async () => {
    const { request, action } = await running(world);
    world.defender.nextCancel({ outcome: 'requested', action });
    await world.click('U0ANA', 'cancel', request.id);
    assert.match(stateLine(world, request.id), / · cancel requested by Ana Analyst 09:\d\d UTC$/);
    await finish(world, request.id);
    assert.match(
      stateLine(world, request.id),
      /^✔ Finished in .* Ana Analyst asked to cancel it, which came too late\.$/,
    );
    assert.match(world.chat.said().at(-1) ?? '', /Ana Analyst asked to cancel it, which came too late\. LR-/);
  });

  it('that Defender never confirmed is told so, while it runs and at the end', async () => {
    const { request } = await running(world);
    for (let i = 0; i < 40; i++) world.defender.nextCancel({ outcome: 'unclear', why: 'Defender answered 500' });
    await world.click('U0ANA', 'cancel', request.id);
    for (let i = 0; i < 8; i++) await pass(world, 6_000);
    assert.match(
      stateLine(world, request.id),
      / · cancel requested by Ana Analyst 09:\d\d UTC, Defender hasn’t taken it yet$/,
    );
    await finish(world, request.id);
    const end = /Ana Analyst asked to cancel it\. Defender didn’t confirm the cancel\.$/;
    assert.match(stateLine(world, request.id), end);
    assert.ok(world.defender.cancels.length > 1);
  });

  it('that wasn’t sent before the end is told as that', async () => {
    const { request } = await running(world);
    const { settle } = world;
    world.settle = async () => undefined;
    await world.click('U0ANA', 'cancel', request.id);
    world.settle = settle;
    for (let job = world.jobs.shift(); job !== undefined; job = world.jobs.shift()) {
      if (job.queue !== 'cancel') await world.work(job);
    }
    await finish(world, request.id);
    assert.match(stateLine(world, request.id), /asked to cancel it\. It ended before the cancel got through\.$/);
    assert.deepEqual(world.defender.cancels, []);
  });

  it('stops that one alone, also where the same person has another running', async () => {
    world.defender.machines = [machine(), machine({ id: 'm2', name: 'ws-043.contoso.com' })];
    const first = await running(world);
    const second = await running(world, SCRIPT.replace('042', '043'));
    await world.click('U0ANA', 'cancel', first.request.id);
    await pass(world, 6_000);
    assert.deepEqual(
      world.defender.cancels.map(({ actionId }) => actionId),
      [first.action.id],
    );
    assert.equal((await world.run(second.request.id)).status, 'running');
    assert.equal((await world.run(second.request.id)).cancel, null);
  });

  it('that failed after somebody wanted it stopped says both', async () => {
    const { request, action } = await running(world);
    world.defender.nextCancel({ outcome: 'requested', action });
    await world.click('U0ANA', 'cancel', request.id);
    world.defender.go(action.id, 'Failed', [{ status: 'Failed' }]);
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^✘ Failed: minidump\.ps1 failed\. Ana Analyst asked to cancel it\.$/);
  });

  it('is asked again where Defender’s answer got lost', async () => {
    const { request } = await running(world);
    world.defender.nextCancel({ outcome: 'unclear', why: 'reset' });
    await world.click('U0ANA', 'cancel', request.id);
    assert.equal(world.failed.length, 1);
    await pass(world, 3_000);
    assert.equal(world.defender.cancels.length, 2);
    assert.equal((await world.run(request.id)).cancel?.sent, true);
    assert.doesNotMatch(stateLine(world, request.id), /taken it yet/);
  });

  it('while it is being sent is remembered and applied', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    world.defender.beforeGate = () => {
      world.defender.beforeGate = null;
    };
    const { submit } = world.defender;
    world.defender.submit = async (...args) => {
      const run = await world.run(request.id);
      const by = { platform: 'slack' as const, id: 'U0ANA', tenant: '', name: 'Ana Analyst' };
      await world.store.transaction((tx) =>
        tx.saveRun(run, { ...run, cancel: { by, why: null, at: world.now(), sent: false, note: null } }),
      );
      return submit(...args);
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal(world.defender.cancels.length, 1);
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).status, 'cancelled');
    assert.equal(sent(), 1);
  });

  for (const [what, outcome] of [
    ['throttled', { outcome: 'throttled', retryAfter: 60_000, sessions: false }],
    ['not sent', { outcome: 'not_sent', why: 'no connection' }],
  ] as const) {
    it(`while it is being sent ends it at once where it was ${what}, also while paused`, async () => {
      const request = await world.ask('U0ANA', SCRIPT);
      const { submit } = world.defender;
      world.defender.submit = async (...args) => {
        world.defender.submit = submit;
        await world.click('U0ANA', 'cancel', request.id, { words: 'wrong machine' });
        return submit(...args);
      };
      world.defender.next(outcome);
      await world.click('U0LEA', 'approve', `${request.id}:1`);
      assert.equal(
        stateLine(world, request.id),
        '– Cancelled by Ana Analyst: wrong machine. Nothing was sent to the machine.',
      );
      await pass(world, 120_000);
      assert.ok(sent() <= 1);
      assert.deepEqual(world.defender.list, []);
    });
  }

  it('while it is looked for is remembered, and applied when it is found, or when the machine was busy with others', async () => {
    world.defender.next({ outcome: 'busy', message: 'x' });
    const { request } = await approved(world);
    await world.click('U0ANA', 'cancel', request.id);
    await world.click('U0ANA', 'cancel', request.id);
    assert.match(stateLine(world, request.id), / · cancel requested by Ana Analyst 09:\d\d UTC$/);
    assert.deepEqual(buttons(world, request.id), []);
    await lookInVain(world);
    assert.match(stateLine(world, request.id), /^– Cancelled by Ana Analyst\. Nothing was sent to the machine\.$/);
    assert.deepEqual([sent(), world.defender.cancels], [1, []]);
  });

  it('that is unclear can’t be cancelled, but settled', async () => {
    const { request } = await unclear(world);
    await world.click('U0ANA', 'cancel', request.id);
    assert.deepEqual(whispers(world), [
      'It is unclear whether it ran, so there is nothing to cancel. An approver says on the card whether it ran.',
    ]);
    assert.ok(facts(world, request.id).length > 0);
  });

  it('has words where the card has none', () => {
    assert.equal(cancelWords('ended')?.lines.length, 1);
    assert.equal(cancelWords('withdrawn'), null);
    assert.equal(cancelWords('cancelled'), null);
  });

  it('whose work is done for nothing does nothing', async () => {
    const { run } = await running(world);
    await world.work({ queue: 'cancel', id: run.id });
    await world.work({ queue: 'cancel', id: 'LR-000000.1' });
    assert.deepEqual(world.defender.cancels, []);
  });

  it('typed in its thread needs no id', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const thread = world.chat.posts[0]?.posted.thread ?? '';
    await world.type('U0ANA', 'cancel', { thread });
    await world.settle();
    assert.deepEqual(whispers(world), [`${id} is withdrawn.`]);
  });
});
