import assert from 'node:assert/strict';
import { clicked } from '../../src/flow/inbox.ts';
import type { Click } from '../../src/flow/ports.ts';
import { type PrivateAnswer, plain } from '../../src/model/notice.ts';
import { SCRIPT } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

/** How long the platform of these tests holds a call open. Milliseconds. */
const OPEN = 2_000;

describe('a click whose call the platform holds open', () => {
  let world: World;
  let id: string;
  let count = 0;

  beforeEach(async () => {
    world = await createWorld();
    ({ id } = await world.ask('U0ANA', SCRIPT));
    world.chat.answers.length = 0;
  });

  /** Clicks; the job that decides runs while the call waits, unless it is to be slow. */
  async function click(
    user: string,
    action: Click['action'],
    on: string,
    decides = true,
  ): Promise<PrivateAnswer | null> {
    count += 1;
    const { sleep } = world.deps;
    if (decides) {
      world.deps.sleep = async (milliseconds) => {
        world.deps.sleep = sleep;
        await world.settle();
        await sleep(milliseconds);
      };
    }
    return clicked(world.deps, {
      delivery: `open-${count}`,
      person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user },
      channel: 'C0SOC',
      action,
      id: on,
      words: null,
      replyTo: `to-${user}`,
      openUntil: world.now() + OPEN,
    });
  }

  const words = (said: PrivateAnswer | null): string => said?.lines.map(plain).join('\n') ?? '';

  it('answers a refusal in that call, and nowhere else', async () => {
    assert.match(words(await click('U0ANA', 'approve', `${id}:1`)), /yourself, so someone else must approve it/);
    await world.settle();
    world.advance(60_000);
    await world.tick();
    assert.deepEqual(world.chat.whispered(), []);
    assert.equal((await world.request(id)).status, 'waiting');
  });

  it('answers nothing where the card says it', async () => {
    assert.equal(await click('U0LEA', 'approve', `${id}:1`), null);
    assert.equal((await world.request(id)).status, 'approved');
  });

  it('sends what is more than words to the private chat, and says so', async () => {
    await click('U0LEA', 'approve', `${id}:1`);
    assert.match(words(await click('U0ANA', 'results', id)), /I’m sending it to you in our private chat/);
    await world.settle();
    assert.equal(world.chat.answers.length, 1);
    assert.equal(world.chat.answers[0]?.to, 'to-U0ANA');
    assert.match(world.chat.whispered().join(), /Open results/);
  });

  it('says that it is still checking when nobody decides in time, and delivers the answer then, once', async () => {
    assert.match(words(await click('U0GUS', 'approve', `${id}:1`, false)), /still checking it/);
    await world.settle();
    assert.match(world.chat.whispered().join('\n'), /may not approve/);
    world.advance(60_000);
    await world.tick();
    assert.equal(world.chat.answers.length, 1);
  });

  it('is delivered privately at once when it is decided after the call has ended', async () => {
    await click('U0ANA', 'approve', `${id}:1`, false);
    world.advance(OPEN + 1);
    await world.settle();
    assert.match(world.chat.whispered().join('\n'), /yourself/);
  });

  it('counts once when it is delivered twice, and the second call is told so', async () => {
    const twice: Click = {
      delivery: 'same',
      person: { platform: 'slack', id: 'U0LEA', tenant: 'T0CONTOSO', name: 'U0LEA' },
      channel: 'C0SOC',
      action: 'approve',
      id: `${id}:1`,
      words: null,
      replyTo: 'to-U0LEA',
      openUntil: world.now() + OPEN,
    };
    const { sleep } = world.deps;
    world.deps.sleep = async (milliseconds) => {
      world.deps.sleep = sleep;
      await world.settle();
      await sleep(milliseconds);
    };
    assert.equal(await clicked(world.deps, twice), null);
    assert.match(words(await clicked(world.deps, twice)), /have that click already/);
    assert.equal((await world.audit()).filter(({ action }) => action === 'request.approve').length, 1);
  });

  it('is answered privately, a little later, when the process that holds the call dies', async () => {
    const { sleep } = world.deps;
    world.deps.sleep = async () => {
      world.deps.sleep = sleep;
      throw new Error('killed');
    };
    await assert.rejects(click('U0ANA', 'approve', `${id}:1`, false), /killed/);
    await world.settle();
    world.lose();
    await world.tick();
    assert.deepEqual(world.chat.whispered(), [], 'its process might still take it');
    world.advance(OPEN + 3_000);
    await world.tick();
    assert.match(world.chat.whispered().join('\n'), /yourself/);
  });
});
