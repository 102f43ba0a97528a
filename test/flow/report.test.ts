import assert from 'node:assert/strict';
import type { Chat } from '../../src/flow/ports.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { approved, audited, finish, pass, running, SCRIPT, stateLine, storyOf, whispers } from '../support/story.ts';
import { createWorld, POLICY, T0, type World } from '../support/world.ts';

const KEY = 'slack|C0SOC';

describe('what people see', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const card = async (id: string) => (await world.store.cardsOf(id)).at(-1);
  const pace = (changes: Partial<Chat['pace']>) => Object.assign(world.chat.pace, changes);
  const report = () => world.work({ queue: 'report.slack', id: KEY });

  it('is the newest state, edited once however many steps lay between', async () => {
    const request = await world.ask('U0ANA', SCRIPT);
    await world.store.lease(`sender:${KEY}`, 20_000, 'another');
    await world.click('U0LEA', 'approve', `${request.id}:1`);
    await world.click('U0ANA', 'cancel', request.id);
    assert.equal(world.chat.edits.length, 0);
    await world.store.releaseLease(`sender:${KEY}`, 'another');
    await report();
    assert.equal(world.chat.edits.length, 1, 'approved, in line, sent, running and cancelled in one');
    assert.match(stateLine(world, request.id), /cancel requested/);
  });

  it('is edited only when something changed', async () => {
    const { request } = await running(world);
    const before = world.chat.edits.length;
    for (let i = 0; i < 3; i++) {
      await world.store.transaction((tx) => tx.touch(request.id));
      await report();
    }
    assert.equal(world.chat.edits.length, before);
    const row = await card(request.id);
    assert.equal(row?.shown, row?.touched);
  });

  it('has one sender: who finds the channel held lets go', async () => {
    await world.ask('U0ANA', SCRIPT);
    await world.store.lease(`sender:${KEY}`, 20_000, 'another');
    await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    assert.equal(world.chat.posts.length, 1);
    await world.store.releaseLease(`sender:${KEY}`, 'another');
    await pass(world, 3_000);
    assert.equal(world.chat.posts.length, 2);
  });

  it('holds a channel for a while only, and lets another go on with what is left', async () => {
    const { post } = world.chat;
    world.chat.post = async (...args) => {
      world.advance(7_000);
      return post(...args);
    };
    for (const file of 'abcd') await world.type('U0ANA', `get ws-042 C:\\${file}.zip`);
    await world.settle();
    assert.equal(world.chat.posts.length, 4);
  });

  it('waits on a platform that is off', async () => {
    await world.work({ queue: 'report.slack', id: 'teams|19:abc' });
    assert.equal(world.chat.posts.length, 0);
  });

  it('counts a send from when the platform has answered, so that slow ones and quick ones keep to the limit', async () => {
    pace({ posts: [{ count: 1, within: 4_000 }] });
    const { post } = world.chat;
    const arrived: number[] = [];
    // The platform has it at the end of the delay at the latest.
    for (const delay of [1_500, 0]) {
      world.chat.post = async (...args) => {
        world.advance(delay);
        arrived.push(world.now());
        return post(...args);
      };
      await world.ask('U0ANA', `get ws-042 C:\\${delay}.zip`);
    }
    const [slow = 0, quick = 0] = arrived;
    assert.ok(quick - slow >= 4_000, `${quick - slow} ms`);
  });

  it('is paced to the platform’s limits: a short pause is waited for, a long one is left to the clock', async () => {
    pace({ posts: [{ count: 1, within: 4_000 }] });
    for (const file of 'ab') await world.type('U0ANA', `get ws-042 C:\\${file}.zip`);
    await world.settle();
    assert.equal(world.chat.posts.length, 2);
    assert.ok(world.now() >= T0 + 4_000);
    pace({ posts: [{ count: 1, within: 3_600_000 }] });
    await world.ask('U0ANA', 'get ws-042 C:\\c.zip');
    assert.equal(world.chat.posts.length, 2);
    await pass(world, 3_600_000);
    assert.equal(world.chat.posts.length, 3);
  });

  it('takes edits from the same budget where the platform counts them together', async () => {
    pace({ posts: [{ count: 2, within: 3_600_000 }], edits: 'shared' });
    const request = await world.ask('U0ANA', SCRIPT);
    await world.click('U0LEA', 'deny', `${request.id}:1`);
    assert.deepEqual([world.chat.posts.length, world.chat.edits.length, world.chat.replies.length], [1, 1, 0]);
    await pass(world, 3_600_000);
    assert.equal(world.chat.replies.length, 1);
  });

  it('is said once: each reply, whatever is done twice', async () => {
    const { request } = await approved(world);
    await finish(world, request.id);
    const said = world.chat.said();
    for (let i = 0; i < 3; i++) {
      await report();
      await pass(world, 30_000);
    }
    assert.deepEqual(world.chat.said(), said);
    assert.equal(said.length, 3);
  });

  it('names people in plain text, also where they can’t be looked up', async () => {
    world.policy(`${POLICY}notify: { remindAfter: 15m }\n`);
    await world.ask('U0ANA', SCRIPT);
    world.chat.lookUp = async () => {
      throw chatTrouble('chat_unreachable');
    };
    await pass(world, 15 * 60_000);
    assert.match(world.chat.said().at(-1) ?? '', /an approver/);
  });
});

