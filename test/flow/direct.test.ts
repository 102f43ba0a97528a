import assert from 'node:assert/strict';
import { rejudge } from '../../src/flow/rejudge.ts';
import { plain } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { libraryFile } from '../support/fake-defender.ts';
import { audited, finish, pass, SCRIPT, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const DIRECT = `${POLICY}notify: { approvers: direct }\n`;

describe('approvers who are asked in private', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(DIRECT);
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  /** What somebody's own copies show now, oldest first. */
  const copies = (user: string) =>
    world.chat.posts
      .filter(({ place, card }) => place === `@${user}` && card.requestId === id)
      .map(({ posted }) => world.chat.cards.get(posted.message));
  const copy = (user: string) => copies(user).at(-1);
  const buttonsOf = (user: string) => copy(user)?.buttons.map(({ action }) => action);
  const state = (user: string) => plain(copy(user)?.state.words ?? []);
  /** Clicks on their own copy. */
  const decide = (user: string, action: 'approve' | 'deny', round = 1) =>
    world.click(user, action, `${id}:${round}`, { channel: `@${user}` });

  it('have a card each with working buttons, and nobody is called', () => {
    assert.deepEqual(
      [buttonsOf('U0LEA'), buttonsOf('U0LEO')],
      [
        ['approve', 'deny'],
        ['approve', 'deny'],
      ],
    );
    assert.deepEqual(copies('U0ANA'), [], 'who asked isn’t asked');
    assert.equal(world.chat.posts.filter(({ place }) => place === 'C0SOC').length, 1);
    const called = world.chat.posts.flatMap(({ card }) => card.footer.flat());
    assert.ok(called.every((span) => span.kind !== 'person' || !span.mention));
    assert.equal(copy('U0LEA')?.audience, null, 'the buttons stand in the open');
  });

  it('decide there, and every copy is true afterwards', async () => {
    await decide('U0LEA', 'approve');
    await pass(world, 3_000);
    assert.equal((await storyOf(world, id)).run.status, 'running');
    for (const user of ['U0LEA', 'U0LEO']) {
      assert.match(state(user), /^Sent, ws-042 hasn’t picked it up yet/);
      assert.deepEqual(buttonsOf(user), ['cancel']);
    }
    await finish(world, id);
    await pass(world, 3_000);
    for (const user of ['U0LEA', 'U0LEO']) assert.match(state(user), /^Finished in/);
    assert.match(world.chat.said().join('\n'), /Lea Lead approved\./);
  });

  it('count once, whether they click there or in the channel', async () => {
    world.policy(DIRECT.replace('default: { approvals: 1,', 'default: { approvals: 2,'));
    await decide('U0LEA', 'approve');
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.match(whispers(world).join(), /You approved LR-\w+ already/);
    assert.equal((await world.request(id)).status, 'waiting');
    await world.click('U0LEO', 'approve', `${id}:1`);
    assert.equal((await storyOf(world, id)).run.status, 'running');
  });

  it('deny there as well', async () => {
    await decide('U0LEO', 'deny');
    await pass(world, 3_000);
    assert.equal((await world.request(id)).status, 'denied');
    assert.match(state('U0LEA'), /^Denied by Leo Lead/);
    assert.deepEqual(buttonsOf('U0LEA'), []);
  });

  it('can’t decide from a private chat in which no copy of theirs stands', async () => {
    for (const channel of ['@U0LEO', 'D0OTHER', null]) {
      await world.click('U0LEA', 'approve', `${id}:1`, { channel });
      assert.match(whispers(world).join(), /lives in another channel|can't see in which channel/);
    }
    await world.click('U0MAX', 'approve', `${id}:1`, { channel: '@U0LEA' });
    assert.equal((await world.request(id)).status, 'waiting');
  });

  it('are asked anew when what they approved has changed', async () => {
    world.defender.files = [libraryFile({ sha256: 'c'.repeat(64) })];
    await decide('U0LEA', 'approve');
    await pass(world, 3_000);
    assert.equal(copies('U0LEA').length, 2);
    for (const shown of copies('U0LEA')) assert.match(plain(shown?.state.words ?? []), /^Waiting for approval again/);
    await decide('U0LEA', 'approve', 1);
    assert.match(whispers(world).join(), /has changed since that card was shown/);
    await decide('U0LEA', 'approve', 2);
    assert.equal((await storyOf(world, id)).run.status, 'running');
  });

  it('get a copy when a change of the policy makes them approvers, and lose the buttons when one takes that away', async () => {
    const now = async (policy: string) => {
      world.policy(policy);
      await rejudge(world.deps);
      await world.settle();
      await pass(world, 3_000);
    };
    await now(DIRECT.replace('[U0LEA, U0LEO]', '[U0LEO, U0GUS]'));
    assert.deepEqual(
      ['U0LEA', 'U0LEO', 'U0GUS'].map((user) => [copies(user).length, buttonsOf(user)]),
      [
        [1, []],
        [1, ['approve', 'deny']],
        [1, ['approve', 'deny']],
      ],
    );
    await now(DIRECT);
    assert.deepEqual([copies('U0LEA').length, buttonsOf('U0LEA'), buttonsOf('U0GUS')], [1, ['approve', 'deny'], []]);
    await decide('U0LEA', 'approve');
    assert.equal((await storyOf(world, id)).run.status, 'running');
  });

  it('have one copy a round, also when a change of the policy comes days later', async () => {
    world.policy(DIRECT.replace('expireAfter: 8h', 'expireAfter: 7d'));
    await rejudge(world.deps);
    world.advance(4 * 86_400_000);
    await world.upkeep();
    world.policy(
      DIRECT.replace('[U0LEA, U0LEO]', '[U0LEA, U0LEO, U0GUS]')
        .replace('8h', '7d')
        .replace('approvals: 1', 'approvals: 2'),
    );
    await Promise.all([rejudge(world.deps), rejudge(world.deps)]);
    await world.settle();
    await pass(world, 3_000);
    assert.deepEqual(
      ['U0LEA', 'U0LEO', 'U0GUS'].map((user) => [copies(user).length, buttonsOf(user)]),
      ['U0LEA', 'U0LEO', 'U0GUS'].map(() => [1, ['approve', 'deny']]),
    );
  });

  it('have no second one where they have a card of this round already, theirs of before an upgrade say', async () => {
    world.policy(POLICY);
    const { id: requestId, platform } = await world.ask('U0ANA', SCRIPT.replace('Office', 'Word'));
    await world.store.transaction((tx) => tx.insertCard({ requestId, platform, channel: '@U0LEA', place: '@U0LEA' }));
    world.policy(DIRECT);
    await rejudge(world.deps);
    await world.settle();
    await pass(world, 3_000);
    const channels = (await world.store.cardsOf(requestId)).map(({ channel }) => channel);
    assert.deepEqual(channels.filter((channel) => channel.startsWith('@')).toSorted(), ['@U0LEA', '@U0LEO']);
  });

  it('whom nobody can write to are called in the thread, once', async () => {
    const { post } = world.chat;
    world.chat.post = async (place, card) => {
      if (place === '@U0LEA') throw chatTrouble('chat_blocked');
      return post(place, card);
    };
    const third = await world.ask('U0ANA', `${SCRIPT} third`);
    await pass(world, 20_000);
    const called = world.chat.replies.filter(({ reply }) =>
      plain(reply.text).includes('can’t write to you in private'),
    );
    assert.equal(called.length, 1);
    assert.deepEqual(
      called[0]?.reply.text.flatMap((span) => (span.kind === 'person' ? [span.id, span.mention] : [])),
      ['U0LEA', true],
    );
    assert.equal(await audited(world, 'card.not_posted'), 1);
    assert.ok(world.chat.posts.some(({ place, card }) => place === '@U0LEO' && card.requestId === third.id));
    assert.deepEqual(
      whispers(world).filter((words) => /can’t (?:write|post)/.test(words)),
      [],
      'who asked needn’t know',
    );
  });

  it('who deleted their copy don’t get it again, and the thread stays where it is', async () => {
    world.chat.fail('edit', chatTrouble('chat_gone'), chatTrouble('chat_gone'), chatTrouble('chat_gone'));
    const posted = world.chat.posts.length;
    await world.click('U0LEA', 'approve', `${id}:1`);
    await pass(world, 5_000);
    const again = world.chat.posts.slice(posted).map(({ place }) => place);
    assert.deepEqual(again, ['C0SOC']);
    const thread = world.chat.posts.find(({ place }) => place === 'C0SOC')?.posted.thread;
    assert.ok(world.chat.replies.every((reply) => reply.thread === thread));
  });

  it('are asked for a deletion and a review, too', async () => {
    const deletion = await world.ask('U0ANA', 'library delete minidump.ps1');
    await world.click('U0ANA', 'confirm', deletion.id);
    const glass = await world.ask('U0LEA', `run ws-042 minidump.ps1 now --break-glass --reason "spreading"`);
    const asked = (about: string) =>
      world.chat.posts
        .filter(({ place, card }) => place.startsWith('@') && card.requestId === about)
        .map(({ place }) => place);
    assert.deepEqual(asked(deletion.id), ['@U0LEA', '@U0LEO']);
    assert.deepEqual(asked(glass.id), ['@U0LEO']);
    await world.click('U0LEO', 'reviewed', glass.id, { channel: '@U0LEO' });
    assert.equal(await audited(world, 'request.reviewed'), 1);
  });
});
