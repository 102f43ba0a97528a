import assert from 'node:assert/strict';
import { ChatError } from '../../src/errors.ts';
import { chatTrouble } from '../support/fake-chat.ts';
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

  it('is told again when it took something in between, since that is another trouble', async () => {
    const { over } = refuse(archived, 'post');
    const { id } = await world.ask('U0ANA', 'get ws-042 C:\\0.zip');
    await passing(2);
    assert.equal(whispers(world).filter((words) => words.includes('I can’t post the card')).length, 1);
    over();
    await passing(1);
    assert.equal(world.chat.posts.length, 1);
    refuse(archived);
    await world.click('U0LEA', 'deny', `${id}:1`);
    await passing(10);
    assert.equal(whispers(world).filter((words) => words.includes('shows an old state')).length, 1);
  });

  it('is told once where it takes messages and no edits, however many messages there are', async () => {
    const [id = '', ...others] = await asked(6);
    world.chat.edit = async () => {
      throw archived();
    };
    for (const one of [id, ...others]) {
      await world.click('U0LEA', 'deny', `${one}:1`);
      await passing(2);
    }
    assert.equal(world.chat.replies.length, 6);
    assert.equal(whispers(world).filter((words) => words.includes(`card of ${id}`)).length, 1);
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

describe('troubles of one request', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const heard = () => whispers(world).join('\n');

  it('are told apart where the platform doesn’t say why', async () => {
    const { id } = await world.ask('U0ANA', 'get ws-042 C:\\0.zip');
    const no = async (): Promise<never> => {
      throw chatTrouble('chat_refused');
    };
    Object.assign(world.chat, { edit: no, reply: no });
    await world.click('U0LEA', 'deny', `${id}:1`);
    for (let i = 0; i < 10; i++) await pass(world, MINUTE);
    const told = whispers(world);
    assert.equal(told.filter((words) => words.includes('shows an old state')).length, 1);
    assert.equal(told.filter((words) => words.includes('I can’t write in the thread')).length, 1);
  });

  it('are told again for a card that was changed in between', async () => {
    const { id } = await world.ask('U0ANA', 'get ws-042 C:\\0.zip');
    for (const action of ['approve', 'cancel'] as const) {
      world.chat.fail('edit', chatTrouble('chat_refused'));
      await world.click('U0LEA', action, action === 'approve' ? `${id}:1` : id);
      for (let i = 0; i < 4; i++) await pass(world, MINUTE);
      assert.match(heard(), /shows an old state/, action);
    }
  });

  it('are told for each card of which nobody knows whether it stands', async () => {
    const unclear = () => chatTrouble('chat_unclear');
    world.chat.fail('post', unclear(), unclear());
    const { id } = await world.ask('U0ANA', 'get ws-042 C:\\0.zip');
    for (let i = 0; i < 6; i++) await pass(world, 20_000);
    assert.match(heard(), /didn’t say whether the card of LR-\w+ stands/);
    world.chat.fail('post', unclear(), unclear());
    await world.type('U0ANA', `show ${id}`);
    await world.settle();
    for (let i = 0; i < 8; i++) await pass(world, 20_000);
    assert.match(heard(), /didn’t say whether the card of LR-\w+ stands/);
    assert.equal(await audited(world, 'card.unclear'), 2);
  });
});