describe('a card that can’t be posted', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const asked = () => world.ask('U0ANA', SCRIPT);

  it('because the bot isn’t in the channel is told to its requester once, and comes when somebody invites it', async () => {
    world.chat.fail('post', ...Array.from({ length: 3 }, () => chatTrouble('chat_not_in_channel')));
    const { id } = await asked();
    assert.deepEqual(whispers(world), [
      `I’m not in #c0soc, so I can’t post the card there. Invite me with /invite @Live Response; ${id} waits for it.`,
    ]);
    for (let i = 0; i < 3; i++) await pass(world, 16_000);
    assert.deepEqual(whispers(world), []);
    assert.equal(world.chat.posts.length, 1);
    assert.equal(await audited(world, 'card.not_posted'), 1);
  });

  it('for another reason is told with it', async () => {
    world.chat.fail('post', chatTrouble('chat_refused'));
    const { id } = await asked();
    assert.deepEqual(whispers(world), [
      `I can’t post the card of ${id} in #c0soc: trouble: chat_refused It waits, and I keep trying.`,
    ]);
  });

  it('in a moment is posted later, after as long as the platform asks for', async () => {
    world.chat.fail(
      'post',
      chatTrouble('chat_unreachable'),
      chatTrouble('chat_throttled', 30_000),
      chatTrouble('chat_throttled'),
    );
    await asked();
    await pass(world, 3_000);
    await pass(world, 20_000);
    assert.equal(world.chat.posts.length, 0);
    await pass(world, 11_000);
    await pass(world, 3_000);
    assert.equal(world.chat.posts.length, 1);
    assert.deepEqual(whispers(world), []);
  });

  it('blocks nobody else’s card while the platform asks for a pause, but waits with all of them', async () => {
    world.chat.fail('post', chatTrouble('chat_throttled', 30_000));
    await asked();
    await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    assert.equal(world.chat.posts.length, 0, 'the channel is blocked');
    await pass(world, 31_000);
    assert.equal(world.chat.posts.length, 2);
  });

  it('because its sender was killed in the middle is posted by the next', async () => {
    const { post } = world.chat;
    world.chat.post = () => new Promise(() => undefined);
    const id = /LR-\w{6}/.exec(JSON.stringify(await world.type('U0ANA', SCRIPT)))?.[0] ?? '';
    await world.work({ queue: 'prepare.slack', id });
    world.lose();
    void world.work({ queue: 'report.slack', id: KEY });
    while ((await world.store.cardsOf(id))[0]?.state !== 'posting') await new Promise(setImmediate);
    world.chat.post = post;
    world.advance(14_000);
    await world.tick();
    assert.equal(world.chat.posts.length, 0, 'it may still be on its way, and its channel is held');
    await pass(world, 8_000);
    const [card] = await world.store.cardsOf(id);
    assert.deepEqual([card?.state, card?.doubts, world.chat.posts.length], ['posted', 1, 1]);
  });

  it('since there is nothing to say stands in nobody’s way', async () => {
    await world.type('U0ANA', SCRIPT);
    const [request] = await world.store.requestsBy({ limit: 1 });
    const place = { requestId: request?.id ?? '', platform: 'slack' as const, channel: 'C0SOC', place: 'C0SOC' };
    await world.store.transaction((tx) => tx.insertCard(place));
    await world.work({ queue: 'report.slack', id: KEY });
    assert.equal((await world.store.cardsOf(request?.id ?? ''))[0]?.state, 'gone');
    await world.settle();
    assert.equal(world.chat.posts.length, 1);
  });

  it('because of a bug of ours is put off, and stands in nobody’s way', async () => {
    const { post } = world.chat;
    world.chat.post = async (...args) => {
      world.chat.post = post;
      assert.ok(args);
      throw new TypeError('a bug');
    };
    await asked();
    await world.ask('U0ANA', 'get ws-042 C:\\x.zip');
    assert.deepEqual([world.failed.length, world.chat.posts.length], [0, 1]);
    await pass(world, 16_000);
    assert.equal(world.chat.posts.length, 2);
  });
});

describe('a private answer', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const ask = async () => {
    await world.type('U0ANA', 'whoami');
    await world.settle();
  };

  it('is tried again as long as its handle may live', async () => {
    world.chat.fail('answer', chatTrouble('chat_unclear'), chatTrouble('chat_unreachable'));
    await ask();
    assert.equal(world.failed.length, 1);
    await pass(world, 3_000);
    await pass(world, 3_000);
    assert.equal(world.chat.answers.length, 1);
    await pass(world, 3_000);
    assert.equal(world.chat.answers.length, 1);
  });

  for (const code of ['chat_gone', 'chat_refused', 'chat_not_in_channel', 'chat_blocked'] as const) {
    it(`is given up with ${code}`, async () => {
      world.chat.fail('answer', chatTrouble(code));
      await ask();
      await pass(world, 3_000);
      assert.deepEqual([world.failed, world.chat.answers], [[], []]);
    });
  }

  it('is given up after half an hour', async () => {
    world.chat.fail('answer', ...Array.from({ length: 9 }, () => chatTrouble('chat_unreachable')));
    await ask();
    await pass(world, 31 * 60_000);
    world.failed.length = 0;
    await pass(world, 60_000);
    assert.deepEqual([world.failed, world.chat.answers], [[], []]);
  });

  it('lets our own bugs reach the engine, and is nothing where there is none', async () => {
    world.chat.answer = async () => {
      throw new TypeError('a bug');
    };
    await ask();
    assert.ok(world.failed[0]?.error instanceof TypeError);
    await world.work({ queue: 'answer.slack', id: '00000000-0000-0000-0000-000000000000' });
  });
});

describe('the card and its line', () => {
  it('waits for a platform that has been switched off', async () => {
    const world = await createWorld();
    const { request } = await running(world);
    (world.deps.chats as Map<string, unknown>).delete('slack');
    await assert.rejects(world.type('U0ANA', SCRIPT), /slack is off/);
    assert.equal((await storyOf(world, request.id)).run.status, 'running');
  });
});
