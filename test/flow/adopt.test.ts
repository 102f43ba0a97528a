import assert from 'node:assert/strict';
import { clicked } from '../../src/flow/inbox.ts';
import type { Click, Posted } from '../../src/flow/ports.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { audited, pass, SCRIPT, stateLine, whispers } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

/** A message of the request that no card row knows: posted without an answer, arrived all the same, and repeated. */
const STRAY: Posted = { thread: 'thread-stray', message: 'message-stray' };

describe('a click on a card that stands twice', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const click = (changes: Partial<Click> = {}, user = 'U0LEA', action: Click['action'] = 'deny') =>
    world.click(user, action, action === 'deny' ? `${id}:1` : id, { shownOn: STRAY, ...changes });
  const strayEdits = () => world.chat.edits.filter(({ message }) => message === STRAY.message).length;
  const rows = () => world.store.cardsOf(id);

  it('counts, and has both show the newest state from then on', async () => {
    await click();
    assert.equal((await world.request(id)).status, 'denied');
    assert.match(stateLine(world, id), /Denied/);
    assert.equal(strayEdits(), 1);
    assert.equal(await audited(world, 'card.adopted'), 1);
    assert.equal(world.chat.replies[0]?.thread, 'thread-1', 'the thread stays with the first');
  });

  it('also when it is refused, since what was clicked on was old', async () => {
    await click({}, 'U0ANA');
    assert.equal((await world.request(id)).status, 'waiting');
    assert.equal(strayEdits(), 1);
  });

  it('takes it in once, however often', async () => {
    await Promise.all([click(), click()]);
    await click();
    assert.equal((await rows()).length, 2);
    assert.equal(await audited(world, 'card.adopted'), 1);
  });

  it('takes in none that a row knows, and none in another channel', async () => {
    await click({ shownOn: { thread: 'thread-1', message: 'message-1' } });
    await click({ channel: 'C0OTHER' });
    await click({ channel: null });
    assert.equal((await rows()).length, 1);
  });

  it('takes in none for who may not read about requests', async () => {
    world.chat.standings.set('U0GUS', 'guest');
    for (const user of ['U0GUS', 'U0NOBODY']) await click({}, user);
    assert.equal((await rows()).length, 1);
  });

  it('comes before the card is posted again: then it needn’t be', async () => {
    world.chat.fail('post', chatTrouble('chat_unclear'));
    const other = (await world.ask('U0ANA', 'get ws-042 C:\\x.zip')).id;
    world.advance(1_000);
    await world.click('U0LEA', 'deny', `${other}:1`, { shownOn: STRAY });
    for (let i = 0; i < 3; i++) await pass(world, 20_000);
    assert.equal(world.chat.posts.filter(({ card }) => card.requestId === other).length, 0);
    assert.equal(strayEdits(), 1);
    assert.equal(world.chat.replies[0]?.thread, STRAY.thread);
    assert.deepEqual(
      (await world.store.cardsOf(other)).map(({ state }) => state),
      ['gone', 'posted'],
    );
  });

  for (const code of ['chat_gone', 'chat_refused', 'chat_too_long', 'chat_blocked'] as const) {
    it(`lets a message go that can’t be edited (${code}), without a word, a fresh card or another try`, async () => {
      world.chat.fail('edit', chatTrouble(code), chatTrouble(code));
      await world.store.lease('sender:slack|C0SOC', 20_000, 'another');
      await click({}, 'U0LEA', 'results');
      await world.store.releaseLease('sender:slack|C0SOC', 'another');
      whispers(world);
      await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
      const stray = (await rows()).find(({ posted }) => posted?.message === STRAY.message);
      assert.equal(stray?.state, 'gone');
      assert.deepEqual([world.chat.posts.length, whispers(world).length], [1, 0]);
    });
  }

  it('takes in again what was let go for a refusal that is over', async () => {
    world.chat.fail('edit', chatTrouble('chat_refused'));
    await world.store.lease('sender:slack|C0SOC', 20_000, 'another');
    await click({}, 'U0ANA');
    await world.store.releaseLease('sender:slack|C0SOC', 'another');
    await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
    assert.equal(strayEdits(), 0);
    await click();
    assert.equal(strayEdits(), 1);
    const stray = (await rows()).filter(({ posted }) => posted?.message === STRAY.message);
    assert.deepEqual(
      stray.map(({ state }) => state),
      ['posted'],
    );
  });

  it('takes in none while the card is being posted, since it may be that one', async () => {
    const { post } = world.chat;
    const decide = async (requestId: string, shownOn: Posted) => {
      await clicked(world.deps, {
        ...{ delivery: 'early', channel: 'C0SOC', action: 'deny', id: `${requestId}:1`, words: null },
        ...{ replyTo: 'to-U0LEA', openUntil: null, shownOn },
        person: { platform: 'slack', id: 'U0LEA', tenant: 'T0CONTOSO', name: 'Lea Lead' },
      });
      const job = world.jobs.find(({ queue }) => queue === 'decide.slack');
      assert.ok(job !== undefined);
      await world.work(job);
    };
    let slow = '';
    world.chat.post = async (place, card, manner) => {
      const posted = await post(place, card, manner);
      // People see it before Slack's answer is here.
      slow = card.requestId;
      await decide(slow, posted);
      return posted;
    };
    await world.type('U0ANA', 'get ws-042 C:\\x.zip');
    await world.settle();
    assert.equal((await world.request(slow)).status, 'denied');
    assert.deepEqual(
      (await world.store.cardsOf(slow)).map(({ state, posted }) => [state, posted?.message]),
      [['posted', 'message-2']],
    );
    assert.match(stateLine(world, slow), /Denied/);
  });
});
