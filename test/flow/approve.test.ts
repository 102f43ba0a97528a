import assert from 'node:assert/strict';
import type { ButtonAction } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble, libraryFile } from '../support/fake-defender.ts';
import {
  approved,
  askedOfTwo,
  attempt,
  audited,
  facts,
  finish,
  SCRIPT,
  stateLine,
  unclear,
  whispers,
} from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('a decision', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
  });
  const waiting = async (line = SCRIPT): Promise<void> => {
    id = (await world.ask('U0ANA', line)).id;
  };
  const twoNeeded = async (): Promise<void> => {
    id = await askedOfTwo(world);
  };
  const click = (user: string, action: 'approve' | 'deny' | 'withdraw' | 'cancel', round = 1) =>
    world.click(user, action, action === 'approve' || action === 'deny' ? `${id}:${round}` : id);
  const nothingRan = () => assert.equal(world.defender.submissions.length, 0);

  it('of a listed approver releases it: said in the thread to who asked, audited with what it binds', async () => {
    await waiting();
    await click('U0LEA', 'approve');
    assert.equal(world.defender.submissions.length, 1);
    assert.deepEqual(world.chat.said(), ['Lea Lead approved. Ana Analyst']);
    const last = world.chat.replies[0]?.reply.text.at(-1);
    assert.ok(last?.kind === 'person' && last.mention);
    const entry = (await world.audit()).find((one) => one.action === 'request.approve');
    const [actor, files] = [entry?.actor, entry?.data.files] as [{ id: string }, { sha256: string }[]];
    assert.deepEqual([actor.id, files[0]?.sha256], ['U0LEA', 'a'.repeat(64)]);
    assert.deepEqual(
      world.chat.looks.filter((look) => look.id === 'U0LEA' && look.fresh).length,
      2,
      'asked fresh who it is, and once more right before sending',
    );
    assert.deepEqual(whispers(world), []);
  });

  it('mentions nobody where the policy wants no mentions', async () => {
    world.policy(`${POLICY}notify: { approvers: none }\n`);
    await waiting();
    await click('U0LEA', 'approve');
    assert.deepEqual(world.chat.said(), ['Lea Lead approved.']);
  });

  it('is never one’s own, whatever the policy says', async () => {
    id = (await world.ask('U0LEA', SCRIPT)).id;
    await click('U0LEA', 'approve');
    assert.match(
      whispers(world).join(),
      new RegExp(`^You asked for ${id} yourself, so someone else must approve it: leads \\(.*Leo Lead\\)`),
    );
    await click('U0LEA', 'deny');
    assert.match(whispers(world).join(), /You can withdraw it instead/);
    nothingRan();
    assert.equal(await audited(world, 'click.refused'), 2);
    await click('U0LEO', 'approve');
    assert.equal(world.defender.submissions.length, 1);
  });

  it('is for listed approvers only; a refused person’s click changes nothing for anybody else', async () => {
    await waiting();
    const before = world.card(id);
    for (const user of ['U0GUS', 'U0EVE'])
      for (const action of ['approve', 'deny'] as const) {
        await click(user, action);
        assert.match(
          whispers(world).join(),
          /^You may not (approve|deny) LR-\w+\. These people may: leads \(Lea Lead, Leo Lead\)\.$/,
        );
      }
    nothingRan();
    assert.deepEqual(world.card(id), before);
    assert.deepEqual(world.chat.replies, []);
  });

  for (const standing of ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'] as const) {
    it(`of somebody who is ${standing} doesn’t count, though listed`, async () => {
      await waiting();
      world.chat.standings.set('U0LEA', standing);
      await click('U0LEA', 'approve');
      assert.equal(whispers(world).length, 1);
      nothingRan();
    });
  }

  it('counts on the platform and in the channel where the request lives', async () => {
    await waiting();
    await world.click('U0LEA', 'approve', `${id}:1`, { channel: 'C0OTHER' });
    assert.equal(whispers(world).join(), `${id} lives in another channel. Use its card there.`);
    (world.deps.chats as Map<string, unknown>).set('teams', {
      ...world.chat,
      lookUp: async () => ({ platform: 'teams', id: 'U0LEA', tenant: '', name: 'Lea Lead', standing: 'member' }),
    });
    await world.click('U0LEA', 'approve', `${id}:1`, {
      person: { platform: 'teams', id: 'U0LEA', tenant: '', name: 'Lea' },
    });
    assert.match(whispers(world).join(), /was asked for in Slack, and only there/);
    nothingRan();
  });

  it('needs a round: a button of an older one, or of none, decides nothing', async () => {
    await waiting();
    for (const button of [`${id}:2`, `${id}:0`, `${id}:x`, id, `${id}:1.5`]) {
      await world.click('U0LEA', 'approve', button);
      assert.match(whispers(world).join(), /has changed since that card was shown/, button);
    }
    nothingRan();
  });

  it('on a request that is unknown says so, and on a button that we don’t have any more, too', async () => {
    await world.click('U0LEA', 'approve', 'LR-000000:1');
    await world.click('U0LEA', 'approve', '');
    await waiting();
    await world.click('U0LEA', 'of_old' as ButtonAction, id);
    assert.deepEqual(whispers(world), [
      'I don’t know that request any more. It may be older than what I keep.',
      'I don’t know that request any more. It may be older than what I keep.',
      'That button is from an older version of me and does nothing.',
    ]);
  });

  it('counts once: a second click, and a late one, say how it stands', async () => {
    await waiting();
    await click('U0LEA', 'approve');
    await click('U0LEA', 'approve');
    assert.equal(whispers(world).join(), `${id} is approved already.`);
    await click('U0LEO', 'deny');
    assert.equal(whispers(world).join(), `${id} is approved already.`);
    assert.equal(world.defender.submissions.length, 1);
    await finish(world, id);
    await click('U0LEO', 'approve');
    assert.equal(whispers(world).join(), `${id} has ended already.`);
  });

  it('needs two different people where the rule says two', async () => {
    await twoNeeded();
    await click('U0LEA', 'approve');
    assert.equal((await world.request(id)).status, 'waiting');
    assert.ok(
      facts(world, id).some((fact) => fact.startsWith('Rule “Domain controllers”: 2 approvals by leads, 1 so far')),
    );
    assert.deepEqual(world.chat.said(), ['Lea Lead approved; more approvals are needed. Ana Analyst']);
    await click('U0LEA', 'approve');
    assert.equal(whispers(world).join(), `You approved ${id} already; that counts once.`);
    nothingRan();
    await click('U0LEO', 'approve');
    assert.equal(world.defender.submissions.length, 1);
    assert.match(
      world.defender.submissions[0]?.body.Comment ?? '',
      /approved by Lea Lead \(slack:U0LEA\), Leo Lead \(slack:U0LEO\): INC-1234 dump/,
    );
  });

  it('clicked by two at the same moment counts for both', async () => {
    await twoNeeded();
    await Promise.all([click('U0LEA', 'approve'), click('U0LEO', 'approve')]);
    await world.settle();
    assert.equal((await world.request(id)).status, 'approved');
    assert.equal(world.defender.submissions.length, 1);
  });

  it('after its time decides nothing, though the card may still show the buttons', async () => {
    await waiting();
    world.advance(8 * 3_600_000);
    await click('U0LEA', 'approve');
    assert.match(whispers(world).join(), /has expired/);
    nothingRan();
  });

  it('is judged by the policy in force: what became stricter needs more, and the card shows it', async () => {
    await waiting();
    world.policy(
      POLICY.replace('default: { approvals: 1, expireAfter: 8h', 'default: { approvals: 2, expireAfter: 1h'),
    );
    await click('U0LEA', 'approve');
    const request = await world.request(id);
    assert.deepEqual(
      [request.status, request.terms?.approvals, request.expiresAt],
      ['waiting', 2, request.createdAt + 3_600_000],
    );
    assert.ok(facts(world, id).some((fact) => fact.includes('2 approvals by leads, 1 so far')));
    await click('U0LEO', 'approve');
    assert.equal(world.defender.submissions.length, 1);
  });

  it('of somebody who lost the right between two approvals counts no more', async () => {
    await twoNeeded();
    await click('U0LEA', 'approve');
    world.policy(POLICY.replace('users: [U0LEA, U0LEO]', 'users: [U0LEO, U0MAX]'));
    await click('U0LEO', 'approve');
    nothingRan();
    await click('U0MAX', 'approve');
    assert.equal(world.defender.submissions.length, 1);
  });

  it('waits for the platform to say who clicked, and says after 20 s that the click did nothing', async () => {
    await waiting();
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'), chatTrouble('chat_unreachable'));
    await click('U0LEA', 'approve');
    assert.equal(world.failed.length, 1);
    assert.deepEqual(whispers(world), []);
    world.advance(20_000);
    await world.tick();
    assert.deepEqual(whispers(world), [
      'I couldn’t check who you are, so your click did nothing. Try again in a minute.',
    ]);
    nothingRan();
    assert.equal(await audited(world, 'click.not_checked'), 1);
    await world.tick();
    assert.equal(await audited(world, 'click.not_checked'), 1);
  });

  it('counts when the platform says in time who clicked', async () => {
    await waiting();
    world.chat.fail('lookUp', chatTrouble('chat_throttled'));
    await click('U0LEA', 'approve');
    world.advance(3_000);
    await world.tick();
    assert.equal(world.defender.submissions.length, 1);
  });

  it('is told at once that the click did nothing where the platform refuses to say who it was', async () => {
    await waiting();
    world.chat.fail('lookUp', chatTrouble('chat_refused'));
    await click('U0LEA', 'approve');
    assert.equal(whispers(world).length, 1);
  });

  it('is left to the engine where the trouble is our own', async () => {
    await waiting();
    world.chat.lookUp = async () => {
      throw new TypeError('a bug');
    };
    await click('U0LEA', 'approve');
    assert.equal(world.failed.length, 1);
  });

  it('of a click whose work is done twice counts once', async () => {
    await waiting();
    await world.work({ queue: 'decide.slack', id: 'nothing' });
    assert.equal((await world.request(id)).status, 'waiting');
  });
});

