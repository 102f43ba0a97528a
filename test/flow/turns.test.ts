import assert from 'node:assert/strict';
import { takeTurn } from '../../src/flow/pace.ts';
import type { Chat } from '../../src/flow/ports.ts';
import { createWorld, type World } from '../support/world.ts';

describe('a turn to send', () => {
  let world: World;
  const limits = [{ count: 1, within: 1_000 }];
  const chat = { platform: 'slack', pace: { posts: limits, edits: limits } } as unknown as Chat;
  const left = () => world.store.transaction((tx) => tx.takeCall('chat:post:C0SOC', limits));

  beforeEach(async () => {
    world = await createWorld();
  });

  for (const [what, end] of [
    ['an answer', async () => 'posted'],
    ['no answer', () => Promise.reject(new Error('reset'))],
  ] as const) {
    it(`counts from its end, before anything else is done with it: ${what}`, async () => {
      const turn = await takeTurn(world.deps, chat, 'C0SOC', 'post');
      const send = async (): Promise<string> => {
        world.advance(900);
        return end();
      };
      await turn?.use(send).catch(() => undefined);
      assert.equal(await left(), 1_000);
      world.advance(1_000);
      assert.equal(await left(), 0);
    });
  }

  it('tells what became of the send, also where it can’t be counted any more', async () => {
    const turn = await takeTurn(world.deps, chat, 'C0SOC', 'post');
    const { transaction } = world.deps.store;
    world.deps.store.transaction = () => Promise.reject(new Error('the database is away'));
    try {
      assert.equal(await turn?.use(async () => 'posted'), 'posted');
    } finally {
      world.deps.store.transaction = transaction;
    }
  });
});
