import assert from 'node:assert/strict';
import { bindFiles, fileIn } from '../../src/flow/binding.ts';
import { plain } from '../../src/model/notice.ts';
import { libraryFile, machine } from '../support/fake-defender.ts';
import { approved, audited, buttons, pass, SCRIPT, SCRIPT_THEN_GET, stateLine, storyOf } from '../support/story.ts';
import { createWorld, POLICY, T0, type World } from '../support/world.ts';

describe('what an approval binds', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const approve = (round = 1, user = 'U0LEA') => world.click(user, 'approve', `${id}:${round}`);
  const nothingRan = () => assert.equal(world.defender.submissions.length, 0);

  it('is the digest of each library file, read fresh right before sending', async () => {
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await approve();
    const { request, run } = await storyOf(world, id);
    assert.deepEqual([request.status, request.round, run.status, run.attempt], ['waiting', 2, 'held', 0]);
    assert.deepEqual([request.approvedAt, request.startBy, request.remindedAt], [null, null, null]);
    assert.ok((request.expiresAt ?? 0) >= T0 + 8 * 3_600_000);
    nothingRan();
    assert.deepEqual(buttons(world, id), ['approve', 'deny', 'withdraw']);
    assert.equal(await audited(world, 'request.sent_back'), 1);
    assert.match(
      world.chat.said().at(-1) ?? '',
      /^↺ minidump\.ps1 changed after it was approved, so it needs approval again\. Lea Lead, Leo Lead/,
    );
  });

  it('is read after everything else: a file that changes while people are looked up isn’t sent', async () => {
    const { lookUp } = world.chat;
    world.chat.lookUp = async (person, options) => {
      const { status } = await world.request(id);
      if (status === 'approved') world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
      return lookUp(person, options);
    };
    await approve();
    assert.deepEqual([(await world.request(id)).status, (await world.run(id)).status], ['waiting', 'held']);
    nothingRan();
  });

  it('is sent back also after an attempt that executed nothing', async () => {
    world.defender.next({ outcome: 'throttled', retryAfter: 3_000, sessions: false });
    await approve();
    assert.equal((await world.run(id)).attempt, 1);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await pass(world, 5_000);
    assert.deepEqual([(await world.request(id)).status, (await world.run(id)).status], ['waiting', 'held']);
    await approve(2);
    assert.equal((await world.run(id)).status, 'running');
    assert.equal(world.defender.submissions.length, 2);
  });

  describe('where Defender tells no digest', () => {
    const undigested = (updatedAt: string, createdAt = updatedAt) => [
      libraryFile({ sha256: '', createdAt, updatedAt }),
    ];
    const [then, later] = ['2026-11-03T09:00:00.1Z', '2026-11-20T09:00:00.2Z'];
    beforeEach(async () => {
      world.defender.files = undigested(then);
      // Later than the same line before, which would be asked about otherwise.
      world.advance(61_000);
      id = (await world.ask('U0ANA', SCRIPT)).id;
    });

    it('is the time of the file’s last change, with a warning on the card', async () => {
      const warnings = world.card(id).warnings.map(plain);
      assert.deepEqual(warnings, [
        '⚠ Defender tells no digest of minidump.ps1: the approval is bound to the time of its last change only, not to what is in it.',
      ]);
      world.defender.files = undigested(later);
      await approve();
      const { request, run } = await storyOf(world, id);
      assert.deepEqual([request.status, request.round, run.status], ['waiting', 2, 'held']);
      nothingRan();
      await approve(2);
      assert.equal((await world.run(id)).status, 'running');
    });

    it('is broken where the digest is told afterwards, or told no longer', async () => {
      world.defender.files = [libraryFile({ createdAt: then, updatedAt: then })];
      await approve();
      assert.equal((await world.request(id)).status, 'waiting');
      world.defender.files = undigested(then);
      await approve(2);
      assert.deepEqual([(await world.request(id)).status, (await world.request(id)).round], ['waiting', 3]);
      nothingRan();
    });

    it('is watched until its end: changed while no machine has it, it is cancelled', async () => {
      await approve();
      const { action } = await storyOf(world, id);
      world.defender.go(action?.id ?? '', 'Pending');
      await pass(world, 31_000);
      assert.equal((await world.run(id)).cancel, null, 'nothing changed');
      world.defender.files = undigested(later);
      await pass(world, 31_000);
      assert.match((await world.run(id)).cancel?.why ?? '', /minidump\.ps1 changed after it was approved/);
    });

    it('is nothing where it tells no time either: nothing is sent', async () => {
      world.defender.files = undigested('');
      await approve();
      assert.match(
        stateLine(world, id),
        /^– Cancelled\. Defender tells neither digest nor time of minidump\.ps1, .* Nothing was sent/,
      );
      for (const line of ['put ws-042 minidump.ps1', 'library delete minidump.ps1']) {
        const { id: refused } = await world.ask('U0ANA', line);
        const { status, note } = await world.request(refused);
        assert.deepEqual([status, /neither digest nor time/.test(note ?? '')], ['refused', true], line);
      }
      nothingRan();
    });

    it('keeps no pin of a policy', async () => {
      const pinned = `rules:\n  - name: Pinned\n    match: { scripts: [minidump.ps1] }\n    approvals: 0\n    sha256: { minidump.ps1: ${'a'.repeat(64)} }`;
      world.policy(POLICY.replace('rules:', pinned));
      const asked = await world.ask('U0ANA', `${SCRIPT} --reason "INC-2"`);
      assert.deepEqual([(await world.request(asked.id)).status, asked.terms?.rule], ['waiting', 'Default']);
      nothingRan();
    });

    it('binds a deletion to that time as well', async () => {
      const asked = await world.ask('U0ANA', 'library delete minidump.ps1');
      await world.click('U0ANA', 'confirm', asked.id);
      world.defender.files = undigested(later);
      await world.click('U0LEO', 'approve', `${asked.id}:1`);
      assert.deepEqual([(await world.request(asked.id)).status, world.defender.files.length], ['waiting', 1]);
      await world.click('U0LEO', 'approve', `${asked.id}:2`);
      assert.deepEqual([(await world.request(asked.id)).status, world.defender.files.length], ['done', 0]);
      world.advance(61_000);
      world.defender.files = undigested(then);
      const untold = await world.ask('U0ANA', 'library delete minidump.ps1');
      await world.click('U0ANA', 'confirm', untold.id);
      world.defender.files = undigested('');
      await world.click('U0LEO', 'approve', `${untold.id}:1`);
      assert.match(stateLine(world, untold.id), /neither digest nor time .* It is still in the library\.$/);
    });
  });

  it('is broken by a file that is gone: nothing is sent', async () => {
    world.defender.files = [];
    await approve();
    assert.match(
      stateLine(world, id),
      /^– Cancelled\. minidump\.ps1 is no longer in the library\. Nothing was sent to the machine\.$/,
    );
    nothingRan();
  });

  it('is broken by a policy that refuses it now', async () => {
    await world.type('U0LEA', 'pause');
    await world.settle();
    await approve();
    world.policy(
      POLICY.replace(
        'rules:',
        'rules:\n  - name: No\n    match: { scripts: [minidump.ps1] }\n    refuse: "Not any more."',
      ),
    );
    await world.type('U0LEA', 'resume');
    await world.settle();
    assert.match(stateLine(world, id), /Cancelled\. The policy now refuses this: Not any more\.$/);
    nothingRan();
  });

  const changes: Record<string, [string | RegExp, string]> = {
    'a requester who may not request any more': ['requesters: [analysts, leads]', 'requesters: [leads]'],
    'a rule that lets others ask only': ['default: { approvals: 1', 'default: { requesters: [leads], approvals: 1'],
  };
  for (const [what, [before, now]] of Object.entries(changes)) {
    it(`is broken by ${what}`, async () => {
      await world.type('U0LEA', 'pause');
      await world.settle();
      await approve();
      world.policy(POLICY.replace(/rules:[\s\S]*(?=default)/, '').replace(before, now));
      await world.type('U0LEA', 'resume');
      await world.settle();
      assert.match(
        stateLine(world, id),
        /Ana Analyst may not request this any more\. Nothing was sent to the machine\.$/,
      );
      nothingRan();
    });
  }

  it('needs approval again under a policy that became stricter, and under tags that call for another rule', async () => {
    id = (await world.ask('U0ANA', `${SCRIPT} --reason "INC-1234 dump"`)).id;
    world.defender.machines = [machine({ tags: ['tier0'] })];
    await approve();
    const request = await world.request(id);
    assert.deepEqual([request.status, request.round, request.terms?.approvals], ['waiting', 2, 2]);
    assert.match(
      stateLine(world, id),
      /ws-042 now falls under rule “Domain controllers”: 2 approvals by leads\. It needs approval again\.$/,
    );
    nothingRan();
  });

  it('holds a broken glass only as long as the policy lets it be broken', async () => {
    world.defender.next({ outcome: 'throttled', retryAfter: 3_000, sessions: false });
    const broke = await world.ask('U0LEA', `${SCRIPT} --break-glass --reason "ransomware"`);
    assert.equal((await world.run(broke.id)).status, 'queued');
    world.policy(POLICY.replace('breakGlass: true', 'breakGlass: false'));
    await pass(world, 5_000);
    assert.equal((await world.request(broke.id)).status, 'waiting');
    assert.match(stateLine(world, broke.id), /Rule “Default” no longer lets anybody start without approval\./);
    assert.equal(world.defender.submissions.length, 1);
  });

  it('doesn’t change by what else happens: the same file, a machine that Defender doesn’t show just now', async () => {
    world.defender.machines = [];
    await approve();
    assert.equal((await world.run(id)).status, 'running');
  });
});

describe('commands and their files', () => {
  it('are sent exactly as approved, without a look at the library where no file is needed', async () => {
    const world = await createWorld();
    await approved(world, 'get ws-042 C:\\x.zip');
    assert.deepEqual(world.defender.submissions[0]?.body.Commands, [
      { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\x.zip' }] },
    ]);
    assert.ok(!world.defender.reads.includes('library'));
    const both = await approved(await createWorld(), SCRIPT_THEN_GET);
    assert.equal(both.request.files.length, 1);
  });

  it('are found in the library in any case; what it lacks is bound to nothing', () => {
    assert.equal(fileIn([libraryFile()], 'MINIDUMP.ps1')?.fileName, 'minidump.ps1');
    assert.equal(fileIn([], 'minidump.ps1'), null);
    assert.deepEqual(
      bindFiles(
        {
          commands: [
            { kind: 'put', file: 'x' },
            { kind: 'get', path: 'C:\\x' },
          ],
        },
        [],
      ),
      [],
    );
  });
});