describe('results on a click', () => {
  it('are answered with a link for that person alone, and not to strangers', async () => {
    const world = await createWorld();
    const { request } = await approved(world);
    await finish(world, request.id);
    await world.click('U0GUS', 'results', request.id);
    assert.match(
      whispers(world).join(),
      new RegExp(`^Results of ${request.id}, for you alone:\nOpen results of ${request.id} · works for 30 min$`),
    );
    await world.click('U0EVE', 'results', request.id);
    assert.match(whispers(world).join(), /^You may not see the results/);
    assert.equal(await audited(world, 'results.link_made'), 1);
  });
});

describe('a word on an unclear run', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  it('is an approver’s, not the requester’s', async () => {
    const { request, run } = await unclear(world);
    await world.click('U0ANA', 'it_did_not_run', attempt(run));
    assert.match(whispers(world).join(), /^You asked for LR-\w+ yourself, so someone else must say what became of it/);
    await world.click('U0ANA', 'it_ran', attempt(run));
    assert.equal((await world.run(request.id)).status, 'unclear');
  });

  it('is looked up once more: what Defender shows by now is watched, not believed', async () => {
    const { request, run } = await unclear(world);
    world.defender.next({ outcome: 'unclear', why: 'x' }, { create: true });
    await world.defender.submit(
      run.machine.id,
      world.defender.submissions[0]?.body ?? { Commands: [], Comment: '' },
      () => true,
    );
    await world.click('U0LEA', 'it_ran', attempt(run));
    assert.equal((await world.run(request.id)).status, 'running');
    assert.deepEqual(whispers(world), ['Defender shows it by now, so it goes on as its own answer tells.']);
    const { run: done } = await finish(world, request.id);
    assert.equal(done.status, 'succeeded');
    assert.deepEqual(done.commands[0]?.head, ['Done']);
  });

  it('settles nothing while Defender can’t be asked, and says so', async () => {
    const { request, run } = await unclear(world);
    world.defender.fail('actionsOf', defenderTrouble('defender_unreachable'), defenderTrouble('defender_unreachable'));
    await world.click('U0LEA', 'it_ran', attempt(run));
    assert.equal(world.failed.length, 1);
    assert.equal((await world.run(request.id)).status, 'unclear');
    world.advance(20_000);
    await world.tick();
    assert.equal((await world.run(request.id)).status, 'unclear');
    assert.match(whispers(world).join(), /^Defender doesn’t answer, .* Nothing was settled/);
    await world.click('U0LEA', 'it_ran', attempt(run));
    assert.equal((await world.run(request.id)).status, 'succeeded');
  });

  it('comes too late where somebody was faster', async () => {
    const { run } = await unclear(world);
    await world.click('U0LEA', 'it_ran', attempt(run));
    await world.click('U0LEO', 'it_did_not_run', attempt(run));
    assert.deepEqual(whispers(world), ['This is not unclear any more; the card says how it stands.']);
    assert.equal(world.defender.submissions.length, 1);
  });
});

describe('a library file changed after its approval', () => {
  it('opens a new round that voids what was decided; the older round’s button is dead', async () => {
    const world = await createWorld();
    const request = await world.ask('U0ANA', SCRIPT);
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    const again = await world.request(request.id);
    assert.deepEqual([again.status, again.round, again.files[0]?.sha256], ['waiting', 2, 'c'.repeat(64)]);
    assert.equal(
      stateLine(world, request.id),
      '↺ Waiting for approval again: minidump.ps1 changed after it was approved.',
    );
    await world.click('U0LEO', 'approve', `${request.id}:1`);
    assert.match(whispers(world).join(), /has changed since that card was shown/);
    assert.equal(world.defender.submissions.length, 0);
    await world.click('U0LEA', 'approve', `${request.id}:2`);
    assert.equal(world.defender.submissions.length, 1);
    assert.match(world.defender.submissions[0]?.body.Comment ?? '', /approved by Lea Lead \(slack:U0LEA\)$/);
  });
});
