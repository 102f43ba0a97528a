import assert from 'node:assert/strict';
import { chatTrouble } from '../support/fake-chat.ts';
import { createWorld, type World } from '../support/world.ts';

const CARDS = 5;
const JOB = { queue: 'report.slack', id: 'slack|C0SOC' } as const;

describe('decisions while many cards are in line', () => {
  let world: World;
  /** What the channel got, in order: `card`, `edit`, `reply`. */
  let got: string[];
  beforeEach(async () => {
    world = await createWorld();
    Object.assign(world.chat.pace, { posts: [{ count: 1, within: 1_000 }], edits: [{ count: 45, within: 60_000 }] });
    const asked = [await world.ask('U0ANA', 'get ws-042 C:\\a.zip'), await world.ask('U0ANA', 'get ws-042 C:\\b.zip')];
    await world.store.lease('sender:slack|C0SOC', 110_000, 'another');
    for (let index = 0; index < CARDS; index++) await world.ask('U0ANA', `get ws-042 C:\\${index}.zip`);
    for (const { id } of asked) await world.click('U0LEA', 'deny', `${id}:1`);
    await world.store.releaseLease('sender:slack|C0SOC', 'another');
    got = [];
    const { post, edit, reply } = world.chat;
    world.chat.post = (...sent) => note('card', () => post(...sent));
    world.chat.edit = (...sent) => note('edit', () => edit(...sent));
    world.chat.reply = (...sent) => note('reply', () => reply(...sent));
  });
  const note = <T>(what: string, then: () => Promise<T>): Promise<T> => {
    got.push(what);
    return then();
  };
  const count = (what: string) => got.filter((one) => one === what).length;

  it('are shown while cards wait for their turns, before the first reply', async () => {
    await world.work(JOB);
    await world.settle();
    assert.deepEqual([count('card'), count('edit'), count('reply')], [CARDS, 2, 2]);
    assert.ok(got.lastIndexOf('edit') < got.lastIndexOf('card'), got.join(' '));
    assert.ok(got.indexOf('reply') > got.lastIndexOf('card'), got.join(' '));
  });

  it('keep no card waiting where the platform takes long to answer', async () => {
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { edit, post } = world.chat;
    world.chat.edit = async (...sent) => {
      await answered;
      await edit(...sent);
    };
    world.chat.post = async (...sent) => {
      const posted = await post(...sent);
      if (count('card') === CARDS) answer();
      return posted;
    };
    await world.work(JOB);
    assert.equal(got.indexOf('edit'), CARDS, got.join(' '));
  });

  it('are left for later once one of them was not answered', async () => {
    const tried: number[] = [];
    world.chat.edit = async () => {
      tried.push(count('card'));
      throw chatTrouble('chat_unreachable');
    };
    await world.work(JOB);
    assert.equal(count('card'), CARDS);
    assert.equal(tried.filter((cards) => cards < CARDS).length, 1, `tried after ${tried.join(', ')} cards`);
  });

  it('wait for the cards where edits count as messages', async () => {
    Object.assign(world.chat.pace, { edits: 'shared' });
    await world.work(JOB);
    await world.settle();
    assert.ok(got.indexOf('edit') > got.lastIndexOf('card'), got.join(' '));
    assert.equal(count('edit'), 2);
  });
});
