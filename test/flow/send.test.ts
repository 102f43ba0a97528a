import assert from 'node:assert/strict';
import { defenderTrouble } from '../support/fake-defender.ts';
import { approved, audited, lookInVain, pass, SCRIPT, stateLine, storyOf } from '../support/story.ts';
import { createWorld, T0, type World } from '../support/world.ts';

describe('a submission', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const sent = () => world.defender.submissions.length;

  it('that is accepted runs under Defender’s action', async () => {
    const { run, action } = await approved(world);
    assert.deepEqual([run.status, run.actionId, run.actionStatus, run.attempt], ['running', action?.id, 'Pending', 1]);
    assert.equal(run.sentAt, T0);
    assert.equal(await audited(world, 'run.running'), 1);
  });

  const foreign = {
    'somebody’s older action on the machine': { createdAt: Date.UTC(2026, 10, 24, 8) },
    'an action with our run id by a person': { requestor: 'mallory@contoso.com' },
    'an action without a comment': { comment: '' },
    'another action that has ended': { comment: '[LR-AAAAAA.1] x', status: 'Succeeded' },
    'an action on another machine': { machineId: 'bb' },
  };
  for (const [what, changes] of Object.entries(foreign)) {
    it(`that is answered with ${what} proves nothing: it is looked for, then a person is asked`, async () => {
      world.defender.next((action) => ({ outcome: 'accepted', action: { ...action, ...changes } }));
      const { request, run } = await approved(world);
      assert.deepEqual([run.status, run.doubt, run.actionId], ['reconciling', 'unproved', null]);
      await lookInVain(world);
      assert.equal((await world.run(request.id)).status, 'unclear');
      assert.equal(sent(), 1);
    });
  }

  it('that is answered with somebody else’s action in progress waits for the machine, and is sent again', async () => {
    world.defender.next((action) => ({ outcome: 'accepted', action: { ...action, comment: 'Nightly inventory' } }));
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, run.doubt, run.actionId], ['reconciling', 'busy', null]);
    await lookInVain(world);
    assert.match(stateLine(world, request.id), /waits: the machine is busy with a session that is not mine$/);
    await pass(world, 16_000);
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['running', 2]);
  });

  it('that is refused ends it, in Defender’s words', async () => {
    world.defender.next({
      outcome: 'refused',
      code: 'OsPlatformNotSupported',
      message: 'This system has no live response.',
    });
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, request.status], ['failed', 'done']);
    assert.equal(stateLine(world, request.id), '✘ Failed: This system has no live response.');
    await pass(world, 600_000);
    assert.equal(sent(), 1);
  });

  it('that is throttled waits as long as Defender says, everybody else with it, and is sent again', async () => {
    let throttled = 0;
    world.deps.metrics.throttled = () => {
      throttled += 1;
    };
    world.defender.next({ outcome: 'throttled', retryAfter: 40_000, sessions: false });
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, run.notBefore, throttled], ['queued', T0 + 40_000, 1]);
    assert.match(stateLine(world, request.id), /waits: Defender asked us to slow down until 09:01 UTC$/);
    await pass(world, 35_000);
    assert.equal(sent(), 1);
    await pass(world, 7_000);
    assert.equal(sent(), 2);
    assert.equal((await world.run(request.id)).attempt, 2);
  });

  it('that is throttled without a word on how long waits 15 s for calls, a minute for sessions', async () => {
    world.defender.next({ outcome: 'throttled', retryAfter: null, sessions: false });
    const { request, run } = await approved(world);
    assert.equal(run.notBefore, T0 + 15_000);
    world.defender.next({ outcome: 'throttled', retryAfter: null, sessions: true });
    await pass(world, 16_000);
    const wait = (await world.run(request.id)).notBefore - world.now();
    assert.ok(wait > 55_000 && wait <= 60_000, String(wait));
  });

  it('that didn’t leave goes back in line: the gate is asked in the last moment, after the time it is shut', async () => {
    world.defender.beforeGate = () => world.advance(20_000);
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, sent()], ['queued', 0]);
    assert.match(stateLine(world, request.id), /waits: too late$/);
    world.defender.beforeGate = null;
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).status, 'running');
    assert.equal(sent(), 1);
  });

  it('that Entra gives no token for has not begun: it goes back in line, and is sent later', async () => {
    world.defender.fail('signIn', defenderTrouble('defender_sign_in'));
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, run.sendStartedAt, sent()], ['queued', null, 0]);
    assert.match(stateLine(world, request.id), /waits: Defender trouble: defender_sign_in\.$/);
    await pass(world, 6_000);
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['running', 1]);
  });

  it('whose job is done again without a token, while the first one sends, is left to the first', async () => {
    world.defender.next({ outcome: 'unclear', why: 'the connection was reset' });
    const { run } = await approved(world);
    world.defender.fail('signIn', defenderTrouble('defender_sign_in'));
    await world.work({ queue: 'send', id: run.id, attempt: 1 });
    assert.deepEqual([(await world.run(run.id)).status, sent()], ['reconciling', 1]);
  });

  it('to a machine that is busy may be busy with us: it is looked for first, then waited for, and tried again', async () => {
    world.defender.next({ outcome: 'busy', message: 'Action is already in progress' });
    const { request, run } = await approved(world);
    assert.deepEqual([run.status, run.doubt], ['reconciling', 'busy']);
    assert.match(
      stateLine(world, request.id),
      /^\? Defender says that the machine is busy, maybe with this very request\. Looking until/,
    );
    await lookInVain(world);
    assert.equal(
      stateLine(world, request.id),
      '✔ Approved · waits: the machine is busy with a session that is not mine',
    );
    assert.equal(sent(), 1);
    await pass(world, 16_000);
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['running', 2]);
  });

  it('to a machine that is busy with our own action adopts it', async () => {
    world.defender.next({ outcome: 'busy', message: 'x' }, { create: true });
    const { request, run, action } = await approved(world);
    assert.deepEqual([run.status, run.actionId], ['running', action?.id]);
    await pass(world, 300_000);
    assert.deepEqual([sent(), (await world.run(request.id)).attempt], [1, 1]);
  });

  it('that is never answered is found at Defender and goes on', async () => {
    world.defender.next({ outcome: 'unclear', why: 'reset' }, { create: true });
    const { run, action } = await approved(world);
    assert.deepEqual([run.status, run.actionId, sent()], ['running', action?.id, 1]);
  });

  it('whose work is done again after a kill is not sent again', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    const { submit } = world.defender;
    world.defender.submit = async (...args) => {
      await submit(...args);
      throw new Error('killed');
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    const killed = world.failed.shift();
    assert.equal(killed?.job.queue, 'send');
    assert.notEqual((await world.run(request.id)).sendStartedAt, null);
    if (killed !== undefined) await world.work(killed.job);
    assert.equal(sent(), 1);
    await pass(world, 36_000);
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['running', 1], 'it was found');
  });

  it('that was killed before the bytes could leave goes back in line', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    const { transaction } = world.store;
    let claimed = false;
    world.store.transaction = async (work) => {
      if (claimed) throw new Error('killed');
      const result = await transaction(work);
      claimed = world.jobs.some((job) => job.queue === 'send');
      return result;
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`).catch(() => undefined);
    world.store.transaction = transaction;
    world.lose();
    assert.deepEqual([(await world.run(request.id)).status, sent()], ['submitting', 0]);
    await pass(world, 24_000);
    assert.equal((await world.run(request.id)).status, 'submitting', 'its sender may still be in its last moment');
    await pass(world, 2_000);
    await pass(world, 3_000);
    assert.deepEqual(
      [(await world.run(request.id)).status, sent(), (await world.run(request.id)).attempt],
      ['running', 1, 2],
    );
  });

  it('whose attempt or time is over is not begun', async () => {
    const { run } = await approved(world);
    await world.work({ queue: 'send', id: run.id, attempt: 1 });
    await world.work({ queue: 'send', id: run.id, attempt: 2 });
    await world.work({ queue: 'send', id: 'LR-000000.1', attempt: 1 });
    assert.equal(sent(), 1);
  });

  it('whose sender slept past its deadline is not sent', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    const { transaction } = world.store;
    world.store.transaction = async (work) => {
      const result = await transaction(work);
      if (world.jobs.some((job) => job.queue === 'send')) world.advance(20_000);
      return result;
    };
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    world.store.transaction = transaction;
    assert.deepEqual(
      [(await world.run(request.id)).status, (await world.run(request.id)).sendStartedAt, sent()],
      ['submitting', null, 0],
    );
  });

  for (const [outcome, late] of Object.entries({
    refused: { outcome: 'refused' as const, code: 'X', message: 'no' },
    throttled: { outcome: 'throttled' as const, retryAfter: 1, sessions: false },
    unclear: { outcome: 'unclear' as const, why: 'x' },
  })) {
    it(`answered “${outcome}” after others took it over changes nothing any more`, async () => {
      const request = await world.ask('U0ANA', SCRIPT);
      const { submit } = world.defender;
      world.defender.submit = async (...args) => {
        await submit(...args);
        world.advance(36_000);
        await world.work({ queue: 'reconcile', id: `${request.id}.1` });
        return late;
      };
      await world.click('U0LEA', 'approve', `${request.id}:1`);
      const { run } = await storyOf(world, request.id);
      assert.deepEqual([run.status, sent()], ['running', 1]);
    });
  }
});
