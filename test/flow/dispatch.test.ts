import assert from 'node:assert/strict';
import { defenderTrouble, machine } from '../support/fake-defender.ts';
import { approved, finish, pass, running, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, T0, type World } from '../support/world.ts';

describe('the line to Defender', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.defender.machines = Array.from({ length: 12 }, (_, i) =>
      machine({ id: `m${i}`, name: `ws-${100 + i}.contoso.com` }),
    );
  });
  /** Approved on its own machine, at a moment of its own. */
  const next = async (number: number) => {
    world.advance(10);
    const request = await world.ask('U0ANA', `run ws-${100 + number} minidump.ps1`);
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    return storyOf(world, request.id);
  };
  const type = async (user: string, line: string): Promise<string> => {
    await world.type(user, line);
    await world.settle();
    return whispers(world).join();
  };

  it('moves at most as fast as the policy says, and tells place and time', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 2 }\n`);
    const stories = [await next(0), await next(1), await next(2), await next(3)];
    assert.deepEqual(
      stories.map(({ run }) => run.status),
      ['running', 'running', 'queued', 'queued'],
    );
    assert.match(stateLine(world, stories[2]?.request.id ?? ''), /^✔ Approved · next in line;/);
    assert.match(stateLine(world, stories[3]?.request.id ?? ''), /^✔ Approved · 2nd in line, sent in about 30 s;/);
    await pass(world, 50_000);
    assert.equal(world.defender.submissions.length, 2);
    await pass(world, 11_000);
    assert.equal(world.defender.submissions.length, 4);
  });

  it('tells all in line until when Defender wants no submission, and no other time', async () => {
    world.defender.next({ outcome: 'throttled', retryAfter: 100_000, sessions: false });
    const throttled = (await next(0)).request.id;
    const behind = (await next(1)).request.id;
    await pass(world, 6_000);
    assert.equal(world.defender.submissions.length, 1);
    const words = '✔ Approved · waits: Defender asked us to slow down until 09:02 UTC';
    assert.deepEqual([stateLine(world, throttled), stateLine(world, behind)], [words, words]);
    await pass(world, 100_000);
    assert.equal(world.defender.submissions.length, 3);
  });

  it('tells a trouble on the card no longer than it lasts: then it is its turn that a run waits for', async () => {
    world.policy(`${POLICY}limits: { callsPerMinute: 1 }\n`);
    world.defender.fail('actionsOf', defenderTrouble('defender_unreachable'));
    const late = (await next(0)).request.id;
    assert.match(stateLine(world, late), /waits: Defender trouble: defender_unreachable\.$/);
    await next(1);
    assert.equal(world.defender.submissions.length, 1, 'the other one took the only call');
    await pass(world, 20_000);
    await pass(world, 25_000);
    assert.equal((await world.run(late)).status, 'queued');
    assert.match(stateLine(world, late), /^✔ Approved · next in line;/);
  });

  for (const code of ['defender_forbidden', 'defender_unexpected'] as const) {
    it(`ends what a person sent back and nobody can look for any more (${code}), once its time is over, with words that stay true`, async () => {
      world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 10m'));
      world.defender.next({ outcome: 'unclear', why: 'reset' });
      const { request } = await next(0);
      await pass(world, 121_000);
      const blind = Array.from({ length: 99 }, () => defenderTrouble(code));
      world.defender.fail('actionsOf', ...blind);
      await world.click('U0LEO', 'it_did_not_run', `${request.id}.1:1`);
      await pass(world, 10 * 60_000);
      assert.ok(stateLine(world, request.id).endsWith(`waits: Defender trouble: ${code}.`));
      await pass(world, 5 * 60_000);
      assert.match(
        stateLine(world, request.id),
        /^– Cancelled\. It did not start within 10 min.*Nothing more was sent.*earlier attempt is at Defender I couldn’t see/,
      );
      assert.equal(world.defender.submissions.length, 1);
    });
  }

  it('reads nothing at Defender while all sessions are taken: watching needs the reads', async () => {
    world.policy(`${POLICY}limits: { concurrentSessions: 1 }\n`);
    const { run } = await next(0);
    const action = world.defender.list[0];
    assert.ok(action);
    world.defender.go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    await next(1);
    const before = world.defender.reads.length;
    for (let i = 0; i < 5; i++) {
      await world.work({ queue: 'dispatch', id: 'next' });
    }
    assert.deepEqual(world.defender.reads.slice(before), []);
    assert.equal((await world.run(run.id)).status, 'running');
  });

  it('sends nothing while as many sessions are taken as there may be; machines that are off hold none', async () => {
    world.policy(`${POLICY}limits: { concurrentSessions: 1 }\n`);
    const first = await next(0);
    const second = await next(1);
    assert.equal(second.run.status, 'running', 'the first one was not picked up yet');
    world.defender.go(first.action?.id ?? '', 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    const third = await next(2);
    assert.equal(third.run.status, 'queued');
    const waits = 'next in line, waits for a free session; Defender usually needs 2 to 4 min';
    assert.equal(stateLine(world, third.request.id), `✔ Approved · ${waits}`);
    assert.ok((await type('U0ANA', `status ${third.request.id}`)).includes(waits), 'who asks hears the same');
    await finish(world, first.request.id);
    await pass(world, 6_000);
    assert.equal((await storyOf(world, third.request.id)).run.status, 'running');
  });

  it('never has two runs on one machine: the second waits for the first and says so', async () => {
    const first = await next(0);
    world.advance(61_000);
    const second = await next(0);
    assert.equal(second.run.status, 'queued');
    await pass(world, 6_000);
    assert.equal(stateLine(world, second.request.id), `✔ Approved · waits: ${first.request.id} runs on this machine`);
    await finish(world, first.request.id);
    assert.equal((await storyOf(world, second.request.id)).run.status, 'running');
  });

  it('stops at pause and goes on at resume, for approvers; what runs goes on', async () => {
    const first = await next(0);
    assert.match(await type('U0ANA', 'pause'), /^Only approvers can pause and resume: leads/);
    assert.match(await type('U0LEA', 'pause tenant outage'), /^Paused: nothing new is sent/);
    const second = await next(1);
    assert.equal(second.run.status, 'queued');
    assert.equal(stateLine(world, second.request.id), '✔ Approved · paused by Lea Lead: tenant outage');
    assert.equal((await finish(world, first.request.id)).run.status, 'succeeded');
    await pass(world, 60_000);
    assert.equal(world.defender.submissions.length, 1);
    assert.match(await type('U0ANA', 'resume'), /^Only approvers/);
    assert.match(await type('U0LEO', 'resume'), /^Resumed/);
    assert.equal((await storyOf(world, second.request.id)).run.status, 'running');
  });

  it('puts a run off while Defender can’t be asked, says why, and sends it later', async () => {
    const request = await world.ask('U0ANA', 'run ws-100 minidump.ps1');
    world.defender.fail(
      'library',
      defenderTrouble('defender_unreachable'),
      defenderTrouble('defender_throttled', 30_000),
    );
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal((await world.run(request.id)).notBefore, T0 + 5_000);
    assert.match(stateLine(world, request.id), /waits: Defender trouble: defender_unreachable\.$/);
    await pass(world, 5_000);
    assert.ok((await world.run(request.id)).notBefore > world.now() + 25_000);
    await pass(world, 30_000);
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('is not held up by one run that Defender has trouble with', async () => {
    const paused = await type('U0LEA', 'pause');
    assert.match(paused, /^Paused/);
    const first = await next(0);
    const second = await next(1);
    world.defender.fail('library', defenderTrouble('defender_unexpected'));
    await type('U0LEA', 'resume');
    assert.equal((await storyOf(world, first.request.id)).run.status, 'queued');
    assert.equal((await storyOf(world, second.request.id)).run.status, 'running');
  });

  it('lets our own bugs reach the engine', async () => {
    world.defender.library = async () => {
      throw new TypeError('a bug');
    };
    const request = await world.ask('U0ANA', 'get ws-100 C:\\x.zip');
    world.defender.machine = world.defender.library as never;
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal(world.failed.length, 1);
    assert.equal((await world.run(request.id)).status, 'queued');
  });

  it('asks Defender first where the intent is old: what runs there already is adopted, not sent again', async () => {
    await type('U0LEA', 'pause');
    const { request, run } = await next(0);
    const body = {
      Comment: `[${run.id}] asked by`,
      Commands: [{ type: 'RunScript' as const, params: [{ key: 'ScriptName' as const, value: 'minidump.ps1' }] }],
    };
    await world.defender.submit(run.machine.id, body, () => true);
    world.advance(121_000);
    await type('U0LEA', 'resume');
    const now = await storyOf(world, request.id);
    assert.deepEqual([now.run.status, now.run.attempt], ['running', 0]);
    assert.equal(world.defender.submissions.length, 1, 'the one that was there');
  });

  it('doesn’t send what may start no longer, not even in the moment before the clock says so', async () => {
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 1m').replace(/rules:[\s\S]*(?=default)/, ''));
    await type('U0LEA', 'pause');
    const { request } = await next(0);
    world.advance(60_000);
    await type('U0LEA', 'resume');
    assert.match(
      stateLine(world, request.id),
      /^– Cancelled\. It did not start within 1 min of the approval\. Nothing was sent/,
    );
    assert.equal(world.defender.submissions.length, 0);
    assert.deepEqual(world.failed, []);
  });

  it('leaves alone what changed hands meanwhile', async () => {
    const { request, run } = await running(world, 'run ws-100 minidump.ps1');
    const queued = { ...run, status: 'queued' as const };
    let looks = 0;
    world.store.dispatchable = async () => {
      looks += 1;
      return looks < 3 ? [queued] : [];
    };
    await world.work({ queue: 'dispatch', id: 'next' });
    await world.settle();
    assert.equal((await world.run(request.id)).version, run.version);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('sends nothing for a request that isn’t approved, nor for one that somebody cancelled', async () => {
    const request = await world.ask('U0ANA', 'run ws-100 minidump.ps1');
    const held = await world.run(request.id);
    world.store.dispatchable = async () => [{ ...held, status: 'queued' }];
    await world.work({ queue: 'dispatch', id: 'next' });
    assert.equal(world.defender.submissions.length, 0);

    await type('U0LEA', 'pause');
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    const run = await world.run(request.id);
    const by = { platform: 'slack' as const, id: 'U0LEO', tenant: '', name: 'Leo Lead' };
    const cancel = { by, why: null, at: 0, sent: false, note: null };
    const cancelled = await world.store.transaction((tx) => tx.saveRun(run, { ...run, cancel }));
    world.store.dispatchable = async () => [cancelled];
    await type('U0LEA', 'resume');
    assert.match((await world.run(request.id)).note ?? '', /^Cancelled by Leo Lead\. Nothing was sent/);
    assert.equal(world.defender.submissions.length, 0);
  });

  it('counts how long a run waited', async () => {
    const waits: number[] = [];
    world.deps.metrics.dispatchWait = (seconds) => void waits.push(seconds);
    await approved(world, 'run ws-100 minidump.ps1');
    assert.deepEqual(waits, [0]);
  });

  it('loses nothing when its jobs get lost', async () => {
    const request = await world.ask('U0ANA', 'run ws-100 minidump.ps1');
    await world.type('U0ANA', SCRIPT.replace('042', '101'));
    world.lose();
    await pass(world, 3_000);
    assert.equal(world.chat.posts.length, 2);
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal(world.defender.submissions.length, 1);
  });
});
