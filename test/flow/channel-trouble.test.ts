import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { audited, pass, whispers } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const MINUTE = 60_000;
const archived = () => new ChatError('chat_refused', 'It is archived.', { reason: 'is_archived', holdsFor: 'channel' });
const noToken = () =>
  new ChatError('chat_refused', 'The token was revoked.', { reason: 'token_revoked', holdsFor: 'everything' });

describe('a channel that takes nothing', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  /** Requests whose cards stand. */
  const asked = async (count: number): Promise<string[]> => {
    for (let i = 0; i < count; i++) await world.type('U0ANA', `get ws-042 C:\\${i}.zip`);
    await world.settle();
    return world.chat.posts.map(({ card }) => card.requestId);
  };
  const denyAll = async (ids: string[]) => {
    for (const id of ids) await world.click('U0LEA', 'deny', `${id}:1`);
  };
  /** From now on everything is refused; counts what is tried. */
  const refuse = (error: () => ChatError, method: 'edit' | 'post' = 'edit') => {
    const before = { edit: world.chat.edit, reply: world.chat.reply, post: world.chat.post };
    const tried = { count: 0 };
    const no = async (): Promise<never> => {
      tried.count += 1;
      throw error();
    };
    world.chat[method] = no;
    if (method === 'edit') world.chat.reply = no;
    return { tried, over: () => Object.assign(world.chat, before) };
  };
  const passing = async (times: number, step = MINUTE) => {
    for (let i = 0; i < times; i++) await pass(world, step);
  };

  it('uses few edits up, however many cards stand in it, and each requester hears it once', async () => {
    const ids = await asked(5);
    world.chat.reply = async () => undefined;
    const { edit } = world.chat;
    let tried = 0;
    world.chat.edit = async () => {
      tried += 1;
      throw archived();
    };
    // Replies would show that the channel takes messages: here only edits are refused, and nothing is said.
    await world.store.lease('sender:slack|C0SOC', 20_000, 'another');
    await denyAll(ids);
    await world.store.releaseLease('sender:slack|C0SOC', 'another');
    world.chat.reply = async () => {
      throw archived();
    };
    await passing(15);
    assert.ok(tried >= 3 && tried <= 8, `${tried} edits in a quarter of an hour`);
    const told = whispers(world).filter((words) => words.includes('It is archived.'));
    assert.equal(told.length, 5);
    assert.equal(new Set(told).size, 5);
    world.chat.edit = edit;
    await passing(1, 15 * MINUTE);
    assert.equal(world.chat.edits.length, 5);
  });

  it('is up to date at once when it takes a message again', async () => {
    const ids = await asked(3);
    const { tried, over } = refuse(archived);
    await denyAll(ids);
    await passing(8);
    assert.ok(tried.count > 0);
    over();
    await pass(world, 16_000);
    assert.equal(world.chat.replies.length, 3);
    assert.equal(world.chat.edits.length, 3, 'edits were to wait for minutes');
  });

  it('is asked for its cards every quarter of a minute, once for all of them', async () => {
    const { tried, over } = refuse(archived, 'post');
    for (let i = 0; i < 10; i++) await world.type('U0ANA', `get ws-042 C:\\${i}.zip`);
    await world.settle();
    assert.equal(tried.count, 1);
    await passing(8, 15_000);
    assert.ok(tried.count >= 8 && tried.count <= 10, `${tried.count} posts in two minutes`);
    assert.equal(whispers(world).length, 10);
    assert.equal(await audited(world, 'card.not_posted'), 10);
    over();
    await pass(world, 15_000);
    assert.equal(world.chat.posts.length, 10);
  });

  it('because the token is gone, is asked at least each minute', async () => {
    const ids = await asked(2);
    const { tried, over } = refuse(noToken);
    await denyAll(ids);
    await passing(10);
    assert.ok(tried.count >= 10);
    over();
    await passing(1);
    assert.equal(world.chat.edits.length, 2);
  });

  it('is told once for cards, edits and replies together', async () => {
    const [id = ''] = await asked(1);
    refuse(archived);
    await world.click('U0LEA', 'deny', `${id}:1`);
    await passing(3);
    assert.equal(whispers(world).filter((words) => words.includes('archived')).length, 1);
  });
});

describe('one card that is refused', () => {
  it('is tried ever more rarely, and stands in no other card’s way', async () => {
    const world = await createWorld();
    const { post } = world.chat;
    let tried = 0;
    const plain: unknown[] = [];
    world.chat.post = async (place, card, manner) => {
      if (!JSON.stringify(card.commands).includes('bad')) return post(place, card, manner);
      tried += 1;
      plain.push(manner?.plain);
      throw new ChatError('chat_too_long', 'Too long.', { reason: 'msg_too_long' });
    };
    await world.ask('U0ANA', 'get ws-042 C:\\bad.zip');
    assert.deepEqual(plain, [false, true]);
    await world.ask('U0ANA', 'get ws-042 C:\\good.zip');
    assert.equal(world.chat.posts.length, 1);
    for (let i = 0; i < 40; i++) await pass(world, MINUTE);
    assert.ok(tried >= 10 && tried <= 24, `${tried} tries in 40 minutes`);
  });
});
