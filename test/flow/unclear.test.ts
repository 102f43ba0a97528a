import assert from 'node:assert/strict';
import type { DefenderError } from '../../src/errors.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { defenderTrouble, libraryFile } from '../support/fake-defender.ts';
import {
  attempt,
  audited,
  buttons,
  facts,
  finish,
  lookInVain,
  pass,
  stateLine,
  storyOf,
  unclear,
} from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('an unclear run', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('ends by an approver’s word that it ran, audited as theirs, and is not sent again', async () => {
    const { request, run } = await unclear(world);
    assert.deepEqual(buttons(world, request.id), ['it_ran', 'it_did_not_run']);
    await world.click('U0LEA', 'it_ran', attempt(run));
    const settled = await storyOf(world, request.id);
    assert.deepEqual(
      [settled.run.status, settled.request.status, settled.run.settledBy?.id],
      ['succeeded', 'done', 'U0LEA'],
    );
    assert.match(
      stateLine(world, request.id),
      /Lea Lead says that it ran\. Defender shows no action for it, so there are no results here\.$/,
    );
    const entry = (await world.audit()).find((one) => one.action === 'run.settled_ran');
    assert.equal((entry?.actor as { id?: string } | undefined)?.id, 'U0LEA');
    assert.deepEqual(
      world.chat
        .said()
        .slice(-2)
        .map((words) => words.split('.')[0]),
      ['Lea Lead says that it ran', 'Ana Analyst ws-042'],
    );
    assert.deepEqual(buttons(world, request.id), []);
    await pass(world, 600_000);
    assert.equal(world.defender.submissions.length, 1);
  });

  describe('where nobody can look at Defender', () => {
    const clickWhile = async (asked: { request: Request; run: Run }, code: DefenderError['code']) => {
      world.defender.fail('actionsOf', ...Array.from({ length: 2 }, () => defenderTrouble(code)));
      await world.click('U0LEA', 'it_ran', attempt(asked.run));
      await pass(world, 21_000);
      return storyOf(world, asked.request.id);
    };
    for (const [code, words] of [
      ['defender_forbidden', 'Defender doesn’t allow the application to look'],
      ['defender_unexpected', 'I don’t understand what Defender shows of this machine'],
    ] as const) {
      it(`ends by that word, with that reason on record: ${words}`, async () => {
        const asked = await unclear(world);
        const { run: settled } = await clickWhile(asked, code);
        assert.deepEqual([settled.status, settled.settledBy?.id], ['succeeded', 'U0LEA']);
        assert.ok(stateLine(world, asked.request.id).includes(`says that it ran. ${words}, so`));
        const entry = (await world.audit()).find((one) => one.action === 'run.settled_ran');
        assert.deepEqual(entry?.data, { attempt: 1, notLookedAt: code });
      });
    }

    it('stays unclear while Defender is only silent', async () => {
      assert.equal((await clickWhile(await unclear(world), 'defender_unreachable')).run.status, 'unclear');
    });
  });

  it('is sent once more when an approver says that it didn’t run', async () => {
    const { request, run } = await unclear(world);
    await world.click('U0LEO', 'it_did_not_run', attempt(run));
    const again = await storyOf(world, request.id);
    assert.deepEqual([again.run.status, again.run.attempt, world.defender.submissions.length], ['running', 2, 2]);
    assert.ok(world.chat.said().includes('Leo Lead says that it didn’t run. It goes back in line.'));
    assert.equal(await audited(world, 'run.settled_not_ran'), 1);
    assert.equal((await finish(world, request.id)).run.status, 'succeeded');
  });

  it('is looked for first, whatever was said: what shows up then is adopted, not repeated', async () => {
    const { request, run } = await unclear(world);
    const [submitted] = world.defender.submissions;
    await world.defender.submit(run.machine.id, submitted?.body ?? { Commands: [], Comment: '' }, () => true);
    await world.click('U0LEO', 'it_did_not_run', attempt(run));
    const { run: now } = await storyOf(world, request.id);
    assert.deepEqual([now.status, now.attempt], ['running', 1]);
    assert.equal(world.defender.submissions.length, 2, 'ours by hand, and the first one');
  });

  it('may become unclear again, and is asked about again', async () => {
    const { request, run } = await unclear(world);
    world.defender.next({ outcome: 'unclear', why: 'x' });
    await world.click('U0LEO', 'it_did_not_run', attempt(run));
    await lookInVain(world);
    assert.equal((await world.run(request.id)).status, 'unclear');
    assert.equal(world.chat.said().filter((words) => words.startsWith('? Still unclear')).length, 2);
  });

  it('keeps its machine until it is settled', async () => {
    await unclear(world);
    const other = await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    await world.click('U0LEA', 'approve', `${other.id}:1`);
    await pass(world, 60_000);
    assert.equal((await world.run(other.id)).status, 'queued');
    assert.ok(facts(world, other.id).length > 0);
  });

  it('that was cancelled meanwhile ends when it didn’t run', async () => {
    world.defender.next({ outcome: 'unclear', why: 'x' });
    const request = await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    await world.click('U0ANA', 'cancel', request.id);
    await lookInVain(world);
    await world.click('U0LEA', 'it_did_not_run', `${request.id}.1:1`);
    assert.equal(stateLine(world, request.id), '– Cancelled by Ana Analyst. Nothing more was sent to the machine.');
    assert.ok(world.chat.said().includes('Lea Lead says that it didn’t run. '));
    assert.equal(world.defender.submissions.length, 1);
  });

  it('that an approver sent back never claims afterwards that nothing was sent', async () => {
    const { request, run } = await unclear(world);
    await world.type('U0LEO', 'pause');
    await world.settle();
    await world.click('U0LEA', 'it_did_not_run', attempt(run));
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await world.type('U0LEO', 'resume');
    await world.settle();
    assert.equal((await world.request(request.id)).status, 'waiting');
    await world.click('U0LEO', 'deny', `${request.id}:2`);
    assert.ok(
      world.chat
        .said()
        .includes('Leo Lead denied it, no reason given. Nothing more was sent to the machine. Ana Analyst'),
    );
    assert.match(stateLine(world, request.id), /Nothing more was sent to the machine\.$/);
  });

  it('mentions nobody where the policy wants no mentions', async () => {
    world.policy(`${POLICY}notify: { approvers: none }\n`);
    await unclear(world);
    assert.match(world.chat.said().at(-1) ?? '', /^\? Still unclear whether it ran\. Look at the machine/);
  });
});
