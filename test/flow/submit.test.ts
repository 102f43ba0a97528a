import assert from 'node:assert/strict';
import sinon from 'sinon';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble } from '../support/fake-defender.ts';
import { audited, buttons, facts, finish, SCRIPT, stateLine, whispers } from '../support/story.ts';
import { createWorld, POLICY, T0, type World } from '../support/world.ts';

const PINNED = POLICY.replace(
  'rules:',
  `rules:
  - name: Harmless
    match: { scripts: [minidump.ps1] }
    approvals: 0
    sha256: { minidump.ps1: ${'a'.repeat(64)} }`,
);

describe('submitting a request', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** Types a line, and says what became of it: the request's status, and what its author heard. */
  async function outcome(user: string, line: string): Promise<[string, string]> {
    const { status } = await world.ask(user, line);
    return [status, whispers(world).join('\n')];
  }

  it('posts a card for those who may approve, with the person as the directory names them', async () => {
    const request = await world.ask('U0ANA', `${SCRIPT} --reason "INC-1 x"`);
    assert.equal(request.status, 'waiting');
    assert.equal(request.requester.name, 'Ana Analyst');
    assert.equal(request.expiresAt, T0 + 8 * 3_600_000);
    assert.deepEqual(
      request.files.map((file) => [file.fileName, file.sha256]),
      [['minidump.ps1', 'a'.repeat(64)]],
    );
    assert.equal((await world.run(request.id)).status, 'held');
    assert.equal(world.chat.posts.length, 1);
    assert.equal(world.chat.posts[0]?.place, 'C0SOC');
    assert.equal(world.defender.submissions.length, 0);
    assert.deepEqual(world.chat.looks[0], { id: 'U0ANA', fresh: true });
    assert.equal(await audited(world, 'request.waiting'), 1);
  });

  it('does it once, however often the job is done', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await world.work({ queue: 'prepare.slack', id: request.id });
    await world.work({ queue: 'prepare.slack', id: 'LR-000000' });
    await world.settle();
    assert.equal(world.chat.posts.length, 1);
    assert.equal(await audited(world, 'request.waiting'), 1);
  });

  for (const standing of ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'] as const) {
    it(`refuses somebody who is ${standing}, whatever group they are in`, async () => {
      world.chat.standings.set('U0ANA', standing);
      const [status, heard] = await outcome('U0ANA', SCRIPT);
      assert.equal(status, 'refused');
      assert.notEqual(heard, '');
      assert.equal(world.chat.posts.length, 0);
    });
  }

  it('refuses what the policy refuses, in the policy’s words', async () => {
    world.policy(
      POLICY.replace(
        'rules:',
        'rules:\n  - name: No\n    match: { scripts: [minidump.ps1] }\n    refuse: "Ask the forensics team."',
      ),
    );
    const [status, heard] = await outcome('U0ANA', SCRIPT);
    assert.deepEqual([status, heard], ['refused', 'Ask the forensics team.']);
    const [refused] = await world.store.requestsBy({ limit: 1 });
    assert.equal(refused?.note, 'Ask the forensics team.');
  });

  it('refuses an approver who may not request', async () => {
    world.policy(POLICY.replace('requesters: [analysts, leads]', 'requesters: [analysts]'));
    const [status, heard] = await outcome('U0LEA', SCRIPT);
    assert.equal(status, 'refused');
    assert.match(heard, /^You may not ask for live responses here\./);
  });

  it('asks for the reason that a rule needs, with a line that would work', async () => {
    world.defender.machines = world.defender.machines.map((one) => ({ ...one, tags: ['tier0'] }));
    const [status, heard] = await outcome('U0ANA', SCRIPT);
    assert.equal(status, 'refused');
    assert.match(heard, /^Rule “Domain controllers” needs a reason like “INC-1234” \(it has to fit \^INC-/);
    assert.match(
      heard,
      /\nFor example: run ws-042 minidump\.ps1 OfficeClickToRun --reason "INC-1234 what this is about"$/,
    );
    const [, again] = await outcome('U0ANA', `${SCRIPT} --reason "because"`);
    assert.match(again, /--reason "INC-1234 because"$/);
    const [good] = await outcome('U0ANA', `${SCRIPT} --reason "INC-1234 because"`);
    assert.equal(good, 'waiting');
  });

  it('suggests the reason that another form of ticket needs, and none where nobody can tell', async () => {
    const wants = (reason: string) =>
      world.policy(POLICY.replace(/rules:[\s\S]*default: \{/, `default: { reason: "${reason}",`));
    wants('^CASE[0-9]{6}');
    const [, told] = await outcome('U0ANA', SCRIPT);
    assert.match(
      told,
      /needs a reason like “CASE123456” .*\nFor example: .* --reason "CASE123456 what this is about"$/s,
    );
    wants('^(?=CASE)');
    const [status, heard] = await outcome('U0ANA', SCRIPT);
    assert.equal(status, 'refused');
    assert.doesNotMatch(heard, /For example/);
  });

  it('runs what is pinned without a person, and says so', async () => {
    world.policy(PINNED);
    const request = await world.ask('U0ANA', SCRIPT);
    assert.equal(request.status, 'approved');
    assert.equal(world.defender.submissions.length, 1);
    assert.match(world.defender.submissions[0]?.body.Comment ?? '', /no approval needed/);
    assert.equal(facts(world, request.id)[0], 'Rule “Harmless”: no approval needed');
    world.defender.files = world.defender.files.map((file) => ({ ...file, sha256: 'b'.repeat(64) }));
    world.advance(61_000);
    assert.equal((await world.ask('U0ANA', SCRIPT)).status, 'waiting', 'another version needs one');
  });

  it('breaks the glass for those who may, with a reason, told in the thread and audited, reviewed once by another', async () => {
    const request = await world.ask('U0LEA', `${SCRIPT} --break-glass --reason "ransomware spreading"`);
    assert.equal(request.status, 'approved');
    assert.match(
      world.defender.submissions[0]?.body.Comment ?? '',
      /break-glass by Lea Lead \(slack:U0LEA\): ransomware/,
    );
    assert.deepEqual(world.chat.said(), [
      '‼ Break-glass by Lea Lead: “ransomware spreading”. To be reviewed until 2026-11-25 09:00 UTC. Leo Lead',
    ]);
    assert.equal(await audited(world, 'request.break_glass'), 1);
    await finish(world, request.id);
    assert.deepEqual(buttons(world, request.id), ['reviewed', 'results']);

    await world.click('U0LEA', 'reviewed', request.id);
    assert.match(whispers(world)[0] ?? '', /You asked for LR-\w+ yourself, so someone else must review it/);
    await world.click('U0LEO', 'reviewed', request.id);
    await world.click('U0LEO', 'reviewed', request.id);
    assert.deepEqual(whispers(world), ['Leo Lead reviewed it already.']);
    assert.equal(await audited(world, 'request.reviewed'), 1);
    assert.ok(!buttons(world, request.id).includes('reviewed'));
    assert.ok(world.chat.said().includes('Leo Lead reviewed this break-glass run.'));
  });

  it('doesn’t break the glass without a reason, without the right, or where no rule lets it', async () => {
    const [, noReason] = await outcome('U0LEA', `${SCRIPT} --break-glass`);
    assert.match(
      noReason,
      /^Break-glass needs a reason\.\nFor example: .* --break-glass --reason "INC-1234 what this is about"$/,
    );
    const [, noRight] = await outcome('U0ANA', `${SCRIPT} --break-glass --reason "x"`);
    assert.match(
      noRight,
      /^You may not start anything without approval\. These people may: leads \(Lea Lead, Leo Lead\)\.$/,
    );
    world.policy(POLICY.replace('breakGlass: true', 'breakGlass: false'));
    const [status, noRule] = await outcome('U0LEO', `${SCRIPT} --break-glass --reason "x"`);
    assert.equal(status, 'refused');
    assert.match(noRule, /The policy doesn’t let LR-\w+ start without approval/);
    assert.equal(world.defender.submissions.length, 0);
  });

  it('offers no review of what nobody broke the glass for', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'reviewed', request.id);
    assert.deepEqual(whispers(world), ['There is nothing to review here.']);
    assert.equal(await audited(world, 'request.reviewed'), 0);
  });

  it('tries again when Defender stumbles, and answers its author within 20 s when it stays down', async () => {
    world.defender.fail('findMachines', ...Array.from({ length: 5 }, () => defenderTrouble('defender_unreachable')));
    const [status, heard] = await outcome('U0ANA', SCRIPT);
    assert.deepEqual([status, heard], ['received', '']);
    const job = world.failed.shift()?.job;
    assert.equal(job?.queue, 'prepare.slack');
    world.advance(15_000);
    await world.tick();
    const [request] = await world.store.requestsBy({ limit: 1 });
    assert.equal(request?.status, 'refused');
    assert.match(
      whispers(world).join(),
      /^Defender trouble: defender_unreachable\. Nothing was asked of anybody\. Try again: run ws-042 minidump\.ps1/,
    );
    assert.deepEqual(world.failed, []);
  });

  it('goes on when a stumble was short', async () => {
    world.defender.fail('library', defenderTrouble('defender_throttled'));
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'));
    await world.ask('U0ANA', SCRIPT);
    await world.tick();
    world.advance(3_000);
    await world.tick();
    world.advance(3_000);
    await world.tick();
    const [request] = await world.store.requestsBy({ limit: 1 });
    assert.equal(request?.status, 'waiting');
    assert.ok(stateLine(world, request?.id ?? '').startsWith('⏳'));
  });

  it('answers at once what no second try can mend', async () => {
    for (const code of ['defender_forbidden', 'defender_refused', 'defender_unexpected'] as const) {
      world.defender.fail('findMachines', defenderTrouble(code));
      assert.deepEqual((await outcome('U0ANA', SCRIPT))[0], 'refused', code);
      world.advance(61_000);
    }
    world.chat.fail('lookUp', chatTrouble('chat_refused'));
    world.advance(61_000);
    assert.deepEqual((await outcome('U0ANA', SCRIPT))[0], 'refused');
  });

  it('lets the engine try again what is nobody’s fault but ours', async () => {
    world.defender.findMachines = async () => {
      throw new TypeError('a bug');
    };
    assert.equal((await outcome('U0ANA', SCRIPT))[0], 'received');
    assert.equal(world.failed.length, 1);
  });

  it('answers when Defender hangs, and posts nothing when it wakes up later', async () => {
    let asked = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let wake = (): void => undefined;
    const { machines } = world.defender;
    world.defender.findMachines = () => {
      asked();
      return new Promise((resolve) => {
        wake = () => resolve(machines);
      });
    };
    await world.type('U0ANA', SCRIPT);
    const [request] = await world.store.requestsBy({ limit: 1 });
    const timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const done = world.settle();
      await inside;
      timers.tick(20_000);
      await done;
    } finally {
      timers.restore();
    }
    assert.match(whispers(world).join(), /^Defender did not answer in time\. Nothing was asked of anybody/);
    wake();
    await world.settle();
    assert.equal((await world.request(request?.id ?? '')).status, 'refused');
    assert.equal(world.chat.posts.length, 0);
  });

  it('posts nothing for what was withdrawn while it was being looked at', async () => {
    const found = world.defender.findMachines;
    world.defender.findMachines = async (query, options) => {
      const [request] = await world.store.requestsBy({ limit: 1 });
      await world.click('U0ANA', 'withdraw', request?.id ?? '');
      return found(query, options);
    };
    assert.equal((await outcome('U0ANA', SCRIPT))[0], 'withdrawn');
    assert.equal(world.chat.posts.length, 0);
  });

  it('refuses nothing twice: what was withdrawn meanwhile stays withdrawn', async () => {
    world.defender.findMachines = async () => {
      const [request] = await world.store.requestsBy({ limit: 1 });
      await world.click('U0ANA', 'withdraw', request?.id ?? '');
      return [];
    };
    assert.equal((await outcome('U0ANA', SCRIPT))[0], 'withdrawn');
  });
});
