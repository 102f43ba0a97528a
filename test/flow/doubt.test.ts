import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { audited, pass, SCRIPT, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const KEY = 'slack|C0SOC';
const unclear = () => chatTrouble('chat_unclear');

describe('a card that may have arrived', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const asked = () => world.ask('U0ANA', SCRIPT);
  const rows = (id: string) => world.store.cardsOf(id);
  const tried = () => world.chat.manners.length;
  const passing = async (times: number, step = 20_000) => {
    for (let i = 0; i < times; i++) await pass(world, step);
  };

  it('is posted with its row’s id, which it can be looked for by', async () => {
    const { id } = await asked();
    assert.deepEqual(world.chat.manners, [{ mark: (await rows(id))[0]?.id, plain: false }]);
  });

  it('and is found becomes the card, and is brought up to date', async () => {
    world.chat.fail('post', unclear());
    const { id } = await asked();
    const [row] = await rows(id);
    world.chat.arrived = new Map([[row?.id ?? '', { thread: 'thread-x', message: 'message-x' }]]);
    await pass(world, 5_000);
    assert.equal(tried(), 2, 'one post, one edit');
    assert.deepEqual(
      world.chat.edits.map(({ message }) => message),
      ['message-x'],
    );
    assert.deepEqual((await rows(id))[0]?.posted, { thread: 'thread-x', message: 'message-x' });
    await world.click('U0LEA', 'deny', `${id}:1`);
    assert.equal(world.chat.replies[0]?.thread, 'thread-x');
  });

  it('and certainly did not is posted again, as often as that is certain', async () => {
    world.chat.arrived = new Map();
    world.chat.fail('post', unclear(), unclear(), unclear());
    const { id } = await asked();
    await passing(4);
    assert.equal(world.chat.posts.length, 1);
    assert.equal((await rows(id))[0]?.doubts, 0);
    assert.deepEqual(whispers(world), []);
  });

  it('which nobody can look for, is repeated once', async () => {
    world.chat.fail('post', unclear());
    await asked();
    assert.equal(tried(), 1);
    await pass(world, 4_000);
    assert.equal(tried(), 1);
    await pass(world, 1_000);
    assert.deepEqual([tried(), world.chat.posts.length], [2, 1]);
  });

  it('and whose repetition is unclear, too, is left to who asked, who hears it once and can have another', async () => {
    world.chat.fail('post', unclear(), unclear());
    const { id } = await asked();
    await passing(6);
    assert.equal(tried(), 2);
    assert.deepEqual(whispers(world), [
      `Slack didn’t say whether the card of ${id} stands in #c0soc. If you don’t see it there: show ${id}`,
    ]);
    assert.equal(await audited(world, 'card.unclear'), 1);
    assert.equal((await rows(id))[0]?.state, 'gone');
    await world.type('U0LEA', `show ${id}`);
    await world.settle();
    assert.equal(world.chat.posts.length, 1);
  });

  it('waits while the platform doesn’t answer at all, and is posted when it is back, within 20 seconds', async () => {
    world.chat.fail('post', unclear());
    await asked();
    world.chat.up = false;
    await passing(30);
    assert.equal(tried(), 1, 'ten minutes of outage use no repetition up');
    world.chat.up = true;
    await passing(1);
    assert.equal(world.chat.posts.length, 1);
    assert.deepEqual(whispers(world), []);
  });

  it('because its sender was killed twice is left to who asked', async () => {
    const { post } = world.chat;
    let calls = 0;
    world.chat.post = async () => {
      calls += 1;
      throw new Error('killed');
    };
    const { id } = await asked();
    await passing(6);
    assert.equal(calls, 2);
    assert.equal((await rows(id))[0]?.state, 'gone');
    world.chat.post = post;
    await passing(2);
    assert.equal(world.chat.posts.length, 0);
    assert.match(whispers(world).join(), /didn’t say whether the card/);
  });

  it('is repeated as long as it takes on a platform that can’t be asked whether it answers', async () => {
    delete (world.chat as Partial<typeof world.chat>).isUp;
    world.chat.fail('post', unclear(), unclear(), unclear());
    await asked();
    await passing(4);
    assert.equal(world.chat.posts.length, 1);
  });

  it('of an approver’s own is not tried a third time: they are called in the thread', async () => {
    world.policy(`${POLICY}notify: { approvers: direct }\n`);
    const { post } = world.chat;
    let calls = 0;
    world.chat.post = async (place, card, manner) => {
      if (place !== '@U0LEA') return post(place, card, manner);
      calls += 1;
      assert.equal(manner?.mark, undefined, 'its id names a person');
      throw unclear();
    };
    await asked();
    await passing(4);
    assert.equal(calls, 2);
    assert.match(world.chat.said().join(), /Lea Lead I can’t write to you in private/);
  });
});

describe('a reply that may have arrived', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const deny = () => world.click('U0LEA', 'deny', `${id}:1`);

  it('and is found counts as said', async () => {
    world.chat.fail('reply', unclear());
    await deny();
    const mark = world.chat.manners.at(-1)?.mark ?? '';
    world.chat.arrived = new Map([[mark, { thread: 'thread-1', message: 'reply-1' }]]);
    for (let i = 0; i < 3; i++) await pass(world, 20_000);
    assert.deepEqual(world.chat.said(), []);
  });

  it('and certainly did not is said, as often as that is certain', async () => {
    world.chat.arrived = new Map();
    world.chat.fail('reply', unclear(), unclear(), unclear());
    await deny();
    for (let i = 0; i < 4; i++) await pass(world, 20_000);
    assert.equal(world.chat.said().length, 1);
  });

  it('waits while the platform doesn’t answer at all', async () => {
    world.chat.fail('reply', unclear());
    await deny();
    world.chat.up = false;
    for (let i = 0; i < 10; i++) await pass(world, 20_000);
    assert.deepEqual(world.chat.said(), []);
    world.chat.up = true;
    await pass(world, 20_000);
    assert.equal(world.chat.said().length, 1);
    await world.work({ queue: 'report.slack', id: KEY });
    assert.equal(world.chat.said().length, 1);
  });

  it('by a sender who died stays in doubt while the channel takes nothing, and isn’t said again when it is found', async () => {
    const { reply, post } = world.chat;
    const tried: string[] = [];
    world.chat.reply = async (_thread, _reply, manner) => {
      tried.push(manner?.mark ?? '');
      throw new Error('killed');
    };
    await deny();
    world.chat.arrived = new Map([[tried[0] ?? '', { thread: 'thread-1', message: 'reply-1' }]]);
    world.chat.reply = reply;
    // Another card finds out that the channel is archived, just before the reply is looked at again.
    world.chat.post = async () => {
      throw new ChatError('chat_refused', 'archived', { reason: 'is_archived', holdsFor: 'channel' });
    };
    world.advance(10_000);
    await world.ask('U0ANA', 'get ws-042 C:\\1.zip');
    await pass(world, 6_000);
    world.chat.post = post;
    for (let i = 0; i < 6; i++) await pass(world, 20_000);
    assert.equal(tried.length, 1);
    assert.deepEqual(
      world.chat.replies.filter(({ thread }) => thread === 'thread-1'),
      [],
    );
  });
});
