import assert from 'node:assert/strict';
import { chatTrouble } from '../support/fake-chat.ts';
import { pass } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

/** As long as the adapter for Slack waits for an answer. */
const HANGS = 10_000;
const MANY = 4;

describe('edits that the platform doesn’t answer', () => {
  let world: World;
  let tried: number;
  let triedAtLastReply: number;
  let mend: () => void;
  beforeEach(async () => {
    world = await createWorld();
    const ids: string[] = [];
    for (let i = 0; i < MANY; i++) ids.push((await world.ask('U0ANA', `get ws-042 C:\\${i}.zip`)).id);
    const { edit } = world.chat;
    tried = 0;
    world.chat.edit = async () => {
      tried += 1;
      world.advance(HANGS);
      throw chatTrouble('chat_unreachable');
    };
    const { reply } = world.chat;
    world.chat.reply = async (...said) => {
      triedAtLastReply = tried;
      await reply(...said);
    };
    mend = () => Object.assign(world.chat, { edit });
    // Every card and a reply for each are due when the sender comes to them.
    await world.store.lease('sender:slack|C0SOC', 110_000, 'another');
    for (const id of ids) await world.click('U0LEA', 'deny', `${id}:1`);
    await world.store.releaseLease('sender:slack|C0SOC', 'another');
  });

  it('keep no reply from being said', async () => {
    const began = world.now();
    await pass(world, 3_000);
    assert.equal(world.chat.replies.length, MANY);
    assert.ok(world.now() - began < 2 * 60_000, `${(world.now() - began) / 1_000} s for ${MANY} replies`);
    assert.ok(triedAtLastReply <= MANY, `${triedAtLastReply} edits hung before the last reply`);
  });

  it('are tried ever more rarely, and made when it answers again', async () => {
    const began = world.now();
    while (world.now() < began + 10 * 60_000) await pass(world, 5_000);
    assert.ok(tried >= 10 && tried <= 60, `${tried} edits in ten minutes`);
    mend();
    await pass(world, 31_000);
    await pass(world, 1_000);
    assert.equal(world.chat.edits.length, MANY);
  });
});
