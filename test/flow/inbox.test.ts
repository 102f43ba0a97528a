import assert from 'node:assert/strict';
import sinon from 'sinon';
import { clicked } from '../../src/flow/inbox.ts';
import type { Click } from '../../src/flow/ports.ts';
import { plain } from '../../src/model/notice.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { audited, SCRIPT, whispers } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

const words = (answer: Awaited<ReturnType<World['type']>>): string => (answer?.lines ?? []).map(plain).join('\n');

describe('what people type', () => {
  let world: World;
  let counted: string[];
  beforeEach(async () => {
    world = await createWorld();
    counted = [];
    world.deps.metrics.command = (platform, command, outcome) => void counted.push(`${platform} ${command} ${outcome}`);
  });
  const requests = () => world.store.requestsBy({ limit: 100 });

  it('is stored before it is acknowledged: the first answer names the request', async () => {
    const answer = await world.type('U0ANA', SCRIPT);
    const [request] = await requests();
    assert.equal(words(answer), `Got it, ${request?.id}.`);
    assert.equal(request?.status, 'received');
    assert.deepEqual(world.defender.reads, [], 'nothing slow is asked before');
    assert.deepEqual(counted, ['slack run accepted']);
  });

  it('counts once when it is delivered twice, with the same answer', async () => {
    const first = await world.type('U0ANA', SCRIPT, { delivery: 'd' });
    const second = await world.type('U0ANA', SCRIPT, { delivery: 'd' });
    assert.equal(words(second), words(first));
    assert.equal((await requests()).length, 1);
    assert.deepEqual(counted, ['slack run accepted', 'slack run duplicate']);
  });

  it('counts once when two deliveries of it arrive at the same moment', async () => {
    await Promise.all([world.type('U0ANA', SCRIPT, { delivery: 'd' }), world.type('U0ANA', SCRIPT, { delivery: 'd' })]);
    assert.equal((await requests()).length, 1);
  });

  describe('more often than the policy lets one person', () => {
    const more = (user: string, line: string) => world.type(user, line).then(words);
    beforeEach(async () => {
      world.policy(`${POLICY}limits: { commandsPerPerson: 3/m }\n`);
      for (const line of ['whoami', 'help', 'nonsense']) await world.type('U0ANA', line);
    });

    it('is refused with the time to wait, and leaves nothing behind but one entry', async () => {
      world.advance(20_000);
      const refused =
        'You have typed 3 commands within a minute, which is the limit here. Go on in 40 s. “cancel”, “withdraw” and “pause” always work.';
      assert.equal(await more('U0ANA', SCRIPT), refused);
      assert.equal(await more('U0ANA', 'pending'), refused);
      assert.equal((await requests()).length, 0);
      assert.equal(await audited(world, 'command.refused'), 1);
      assert.deepEqual(counted.slice(-2), ['slack run refused', 'slack pending refused']);
    });

    it('is so for each person alone, and over after a minute', async () => {
      assert.match(await more('U0LEA', SCRIPT), /^Got it/);
      world.advance(60_000);
      assert.match(await more('U0ANA', SCRIPT), /^Got it/);
    });

    it('never keeps anybody from stopping something', async () => {
      const { id } = await world.ask('U0LEA', SCRIPT);
      for (let n = 0; n < 3; n++) await world.type('U0LEA', 'whoami');
      await world.type('U0LEA', `withdraw ${id}`);
      await world.settle();
      assert.equal((await world.request(id)).status, 'withdrawn');
    });

    it('takes the same delivery again once there is room', async () => {
      assert.match(words(await world.type('U0ANA', SCRIPT, { delivery: 'd' })), /^You have typed/);
      world.advance(60_000);
      assert.match(words(await world.type('U0ANA', SCRIPT, { delivery: 'd' })), /^Got it/);
    });
  });

  it('is asked about when the same person typed the same within 60 s, however it was spelled', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    world.advance(20_000);
    const answer = await world.type('U0ANA', SCRIPT.replace('run ', 'RUN   '));
    assert.equal(words(answer), `You asked the same thing 20 s ago (${id}). Ask again?`);
    assert.deepEqual(
      answer?.buttons.map((button) => [button.action, button.label]),
      [['ask_again', 'Yes, once more']],
    );
    assert.equal((await requests()).length, 1);
    assert.match(words(await world.type('U0LEA', SCRIPT)), /^Got it/, 'another person is not the same');
    world.advance(40_001);
    assert.match(words(await world.type('U0ANA', SCRIPT)), /^Got it/, 'a minute later it is a new wish');
  });

  it('asks only once more for a double click on “Yes, once more”, and only its author may', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const question = (await world.type('U0ANA', SCRIPT))?.buttons[0]?.id ?? '';
    await world.click('U0LEA', 'ask_again', question);
    assert.deepEqual(whispers(world), ['Only who typed it may ask again.']);
    await world.click('U0ANA', 'ask_again', question);
    await world.click('U0ANA', 'ask_again', question);
    const all = await requests();
    assert.equal(all.length, 2);
    assert.deepEqual(whispers(world), [`Got it, ${all.find((one) => one.id !== id)?.id}.`]);
    assert.equal(world.chat.posts.length, 2);
  });

  it('takes the click on “Yes, once more” for an hour, and never a second time, however late', async () => {
    const { id } = await world.ask('U0ANA', SCRIPT);
    const ask = async () => (await world.type('U0ANA', SCRIPT))?.buttons[0]?.id ?? '';
    const [used, unused] = [await ask(), await ask()];
    world.advance(3_600_000);
    await world.click('U0ANA', 'ask_again', used);
    assert.equal((await requests()).length, 2);
    world.advance(1);
    await world.click('U0ANA', 'ask_again', unused);
    world.advance(4 * 86_400_000);
    await world.upkeep();
    await world.click('U0ANA', 'ask_again', used);
    assert.equal((await requests()).length, 2);
    const late = `I asked you that over an hour ago. If you want it once more, type:\nagain ${id}`;
    assert.deepEqual(whispers(world).slice(-2), [late, late]);
  });

  it('is not asked about when the first one was refused', async () => {
    world.chat.standings.set('U0ANA', 'guest');
    await world.ask('U0ANA', SCRIPT);
    world.chat.standings.clear();
    assert.match(words(await world.type('U0ANA', SCRIPT)), /^Got it/);
  });

  it('is asked about, too, when both arrive at the same moment', async () => {
    const sameLine = world.store.sameLine;
    world.store.sameLine = async () => {
      world.store.sameLine = sameLine;
      return null;
    };
    const first = await world.type('U0ANA', SCRIPT);
    world.store.sameLine = async () => {
      world.store.sameLine = sameLine;
      return null;
    };
    const second = await world.type('U0ANA', SCRIPT);
    assert.match(words(first), /^Got it/);
    assert.match(words(second), /^You asked the same thing 0 s ago/);
    assert.equal((await requests()).length, 1);
  });

  it('has an answer even where the first one has been forgotten meanwhile', async () => {
    await world.type('U0ANA', SCRIPT, { delivery: 'd' });
    world.store.sameLine = async () => null;
    assert.equal(words(await world.type('U0ANA', SCRIPT, { delivery: 'd' })), 'I have this already.');
  });

  it('that can’t be understood is answered to its author: what was wrong, where, and a line that works', async () => {
    const answer = await world.type('U0ANA', 'rnu ws-042 minidump.ps1');
    assert.match(
      words(answer),
      /^I don't know the word “rnu”\. Did you mean “run”\?\nThis would work: run ws-042 minidump\.ps1$/,
    );
    assert.deepEqual(answer?.output, ['rnu ws-042 minidump.ps1', '^']);
    assert.deepEqual(counted, ['slack unknown usage']);
    assert.equal(await audited(world, 'command.not_understood'), 1);
    const pointed = await world.type('U0ANA', 'run ws-042 mini–dump/x.ps1');
    assert.deepEqual(pointed?.output, [], 'no pointer where columns could lie');
    await world.type('U0ANA', 'rnu', { delivery: 'twice' });
    await world.type('U0ANA', 'rnu', { delivery: 'twice' });
    assert.equal(counted.at(-1), 'slack unknown duplicate');
  });

  it('gets help, and what to type when nothing was typed', async () => {
    const help = await world.type('U0ANA', 'help');
    assert.ok((help?.output.length ?? 0) > 5);
    assert.ok(((await world.type('U0ANA', ''))?.output.length ?? 0) > 5);
    assert.deepEqual(counted, ['slack help answered', 'slack form answered']);
  });

  it('gets nothing where its author is nobody here, but whom to ask', async () => {
    assert.equal(
      words(await world.type('U0EVE', SCRIPT, { delivery: 'd' })),
      "You aren't among the people who may use live response here. Ask Lea Lead, Leo Lead to run it, or to be added.",
    );
    await world.type('U0EVE', SCRIPT, { delivery: 'd' });
    assert.equal((await requests()).length, 0);
    assert.equal(await audited(world, 'command.refused'), 1);
    assert.deepEqual(counted, ['slack run refused', 'slack run duplicate']);
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'), chatTrouble('chat_unreachable'));
    assert.match(words(await world.type('U0EVE', 'machines ws')), /Ask whoever runs this bot to run it/);
  });

  it('is acknowledged in time, also when the platform is slow to name people', async () => {
    let asked = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      asked = resolve;
    });
    world.chat.lookUp = () => {
      asked();
      return new Promise(() => undefined);
    };
    const timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const typed = world.type('U0EVE', SCRIPT);
      await inside;
      timers.tick(1_000);
      assert.match(words(await typed), /Ask whoever runs this bot/);
    } finally {
      timers.restore();
    }
  });

  it('counts only in the channels of the policy', async () => {
    assert.equal(
      words(await world.type('U0ANA', SCRIPT, { channel: 'C0FUN' })),
      'I only work in #c0soc. Type it there.',
    );
    assert.equal((await requests()).length, 0);
  });

  it('in a private chat is posted to the first channel of the policy', async () => {
    world.policy(POLICY.replace('[C0SOC]', '[C0FIRST, C0SOC]'));
    world.chat.placeIn = (channel) => `place-in-${channel}`;
    await world.type('U0ANA', SCRIPT, { channel: null });
    await world.settle();
    assert.equal(world.chat.posts[0]?.place, 'place-in-C0FIRST');
  });

  it('that asks something is answered a moment later, once', async () => {
    assert.equal(await world.type('U0ANA', 'whoami', { delivery: 'd' }), null);
    await world.type('U0ANA', 'whoami', { delivery: 'd' });
    await world.settle();
    assert.equal(world.chat.answers.length, 1);
    assert.deepEqual(counted, ['slack whoami answered', 'slack whoami duplicate']);
  });
});

