import assert from 'node:assert/strict';
import { chatTrouble } from '../support/fake-chat.ts';
import { pass, SCRIPT } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const KEY = 'slack|C0SOC';

describe('a card that can’t be edited', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const deny = () => world.click('U0LEA', 'deny', `${id}:1`);
  const state = () => world.card(id).state.symbol;

  it('because somebody deleted it is posted anew; the thread goes on', async () => {
    world.chat.fail('edit', chatTrouble('chat_gone'));
    await deny();
    assert.equal(world.chat.posts.length, 2);
    assert.equal(state(), '✘');
    assert.deepEqual(
      (await world.store.cardsOf(id)).map((row) => row.state),
      ['gone', 'posted'],
    );
    assert.equal(world.chat.replies[0]?.thread, world.chat.posts[0]?.posted.thread);
  });

  for (const [code, wait] of [
    ['chat_unreachable', 3_000],
    ['chat_unclear', 3_000],
    ['chat_refused', 16_000],
    ['chat_throttled', 3_000],
  ] as const) {
    it(`with ${code} is edited a little later`, async () => {
      world.chat.fail('edit', chatTrouble(code));
      await deny();
      assert.equal(state(), '⏳');
      await pass(world, wait);
      assert.equal(state(), '✘');
      assert.equal(world.chat.edits.length, 1);
    });
  }

  it('while the platform asks for a pause waits as long', async () => {
    world.chat.fail('edit', chatTrouble('chat_throttled', 60_000));
    await deny();
    await pass(world, 50_000);
    assert.equal(state(), '⏳');
    await pass(world, 11_000);
    assert.equal(state(), '✘');
  });

  it('blocks the one budget of a platform that counts edits and posts together', async () => {
    Object.assign(world.chat.pace, { edits: 'shared' });
    world.chat.fail('edit', chatTrouble('chat_throttled', 60_000));
    await deny();
    assert.equal(world.chat.replies.length, 0);
    await pass(world, 61_000);
    assert.equal(world.chat.replies.length, 1);
  });

  it('since there is nothing to say any more is put aside', async () => {
    world.store.transaction = (
      (before) => async (work) =>
        before((tx) => work({ ...tx, runsOf: async () => [] }))
    )(world.store.transaction);
    await world.store.transaction((tx) => tx.touch(id));
    await world.work({ queue: 'report.slack', id: KEY });
    assert.equal((await world.store.cardsOf(id))[0]?.state, 'gone');
  });

  it('because of a bug of ours is put off, and keeps no reply from being said', async () => {
    const { edit } = world.chat;
    world.chat.edit = async () => {
      world.chat.edit = edit;
      throw new TypeError('a bug');
    };
    await deny();
    assert.deepEqual([world.failed.length, world.chat.replies.length, state()], [0, 1, '⏳']);
    await pass(world, 16_000);
    assert.equal(state(), '✘');
  });
});

describe('a reply that can’t be posted', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const deny = () => world.click('U0LEA', 'deny', `${id}:1`);
  const attempts = async (...codes: Parameters<typeof chatTrouble>[0][]) => {
    world.chat.fail('reply', ...codes.map((code) => chatTrouble(code)));
    await deny();
    for (let i = 0; i < 6; i++) await pass(world, 16_000);
    return world.chat.replies.length;
  };

  it('with an unclear answer is repeated once, and then counts as said', async () => {
    assert.equal(await attempts('chat_unclear'), 1);
  });
  it('that is unclear twice is not said a third time', async () => {
    assert.equal(await attempts('chat_unclear', 'chat_unclear'), 0);
  });
  for (const code of ['chat_unreachable', 'chat_throttled', 'chat_refused', 'chat_not_in_channel'] as const) {
    it(`with ${code} is posted later`, async () => {
      assert.equal(await attempts(code, code), 1);
    });
  }
  it('because its thread is gone follows a fresh card to a new thread', async () => {
    assert.equal(await attempts('chat_gone'), 1);
    assert.equal(world.chat.posts.length, 2);
    assert.equal(world.chat.replies[0]?.thread, world.chat.posts[1]?.posted.thread);
  });
  it('because its thread is gone goes to the thread of another card that stands', async () => {
    await world.type('U0LEA', `show ${id}`);
    await world.settle();
    assert.equal(await attempts('chat_gone'), 1);
    assert.equal(world.chat.posts.length, 2);
  });
  it('waits as long as the platform asks for', async () => {
    world.chat.fail('reply', chatTrouble('chat_throttled', 60_000));
    await deny();
    await pass(world, 50_000);
    assert.equal(world.chat.replies.length, 0);
    await pass(world, 11_000);
    assert.equal(world.chat.replies.length, 1);
  });
  it('because its sender was killed is repeated once at most', async () => {
    const { reply } = world.chat;
    let calls = 0;
    world.chat.reply = async () => {
      calls += 1;
      throw new Error('killed');
    };
    await deny();
    for (let i = 0; i < 4; i++) await pass(world, 16_000);
    assert.equal(calls, 2);
    world.chat.reply = reply;
    for (let i = 0; i < 2; i++) await pass(world, 16_000);
    assert.equal(world.chat.replies.length, 0);
  });
});

describe('a channel that the bot was taken out of', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const stopped = async () => (await world.audit()).filter(({ action }) => action === 'card.stopped');

  it('gets no card and no second try; who asked hears it, and the trail has it, once', async () => {
    world.chat.fail('post', chatTrouble('chat_blocked'));
    const { id } = await world.ask('U0ANA', SCRIPT);
    for (let i = 0; i < 3; i++) await pass(world, 60_000);
    assert.equal(world.chat.posts.length, 0);
    assert.equal((await stopped()).length, 1);
    assert.match(world.chat.whispered().join('\n'), new RegExp(`can’t write in .* the card of ${id}`));
    await world.type('U0LEA', `show ${id}`);
    await world.settle();
    assert.equal(world.chat.posts.length, 1, 'a fresh card, once somebody asks for it');
  });

  it('gets no more edits and no replies of what goes on', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.chat.fail('edit', chatTrouble('chat_blocked'));
    world.chat.fail('reply', chatTrouble('chat_blocked'));
    await world.click('U0LEA', 'deny', `${id}:1`);
    for (let i = 0; i < 3; i++) await pass(world, 60_000);
    assert.equal(world.chat.edits.length, 0);
    assert.deepEqual(world.chat.said(), []);
    assert.equal((await stopped()).length, 1);
    assert.equal((await world.request(id)).status, 'denied');
  });
});
