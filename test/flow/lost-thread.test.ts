import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { plain } from '../../src/model/notice.ts';
import { audited, pass, SCRIPT, whispers } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const noReplies = () => new ChatError('chat_gone', 'Nobody can reply to it.', { reason: 'cannot_reply_to_message' });

describe('a thread that takes no replies', () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await createWorld();
    id = (await world.ask('U0ANA', SCRIPT)).id;
  });
  const passing = async (times: number, step = 2_000) => {
    for (let i = 0; i < times; i++) await pass(world, step);
  };
  const stateOf = (message: string) => {
    const state = world.chat.cards.get(message)?.state;
    return state === undefined ? '' : `${state.symbol} ${plain(state.words)}`;
  };

  it('gets one fresh card, and where its thread takes none either, the requester hears it and tries grow rare', async () => {
    const { reply } = world.chat;
    let tried = 0;
    world.chat.reply = async () => {
      tried += 1;
      throw noReplies();
    };
    await world.click('U0LEA', 'deny', `${id}:1`);
    await passing(60);
    assert.equal(world.chat.posts.length, 2);
    assert.ok(tried >= 3 && tried <= 10, `${tried} tries in two minutes`);
    assert.deepEqual([await audited(world, 'card.replaced'), await audited(world, 'reply.not_posted')], [1, 1]);
    const told = whispers(world).join('\n');
    assert.match(told, /I can’t write in the thread of LR-\w+ in .*: Nobody can reply to it\. I keep trying for a day/);
    world.chat.reply = reply;
    await passing(20, 30_000);
    assert.deepEqual(
      world.chat.replies.map(({ thread }) => thread),
      ['thread-2'],
    );
  });

  it('leaves its card one that is edited to the end, and the fresh card has the thread from then on', async () => {
    world.chat.fail('reply', noReplies());
    await world.click('U0LEA', 'approve', `${id}:1`);
    await passing(3);
    await world.click('U0ANA', 'cancel', id);
    await passing(10);
    for (const message of ['message-1', 'message-2']) {
      assert.match(stateOf(message), /Cancelled/, message);
      assert.equal(world.chat.cards.get(message)?.buttons.filter(({ action }) => action === 'cancel').length, 0);
    }
    assert.ok(world.chat.replies.length >= 2);
    assert.ok(world.chat.replies.every(({ thread }) => thread === 'thread-2'));
  });

  it('doesn’t keep the sender turning while the fresh card can’t be posted', async () => {
    const archived = () => new ChatError('chat_refused', 'x', { reason: 'is_archived', holdsFor: 'channel' });
    world.chat.fail('reply', noReplies());
    world.chat.fail('post', archived(), archived());
    await world.click('U0LEA', 'deny', `${id}:1`);
    await passing(1, 3_000);
    assert.deepEqual(world.jobs, []);
    await passing(4, 20_000);
    assert.equal(world.chat.replies[0]?.thread, 'thread-2');
  });

  it('whose card was deleted, too, gets no second fresh card', async () => {
    world.chat.edit = async () => {
      throw new ChatError('chat_gone', 'It is gone.', { reason: 'message_not_found' });
    };
    const { reply } = world.chat;
    world.chat.reply = async (thread, words, manner) => {
      if (thread === 'thread-1') throw noReplies();
      return reply(thread, words, manner);
    };
    await world.click('U0LEA', 'deny', `${id}:1`);
    await passing(10);
    assert.equal(world.chat.posts.length, 2);
    assert.equal(world.chat.replies[0]?.thread, 'thread-2');
  });
});