describe('what people click', () => {
  it('counts once when it is delivered twice', async () => {
    const world = await createWorld();
    const request = await world.ask('U0ANA', SCRIPT);
    const twice = { delivery: 'd', words: 'not now' };
    await world.click('U0LEA', 'deny', `${request.id}:1`, twice);
    await world.click('U0LEA', 'deny', `${request.id}:1`, twice);
    assert.equal(await audited(world, 'request.denied'), 1);
    assert.deepEqual(whispers(world), []);
  });

  describe('more often than three clicks for each command that one person may type', () => {
    let world: World;
    let id: string;
    let looked: sinon.SinonSpy;
    beforeEach(async () => {
      world = await createWorld();
      ({ id } = await world.ask('U0ANA', SCRIPT));
      world.policy(`${POLICY}limits: { commandsPerPerson: 1/m }\n`);
      looked = sinon.spy(world.chat, 'lookUp');
    });
    afterEach(() => sinon.restore());

    let count = 0;
    const click = async (user: string, action: Click['action'], more: Partial<Click> = {}) => {
      const said = await clicked(world.deps, {
        ...{ delivery: `fast-${count++}`, channel: 'C0SOC', action, id: `${id}:1`, words: null, openUntil: null },
        ...{ person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user }, replyTo: `to-${user}` },
        ...more,
      });
      await world.settle();
      return words(said);
    };
    const flood = async (user: string, action: Click['action'], times: number) => {
      const said: string[] = [];
      for (let n = 0; n < times; n++) said.push(await click(user, action));
      return said;
    };

    it('is refused with the time to wait: nobody is looked up, and it is written down once', async () => {
      const said = await flood('U0GUS', 'approve', 200);
      const refused =
        'You have clicked 3 times within a minute, which is the limit here, so this click did nothing. Go on in 1 min. Deny, Withdraw and Cancel always work.';
      assert.deepEqual([said.indexOf(refused), new Set(said.slice(3)).size], [3, 1]);
      assert.equal(looked.getCalls().filter(({ args: [who] }) => who.id === 'U0GUS').length, 3);
      assert.equal(await audited(world, 'click.refused'), 4);
    });

    it('is so for each person alone, and over after a minute, also for the same delivery', async () => {
      await flood('U0LEA', 'results', 3);
      assert.match(await click('U0LEA', 'approve', { delivery: 'same' }), /^You have clicked 3 times/);
      assert.equal((await world.request(id)).status, 'waiting');
      world.advance(60_000);
      assert.equal(await click('U0LEA', 'approve', { delivery: 'same' }), '');
      assert.equal((await world.request(id)).status, 'approved');
    });

    it('never keeps anybody from stopping something, who could', async () => {
      await flood('U0LEA', 'results', 4);
      assert.equal(await click('U0LEA', 'deny'), '');
      assert.equal((await world.request(id)).status, 'denied');
      assert.match((await flood('U0NOBODY', 'deny', 4)).at(-1) ?? '', /^You have clicked 3 times/);
    });

    it('leaves room for what people type', async () => {
      world.policy(`${POLICY}limits: { commandsPerPerson: 3/m }\n`);
      await flood('U0LEA', 'results', 9);
      assert.match(words(await world.type('U0LEA', SCRIPT)), /^Got it/);
    });
  });
});
