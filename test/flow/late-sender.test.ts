import assert from 'node:assert/strict';
import { chatTrouble } from '../support/fake-chat.ts';
import { pass, SCRIPT, stateLine } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

const KEY = 'slack|C0SOC';
type Ends = { with(posted?: unknown): void; fail(error: Error): void };

describe('a sender that was stopped for a while and wakes up', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });

  /** The next call of this method doesn't end before the test says how. */
  function hold(method: 'post' | 'reply'): Promise<Ends> {
    const usual = world.chat[method];
    return new Promise((began) => {
      Object.assign(world.chat, {
        [method]: () => {
          world.chat[method] = usual as never;
          return new Promise((resolve, reject) => began({ with: resolve, fail: reject }));
        },
      });
    });
  }

  /** A card whose first sender is stopped in the middle of its post, and which another has posted since. */
  async function taken() {
    const held = hold('post');
    const id = /LR-\w{6}/.exec(JSON.stringify(await world.type('U0ANA', SCRIPT)))?.[0] ?? '';
    await world.work({ queue: 'prepare.slack', id });
    world.lose();
    const stopped = world.work({ queue: 'report.slack', id: KEY });
    const ends = await held;
    await pass(world, 21_000);
    assert.equal(world.chat.posts.length, 1);
    return { id, ends, stopped, card: async () => (await world.store.cardsOf(id))[0] };
  }

  it('leaves the card that another has posted in its place: that one is edited from then on', async () => {
    const { id, ends, stopped, card } = await taken();
    ends.with({ thread: 'late thread', message: 'late message' });
    await stopped;
    assert.deepEqual((await card())?.posted, world.chat.posts[0]?.posted);
    await world.click('U0LEA', 'deny', `${id}:1`);
    assert.match(stateLine(world, id), /^✘ Denied/);
    assert.equal(world.chat.edits[0]?.message, world.chat.posts[0]?.posted.message);
  });

  for (const code of ['chat_unclear', 'chat_unreachable', 'chat_throttled', 'chat_refused', 'chat_blocked'] as const) {
    it(`doesn’t post what another has posted once more after ${code}, and frightens nobody`, async () => {
      const { ends, stopped, card } = await taken();
      const before = await card();
      ends.fail(chatTrouble(code));
      await stopped;
      assert.deepEqual(await card(), before);
      await pass(world, 60_000);
      await pass(world, 60_000);
      assert.equal(world.chat.posts.length, 1);
      assert.deepEqual(world.chat.answers, []);
    });
  }

  it('while another is just posting leaves the card to that one', async () => {
    const first = hold('post');
    const id = /LR-\w{6}/.exec(JSON.stringify(await world.type('U0ANA', SCRIPT)))?.[0] ?? '';
    await world.work({ queue: 'prepare.slack', id });
    world.lose();
    const stopped = world.work({ queue: 'report.slack', id: KEY });
    const early = await first;
    const second = hold('post');
    world.advance(21_000);
    const other = world.work({ queue: 'report.slack', id: KEY });
    const late = await second;
    early.with({ thread: 'early', message: 'early' });
    await stopped;
    assert.equal((await world.store.cardsOf(id))[0]?.state, 'posting');
    late.with({ thread: 'late', message: 'late' });
    await other;
    assert.deepEqual((await world.store.cardsOf(id))[0]?.posted, { thread: 'late', message: 'late' });
  });

  it('doesn’t say once more what another has said in its place', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const held = hold('reply');
    const denied = world.click('U0LEA', 'deny', `${id}:1`);
    const ends = await held;
    world.advance(21_000);
    await world.work({ queue: 'report.slack', id: KEY });
    assert.equal(world.chat.replies.length, 1);
    ends.fail(chatTrouble('chat_unreachable'));
    await denied;
    for (let i = 0; i < 4; i++) await pass(world, 20_000);
    assert.equal(world.chat.replies.length, 1);
  });
});
