import assert from 'node:assert/strict';
import { text } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { finish, pass, running } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const CARDS = 6;

describe('a platform that doesn’t say who reads the channel, and takes ten seconds for that', () => {
  it('keeps no reply waiting behind the cards that are looked at again', async () => {
    const world = await createWorld();
    const hang = { for: 0 };
    world.chat.isShared = async () => {
      world.advance(hang.for);
      throw chatTrouble('chat_unreachable');
    };
    let last = '';
    for (let number = 0; number < CARDS; number++) {
      const { request } = await running(world, `run ws-042 minidump.ps1 Process${number}`);
      await finish(world, request.id);
      await pass(world, 150_000);
      last = request.id;
    }
    hang.for = 10_000;
    world.advance(31_000);
    await world.store.transaction((tx) =>
      tx.insertReply({
        ...{ requestId: last, key: 'news', channel: 'C0SOC' },
        reply: { text: [text('News.')], output: [], moreLines: 0, buttons: [] },
      }),
    );
    const asked = world.now();
    for (let round = 0; round < 20 && world.chat.said().at(-1) !== 'News.'; round++) {
      await world.work({ queue: 'report.slack', id: 'slack|C0SOC' });
    }
    assert.equal(world.chat.said().at(-1), 'News.');
    assert.ok(world.now() - asked < 60_000, `${world.now() - asked} ms`);
  });
});

describe('the end of a run while nobody says who reads the channel', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.policy(`${POLICY}results: { links: channel }\n`);
  });

  it('is told with its link once somebody does', async () => {
    const { request } = await running(world);
    const { isShared } = world.chat;
    world.chat.isShared = async () => {
      throw chatTrouble('chat_unreachable');
    };
    await finish(world, request.id);
    const end = () =>
      world.chat.replies.find(({ reply }) => JSON.stringify(reply.text).includes('Open results on the card'));
    assert.equal(end(), undefined);
    world.chat.isShared = isShared;
    await pass(world, 16_000);
    assert.ok(end()?.reply.text.some((span) => span.kind === 'link' && span.label === 'Open results'));
  });
});
