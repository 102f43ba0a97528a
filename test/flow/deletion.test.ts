import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { PAUSE } from '../../src/flow/pause.ts';
import { type Card, plain } from '../../src/model/notice.ts';
import type { Request } from '../../src/model/request.ts';
import { defenderTrouble, libraryFile } from '../support/fake-defender.ts';
import { buttons, pass, SCRIPT, stateLine, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const LINE = 'library delete minidump';

describe('deleting a library file', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const answers = () => whispers(world).join('\n');
  const now = (request: Pick<Request, 'id'>) => world.request(request.id);

  /** Typed and confirmed by Ana. */
  const confirmed = async (line = LINE): Promise<Request> => {
    const request = await world.ask('U0ANA', line);
    await world.click('U0ANA', 'confirm', request.id);
    return now(request);
  };
  const approvedBy = async (user: string, request: Request): Promise<Request> => {
    await world.click(user, 'approve', `${request.id}:${request.round}`);
    return now(request);
  };
  const refuseLibrary = () => {
    world.defender.library = () => Promise.reject(defenderTrouble('defender_forbidden'));
  };
  const deletion = async (request: Request) => (await now(request)).deletion;

  it('asks its author first, naming the very file, and posts no card before', async () => {
    const request = await world.ask('U0ANA', LINE);
    assert.equal(request.status, 'unconfirmed');
    const question = world.chat.answers.at(-1)?.answer.buttons;
    const said = answers();
    assert.match(
      said,
      new RegExp(`${request.id} would delete minidump\\.ps1 from the library, for the whole tenant\\.`),
    );
    assert.match(said, /“Dumps a process” · added by Dan, changed 2026-11-03 09:00 UTC · sha256 aaaaaaaaaaaa…/);
    assert.match(said, /Nobody can use it any more, on any machine, until somebody uploads it again\./);
    assert.match(said, /Rule “Default”: 1 approval by leads\. Ask them\?/);
    assert.deepEqual(
      question?.map(({ action, id }) => [action, id]),
      [['confirm', request.id]],
    );
    assert.equal(world.chat.posts.length, 0);
  });

  it('asks the approvers once its author confirmed, and deletes once they approved', async () => {
    const request = await confirmed();
    assert.equal(request.status, 'waiting');
    const card: Card = world.card(request.id);
    assert.equal(
      plain(card.headline),
      'Ana Analyst wants to delete minidump.ps1 from the library, for the whole tenant',
    );
    assert.deepEqual(
      card.commands.map(({ label, code }) => [label, code]),
      [['Delete from library', 'minidump.ps1']],
    );
    assert.match(card.warnings.map(plain).join(), /until somebody uploads it again/);
    assert.deepEqual(buttons(world, request.id), ['approve', 'deny', 'withdraw']);
    assert.match(card.buttons[0]?.confirm?.text ?? '', /deleted from the library, for the whole tenant/);
    assert.equal((await approvedBy('U0LEA', request)).status, 'done');
    assert.deepEqual(world.defender.deletions, ['minidump.ps1']);
    assert.equal(
      stateLine(world, request.id),
      '✔ Finished: minidump.ps1 is deleted from the library, for the whole tenant',
    );
    assert.deepEqual(buttons(world, request.id), []);
    assert.match(world.chat.said().join('\n'), /Ana Analyst ✔ Finished: minidump\.ps1/);
    assert.equal(world.defender.submissions.length, 0);
  });

  it('records who confirmed, who approved which version, each attempt and the end', async () => {
    const request = await confirmed();
    await approvedBy('U0LEA', request);
    const written = (await world.audit()).map(({ action }) => action);
    assert.deepEqual(
      written.filter((action) => /^(request|library)\./.test(action)),
      [
        'request.received',
        'request.unconfirmed',
        'request.confirmed',
        'request.waiting',
        'request.approve',
        'request.approved',
        'library.deleting',
        'library.deleted',
        'request.done',
      ],
    );
    const decided = (await world.audit()).find(({ action }) => action === 'request.approve');
    assert.match(JSON.stringify(decided?.data.deletes), /"sha256":"a{64}"/);
  });

  it('lets nobody but its author confirm, and nobody approve their own', async () => {
    const request = await world.ask('U0LEA', LINE);
    await world.click('U0LEO', 'confirm', request.id);
    assert.match(answers(), /Only who typed it may confirm it\./);
    await world.click('U0LEA', 'confirm', request.id);
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    assert.equal((await now(request)).status, 'waiting');
    assert.match(answers(), /so someone else must approve it/);
  });

  it('confirming twice asks once', async () => {
    const request = await confirmed();
    await world.click('U0ANA', 'confirm', request.id);
    assert.match(answers(), /You confirmed LR-\w+ already\./);
    assert.equal(world.chat.posts.length, 1);
  });

  it('a question that nobody answered is over after a while, without a word to the channel', async () => {
    const request = await world.ask('U0ANA', LINE);
    await pass(world, 15 * 60_000);
    assert.equal((await now(request)).status, 'expired');
    await world.click('U0ANA', 'confirm', request.id);
    assert.match(answers(), /That question is over\. Type it again\./);
    assert.deepEqual([world.chat.posts.length, world.chat.replies.length], [0, 0]);
  });

  it('may be withdrawn before it was confirmed', async () => {
    const request = await world.ask('U0ANA', LINE);
    await world.type('U0ANA', `withdraw ${request.id}`);
    await world.settle();
    assert.equal((await now(request)).status, 'withdrawn');
  });

  it('another version than the one that was shown is asked about again', async () => {
    const request = await world.ask('U0ANA', LINE);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await world.click('U0ANA', 'confirm', request.id);
    assert.equal((await now(request)).status, 'unconfirmed');
    assert.match(answers(), /sha256 cccccccccccc…/);
    assert.equal(world.chat.posts.length, 0);
  });

  it('what isn’t there is refused with the nearest names', async () => {
    await world.type('U0ANA', 'library delete minidmp.ps1');
    await world.settle();
    assert.match(answers(), /The library has no file “minidmp\.ps1”\. Close to it: minidump\.ps1\./);
  });

  it('a stranger, and an option that skips approval, get nowhere', async () => {
    const said = await world.type('U0EVE', LINE);
    assert.match(plain(said?.lines[0] ?? []), /You aren't among the people/);
    const glass = await world.type('U0LEA', `${LINE} --break-glass`);
    assert.match(plain(glass?.lines[0] ?? []), /Deleting from the library always waits for approval/);
  });

  it('names the requests that would miss the file', async () => {
    const user = await world.ask('U0LEO', SCRIPT);
    const request = await confirmed();
    assert.match(
      world.card(request.id).warnings.map(plain).join(),
      new RegExp(`Used by what waits or runs: ${user.id}\\.`),
    );
  });

  it('a version that changed after approval goes back to the approvers', async () => {
    const request = await confirmed();
    world.defender.files = [libraryFile({ sha256: 'd'.repeat(64) })];
    const back = await approvedBy('U0LEA', request);
    assert.deepEqual([back.status, back.round, back.deletion?.file?.sha256], ['waiting', 2, 'd'.repeat(64)]);
    assert.match(
      stateLine(world, request.id),
      /^↺ Waiting for approval again: minidump\.ps1 changed after it was approved/,
    );
    assert.deepEqual(world.defender.deletions, []);
    await approvedBy('U0LEA', back);
    assert.deepEqual(world.defender.deletions, ['minidump.ps1']);
  });

  it('says so when somebody else deleted it first', async () => {
    const request = await confirmed();
    world.defender.files = [];
    await approvedBy('U0LEA', request);
    assert.match(stateLine(world, request.id), /^✔ Finished: minidump\.ps1 was not in the library any more/);
    assert.deepEqual(world.defender.deletions, []);
  });

  it('doesn’t say that it is deleted where it is there in a version that can’t be read', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender answered 504' });
    await approvedBy('U0LEA', request);
    world.defender.files = [libraryFile({ sha256: '', createdAt: '', updatedAt: '' })];
    await pass(world, 10_000);
    assert.match(stateLine(world, request.id), /^✘ Failed: minidump\.ps1 was not deleted\. .*still in the library\.$/);
  });

  it('an answer that never came is looked up in the library: gone is deleted', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender gave no answer (ECONNRESET)' }, { gone: true });
    await approvedBy('U0LEA', request);
    assert.match(
      stateLine(world, request.id),
      /^✔ Approved · waits: Defender gave no answer \(ECONNRESET\)\. The library is looked at again\.$/,
    );
    await pass(world, 10_000);
    assert.match(stateLine(world, request.id), /^✔ Finished: minidump\.ps1 is deleted/);
    assert.deepEqual(world.defender.deletions, ['minidump.ps1']);
  });

  it('and what is still there in the approved version is deleted once more', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender answered 504' });
    await approvedBy('U0LEA', request);
    await pass(world, 10_000);
    assert.equal((await deletion(request))?.outcome, 'deleted');
    assert.equal(world.defender.deletions.length, 2);
  });

  it('but what was replaced meanwhile is not', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender answered 504' }, { gone: true });
    await approvedBy('U0LEA', request);
    world.defender.files = [libraryFile({ sha256: 'e'.repeat(64) })];
    await pass(world, 10_000);
    assert.deepEqual([(await now(request)).status, world.defender.deletions.length], ['waiting', 1]);
  });

  it('a refusal ends it with Defender’s words', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'refused', message: 'It needs the application permission Library.Manage.' });
    await approvedBy('U0LEA', request);
    assert.equal(
      stateLine(world, request.id),
      '✘ Failed: minidump.ps1 was not deleted. It needs the application permission Library.Manage.',
    );
  });

  it('throttling and a library that can’t be read are waited for, and said', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'throttled', retryAfter: 30_000 });
    await approvedBy('U0LEA', request);
    assert.match(stateLine(world, request.id), /waits: Defender asked us to slow down\.$/);
    await pass(world, 10_000);
    assert.equal(world.defender.deletions.length, 1);
    world.defender.fail('library', defenderTrouble('defender_unreachable'));
    await pass(world, 21_000);
    assert.match(stateLine(world, request.id), /waits: Defender trouble: defender_unreachable\.$/);
    await pass(world, 10_000);
    assert.equal((await deletion(request))?.outcome, 'deleted');
  });

  it('a pause holds it back, and resume lets it go', async () => {
    const request = await confirmed();
    await world.type('U0LEO', 'pause holiday');
    await world.settle();
    await approvedBy('U0LEA', request);
    assert.match(stateLine(world, request.id), /^✔ Approved · paused by Leo Lead: holiday$/);
    assert.deepEqual(world.defender.deletions, []);
    await world.type('U0LEO', 'resume');
    await pass(world, 20_000);
    assert.equal((await deletion(request))?.outcome, 'deleted');
  });

  it('a pause right before it leaves still stops it', async () => {
    const request = await confirmed();
    const { library } = world.defender;
    world.defender.library = async (options) => {
      world.defender.library = library;
      await world.type('U0LEO', 'pause');
      await world.settle();
      return library(options);
    };
    await approvedBy('U0LEA', request);
    assert.deepEqual(world.defender.deletions, []);
  });

  it('can be cancelled while it waits for Defender, and says what is known then', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'throttled', retryAfter: 30_000 });
    await approvedBy('U0LEA', request);
    assert.deepEqual(buttons(world, request.id), ['cancel']);
    await world.click('U0ANA', 'cancel', request.id);
    assert.match(
      stateLine(world, request.id),
      /^– Cancelled by Ana Analyst\. An attempt before may have deleted it: “library show minidump\.ps1” tells\.$/,
    );
    await pass(world, 60_000);
    assert.equal(world.defender.deletions.length, 1);
  });

  it('it is too late to cancel once it has left', async () => {
    const request = await confirmed();
    const { deleteFile } = world.defender;
    world.defender.deleteFile = async (fileName, gate) => {
      const { settle } = world;
      world.settle = async () => undefined;
      await world.click('U0ANA', 'cancel', request.id);
      world.settle = settle;
      for (let job = world.jobs.shift(); job !== undefined; job = world.jobs.shift()) await world.work(job);
      assert.match(answers(), /It is being deleted this very moment, so it is too late to cancel/);
      return deleteFile(fileName, gate);
    };
    await approvedBy('U0LEA', request);
    assert.equal((await deletion(request))?.outcome, 'deleted');
  });

  it('a denial and a missed deadline say that nothing was deleted', async () => {
    const denied = await confirmed();
    await world.click('U0LEA', 'deny', `${denied.id}:1`, { words: 'still in use' });
    assert.match(stateLine(world, denied.id), /^✘ Denied by Lea Lead .*: “still in use”\. Nothing was deleted\.$/);
    const late = await confirmed(`${LINE} --reason again`);
    await world.type('U0LEO', 'pause');
    await world.settle();
    await approvedBy('U0LEA', late);
    world.advance(8 * 3_600_000);
    await world.type('U0LEO', 'resume');
    await pass(world, 1_000);
    assert.match(
      stateLine(world, late.id),
      /^✘ Failed: .*could not be deleted within 8 h of the approval\. It is still in the library\.$/,
    );
    assert.deepEqual(world.defender.deletions, []);
  });

  for (const [what, stop, why] of [
    ['Defender doesn’t allow a look', 'forbidden', ' Defender trouble: defender_forbidden.'],
    [
      'nobody says who people are',
      'people',
      ' Who asked and who approved has to be looked up in Slack once more. Slack is down.',
    ],
    ['somebody paused', 'pause', ''],
  ] as const) {
    it(`approved is not waited for beyond its time where ${what}`, async () => {
      const request = await confirmed();
      await world.type('U0LEO', 'pause');
      await world.settle();
      await approvedBy('U0LEA', request);
      if (stop !== 'pause') await world.store.transaction((tx) => tx.setSetting(PAUSE, null));
      if (stop === 'forbidden') refuseLibrary();
      if (stop === 'people')
        world.chat.lookUp = () => Promise.reject(new ChatError('chat_unreachable', 'Slack is down.'));
      for (let hour = 0; hour < 7; hour++) await pass(world, 3_600_000);
      assert.equal((await now(request)).status, 'approved');
      await pass(world, 3_600_000);
      assert.equal(
        stateLine(world, request.id),
        `– Cancelled. It could not be deleted within 8 h of the approval.${why} Nothing was deleted.`,
      );
      assert.deepEqual([buttons(world, request.id), world.defender.deletions], [[], []]);
    });
  }

  it('that may have been deleted by an attempt is looked for a little longer, and then says so', async () => {
    const request = await confirmed();
    world.defender.nextDeletion({ outcome: 'unclear', why: 'Defender answered 504' });
    await approvedBy('U0LEA', request);
    refuseLibrary();
    await pass(world, 8 * 3_600_000);
    assert.equal((await now(request)).status, 'approved');
    for (let minute = 0; minute < 6; minute++) await pass(world, 60_000);
    assert.match(
      stateLine(world, request.id),
      /^– Cancelled\. .*An attempt before may have deleted it: “library show /,
    );
    assert.equal((await deletion(request))?.outcome, 'cancelled');
  });

  it('a worker that was stopped over its deadline deletes nothing, and another one does', async () => {
    const request = await confirmed();
    world.defender.beforeGate = () => {
      world.defender.beforeGate = null;
      world.advance(60_000);
    };
    await approvedBy('U0LEA', request);
    assert.deepEqual(world.defender.deletions, []);
    await pass(world, 10_000);
    assert.deepEqual(world.defender.deletions, ['minidump.ps1']);
  });

  it('a worker that died in its call is waited for, then the library is looked at', async () => {
    const request = await confirmed();
    const { deleteFile } = world.defender;
    world.defender.deleteFile = async (fileName, gate) => {
      world.defender.deleteFile = deleteFile;
      await deleteFile(fileName, gate);
      throw new Error('killed');
    };
    await approvedBy('U0LEA', request);
    world.lose();
    assert.equal(stateLine(world, request.id), '▶ Deleting it from the library');
    await pass(world, 30_000);
    assert.equal((await deletion(request))?.outcome, null);
    await pass(world, 30_000);
    assert.equal((await deletion(request))?.outcome, 'deleted');
    assert.equal(world.defender.deletions.length, 1);
  });

  it('is in the lists, has no results, and can be asked for again', async () => {
    const request = await confirmed();
    const type = async (line: string) => {
      await world.type('U0ANA', line);
      await world.settle();
      return answers();
    };
    assert.match(await type('pending'), /LR-\w+ Ana Analyst · library delete minidump\.ps1 · ⏳ Waiting for approval/);
    await type(`show ${request.id}`);
    assert.equal(world.chat.posts.length, 2);
    await approvedBy('U0LEA', request);
    assert.match(await type(`results ${request.id}`), /deletes a library file; its card tells how it ended\./);
    world.defender.files = [libraryFile()];
    world.advance(61_000);
    assert.match(await type(`again ${request.id}`), /would delete minidump\.ps1/);
  });

  describe('under a rule of its own', () => {
    const withRules = (rules: string) => world.policy(POLICY.replace('rules:', `rules:\n${rules}`));

    it('takes as many approvals as it says', async () => {
      withRules('  - { name: Deletions, match: { commands: [delete], files: ["mini*"] }, approvals: 2 }');
      const request = await confirmed();
      assert.equal((await approvedBy('U0LEA', request)).status, 'waiting');
      assert.equal((await approvedBy('U0LEO', request)).deletion?.outcome, 'deleted');
    });

    it('is refused where it says so', async () => {
      withRules('  - { name: Never, match: { commands: [delete] }, refuse: "The forensics team keeps the library." }');
      await world.type('U0ANA', LINE);
      await world.settle();
      assert.match(answers(), /The forensics team keeps the library\./);
    });

    it('a rule that got stricter after the approval asks again', async () => {
      const request = await confirmed();
      await world.type('U0LEO', 'pause');
      await world.settle();
      await approvedBy('U0LEA', request);
      withRules('  - { name: Deletions, match: { commands: [delete] }, approvals: 2 }');
      await world.type('U0LEO', 'resume');
      await pass(world, 20_000);
      assert.match(
        stateLine(world, request.id),
        /^↺ Waiting for approval again: The policy has changed: rule “Deletions” now asks for 2 approvals by leads\./,
      );
    });
  });
});
