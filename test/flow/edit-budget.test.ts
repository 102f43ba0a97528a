import assert from 'node:assert/strict';
import { chatTrouble } from '../support/fake-chat.ts';
import { approved, pass } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

/** Edits have one budget over the whole platform, as Slack counts them. */
describe('the budget of edits', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(POLICY.replace('[C0SOC]', '[C0SOC, C0OTHER]'));
  });
  const limit = (count: number) => Object.assign(world.chat.pace, { edits: [{ count, within: 3_600_000 }] });
  const edits = () => world.chat.edits.length;
  const askIn = async (channel: string, line: string): Promise<string> => {
    const before = world.chat.posts.length;
    await world.type('U0ANA', line, { channel });
    await world.settle();
    return world.chat.posts[before]?.card.requestId ?? '';
  };
  const deny = (id: string, channel: string) => world.click('U0LEA', 'deny', `${id}:1`, { channel });

  it('is one for all channels', async () => {
    limit(1);
    const one = await askIn('C0SOC', 'get ws-042 C:\\a.zip');
    const two = await askIn('C0OTHER', 'get ws-042 C:\\b.zip');
    await deny(one, 'C0SOC');
    await deny(two, 'C0OTHER');
    assert.equal(edits(), 1);
    await pass(world, 3_600_000);
    assert.equal(edits(), 2);
  });

  it('pauses everywhere when the platform asks for it, and then goes on with the newest state', async () => {
    const one = await askIn('C0SOC', 'get ws-042 C:\\a.zip');
    const two = await askIn('C0OTHER', 'get ws-042 C:\\b.zip');
    world.chat.fail('edit', chatTrouble('chat_throttled', 60_000));
    await deny(one, 'C0SOC');
    await deny(two, 'C0OTHER');
    assert.deepEqual([edits(), world.chat.replies.length], [0, 2], 'messages have budgets of their own');
    await pass(world, 55_000);
    assert.equal(edits(), 0);
    await pass(world, 6_000);
    assert.equal(edits(), 2);
  });

  it('keeps a third for decisions and ends, wherever they are: what only tells how things go waits', async () => {
    await approved(world, 'get ws-042 C:\\a.zip');
    const queued = await Promise.all(
      ['b', 'c', 'd'].map(async (name) => {
        const { request } = await approved(world, `get ws-042 C:\\${name}.zip`);
        return request.id;
      }),
    );
    const waiting = await askIn('C0OTHER', 'get ws-042 C:\\z.zip');
    const done = edits();
    limit(done + 3);
    // Its place in line changes with each round.
    const tick = async (id: string) => {
      await world.store.transaction(async (tx) => {
        const run = await tx.run(`${id}.1`);
        if (run !== null) await tx.saveRun(run, { ...run, note: `${run.note ?? ''}.`, waits: { for: 'turn' } });
      });
      await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
    };
    for (const id of queued) await tick(id);
    const ticked = edits() - done;
    await deny(waiting, 'C0OTHER');
    assert.equal(edits() - done - ticked, 1, 'the decision is shown at once');
    assert.ok(ticked < 3);
  });

  it('goes to a decision before the card that has waited longer with news of less weight', async () => {
    const first = await approved(world, 'get ws-042 C:\\a.zip');
    world.advance(5_000);
    const second = await askIn('C0SOC', 'get ws-042 C:\\b.zip');
    await world.store.lease('sender:slack|C0SOC', 20_000, 'another');
    await world.store.transaction((tx) => tx.touch(first.request.id));
    await world.store.transaction(async (tx) => {
      const run = await tx.run(first.run.id);
      if (run !== null) await tx.saveRun(run, { ...run, pickedUpAt: world.now() });
    });
    world.advance(1_000);
    await deny(second, 'C0SOC');
    await world.store.releaseLease('sender:slack|C0SOC', 'another');
    const before = edits();
    await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
    const order = world.chat.edits.slice(before).map(({ card }) => card.requestId);
    assert.deepEqual(order, [second, first.request.id]);
  });
});
