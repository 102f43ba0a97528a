import assert from 'node:assert/strict';
import { DefenderError } from '../../src/errors.ts';
import { duration, howItEnded } from '../../src/flow/collect.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble, scriptResult } from '../support/fake-defender.ts';
import { aCommand, NOW } from '../support/records.ts';
import { audited, pass, running, SCRIPT, SCRIPT_THEN_GET, stateLine, storyOf } from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('collecting results', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  /** A script that has ended at Defender, in the midst of a run that goes on. */
  const scriptDone = async (line = SCRIPT_THEN_GET, status = 'Completed') => {
    const { request, action } = await running(world, line);
    world.defender.go(action.id, 'InProgress', [{ status, startedAt: world.now(), endedAt: world.now() + 48_000 }]);
    await pass(world, 6_000);
    return { id: request.id, action };
  };
  const command = async (id: string) => {
    const [first] = (await world.run(id)).commands;
    if (first === undefined) throw new Error('no command');
    return first;
  };
  const reply = () =>
    world.chat.replies.find(({ reply }) => reply.text.some((span) => 'text' in span && span.text === 'minidump.ps1'))
      ?.reply;

  it('tells each finished script once, with its exit and the first lines of its output', async () => {
    world.policy(`${POLICY}results: { inlineLines: 2 }\n`);
    world.defender.results.set('*', scriptResult({ output: 'one\r\ntwo\nthree\nfour\n\n  \n' }));
    const { id } = await scriptDone();
    assert.equal(world.chat.said().at(-1), '✔ minidump.ps1 ended with exit 0 after 48 s.');
    assert.deepEqual([reply()?.output, reply()?.moreLines], [['one', 'two'], 2]);
    assert.deepEqual([(await command(id)).head, (await command(id)).moreLines], [['one', 'two'], 2]);
    const [stored] = await world.store.outputsOf(id);
    assert.equal(stored?.output, 'one\ntwo\nthree\nfour\n\n  \n', 'in full');
    await world.work({ queue: 'collect', id: `${id}.1` });
    assert.equal(await audited(world, 'result.collected'), 1);
  });

  it('shows output harmless, and stores it so', async () => {
    world.defender.results.set(
      '*',
      scriptResult({ output: '\u0000\u001b[31mred\u001b[0m\u202e<!channel>\n', errors: '' }),
    );
    const { id } = await scriptDone();
    assert.deepEqual(reply()?.output, ['red<!channel>']);
    assert.equal((await world.store.outputsOf(id))[0]?.output, 'red<!channel>\n');
  });

  it('shows the errors of what failed, and says when a good end wrote some', async () => {
    world.defender.results.set('*', scriptResult({ output: 'out', errors: 'warning\n' }));
    const { id } = await scriptDone();
    assert.equal(world.chat.said().at(-1), '✔ minidump.ps1 ended with exit 0 after 48 s, but it wrote errors.');
    assert.deepEqual(reply()?.output, ['out']);
    assert.equal((await command(id)).wroteErrors, true);
  });

  for (const [what, changes, shown] of [
    ['its errors', { exitCode: 1, output: 'out', errors: 'bad' }, ['bad']],
    ['its output where it wrote no errors', { exitCode: 1, output: 'out', errors: '' }, ['out']],
    ['its errors where Defender says failed', { exitCode: null, output: 'out', errors: 'bad' }, ['bad']],
  ] as const) {
    it(`of a script that failed shows ${what}`, async () => {
      world.defender.results.set('*', scriptResult(changes));
      await scriptDone(SCRIPT_THEN_GET, changes.exitCode === null ? 'Failed' : 'Completed');
      assert.deepEqual(reply()?.output, shown);
      assert.match(world.chat.said().find((words) => words.includes('minidump')) ?? '', /^✘ minidump\.ps1 ended with/);
    });
  }

  it('shows nothing inline in a channel that others share, and keeps it for the page', async () => {
    world.defender.results.set('*', scriptResult({ output: 'secret\n' }));
    world.chat.shared.add('C0SOC');
    await world.type('U0ANA', SCRIPT_THEN_GET);
    await world.settle();
    const [request] = await world.store.requestsBy({ limit: 1 });
    const id = request?.id ?? '';
    await world.click('U0LEA', 'approve', `${id}:1`);
    world.defender.go((await storyOf(world, id)).action?.id ?? '', 'InProgress', [{ status: 'Completed' }]);
    await pass(world, 6_000);
    assert.deepEqual([reply()?.output, reply()?.moreLines], [[], 0]);
    assert.doesNotMatch(JSON.stringify(world.card(id)), /secret/);
    assert.equal((await world.store.outputsOf(id))[0]?.output, 'secret\n');
  });

  describe('while the platform doesn’t say who reads the channel', () => {
    let id: string;
    let tellAgain: () => void;
    beforeEach(async () => {
      world.defender.results.set('*', scriptResult({ output: 'words of a machine\n' }));
      const { request, action } = await running(world, SCRIPT);
      id = request.id;
      const { isShared } = world.chat;
      world.chat.isShared = async () => {
        throw chatTrouble('chat_unreachable');
      };
      tellAgain = () => {
        world.chat.isShared = isShared;
      };
      world.defender.go(action.id, 'Succeeded', [{ status: 'Completed', startedAt: world.now() }]);
      await pass(world, 20_000);
    });

    it('shows none of the output, and all of it once it says so, also on the card of what has ended', async () => {
      assert.equal((await world.request(id)).status, 'done');
      assert.equal(reply(), undefined);
      assert.doesNotMatch(JSON.stringify(world.card(id)), /words of a machine/);
      tellAgain();
      await pass(world, 31_000);
      assert.deepEqual(reply()?.output, ['words of a machine']);
      assert.deepEqual(world.card(id).commands[0]?.output, ['words of a machine']);
    });

    it('looks at the card again where the platform said it to another question only', async () => {
      let asked = 0;
      world.chat.isShared = async () => {
        asked += 1;
        if (asked === 1) throw chatTrouble('chat_unreachable');
        return false;
      };
      await pass(world, 31_000);
      await pass(world, 31_000);
      assert.deepEqual(world.card(id).commands[0]?.output, ['words of a machine']);
    });

    it('tells the thread without it after two minutes', async () => {
      await pass(world, 2 * 60_000);
      assert.deepEqual(reply()?.output, []);
    });
  });

  it('tries again what fails once, later each time, as long as Defender asks for where it does', async () => {
    const { id } = await scriptDone();
    assert.equal((await command(id)).tries, 1);
    const tries = () => world.defender.reads.filter((read) => read === 'scriptResult').length;
    const before = tries();
    await pass(world, 2_000);
    assert.equal(tries(), before, 'not at once');
    world.defender.fail('scriptResult', defenderTrouble('defender_throttled', 60_000));
    await pass(world, 4_000);
    assert.ok((await world.run(id)).notBefore > world.now() + 50_000);
    world.defender.results.set('*', scriptResult());
    await pass(world, 30_000);
    assert.equal((await command(id)).result, 'pending');
    await pass(world, 31_000);
    assert.deepEqual([(await command(id)).result, (await command(id)).exitCode], ['collected', 0]);
    assert.deepEqual(world.failed, []);
  });

  const ended = () => world.chat.said().filter((words) => words.startsWith('Ana Analyst'));

  it('tells the end two minutes after it at the latest, with why the output isn’t here, and the output when it comes', async () => {
    const { id, action } = await scriptDone();
    world.defender.go(action.id, 'Succeeded', [{}, { status: 'Completed' }]);
    await pass(world, 6_000);
    const end = (await world.run(id)).endedAt ?? 0;
    for (let step = 0; ended().length === 0 && step < 60; step++) await pass(world, 5_000);
    const after = world.now() - end;
    assert.ok(after > 80_000 && after <= 125_000, String(after));
    const why = 'Its output couldn’t be read yet: Defender trouble: defender_not_found. I keep trying.';
    assert.match(ended()[0] ?? '', /^Ana Analyst ws-042\.contoso\.com: ◌ Finished in /);
    assert.ok(ended()[0]?.includes(why) && stateLine(world, id).includes(why), ended()[0]);
    assert.equal((await command(id)).result, 'pending');
    world.defender.results.set('*', scriptResult({ exitCode: 3, output: 'at last\n', errors: '' }));
    await pass(world, 31_000);
    assert.equal(ended().at(-1), 'Ana Analyst ✘ minidump.ps1 ended with exit 3 after 48 s.');
    const late = world.chat.replies.at(-1)?.reply;
    assert.deepEqual([late?.output, late?.buttons.map(({ action }) => action)], [['at last'], ['results']]);
    assert.match(stateLine(world, id), /^⚠ Finished in/);
    assert.equal(ended().length, 2);
  });

  it('tells the end at once where Defender wants a longer pause than that', async () => {
    const { action, id } = await scriptDone();
    world.defender.go(action.id, 'Succeeded', [{}, { status: 'Completed' }]);
    await pass(world, 6_000);
    assert.equal(ended().length, 0);
    world.defender.fail('scriptResult', defenderTrouble('defender_throttled', 300_000));
    for (let step = 0; ended().length === 0 && step < 8; step++) await pass(world, 5_000);
    assert.equal(ended().length, 1);
    assert.ok((await world.run(id)).notBefore > world.now() + 200_000);
  });

  it('gives up after about half an hour, and says so', async () => {
    const { id, action } = await scriptDone();
    world.defender.go(action.id, 'Succeeded', [{}, { status: 'Completed' }]);
    await pass(world, 6_000);
    let minutes = 0;
    while ((await command(id)).result === 'pending' && minutes < 60) {
      await pass(world, 31_000);
      minutes += 0.5;
    }
    assert.ok(minutes > 20 && minutes < 40, String(minutes));
    assert.equal((await command(id)).result, 'failed');
    assert.equal(
      world.chat.said().at(-1),
      'Ana Analyst ? minidump.ps1 ended with an unknown exit code after 48 s. Its output could not be read: Defender trouble: defender_not_found.',
    );
    assert.match(stateLine(world, id), /^\? Finished in .*, but I couldn’t read whether minidump\.ps1 succeeded$/);
    assert.equal(await audited(world, 'result.not_collected'), 1);
  });

  describe('of a script that failed', () => {
    const failed = async () => {
      const { id, action } = await scriptDone(SCRIPT, 'Failed');
      world.defender.go(action.id, 'Failed');
      await pass(world, 6_000);
      return id;
    };
    /** Looks every 31 s for so long, or until the output is there or given up. */
    const look = async (id: string, minutes: number) => {
      const until = world.now() + minutes * 60_000;
      while (world.now() < until && (await command(id)).result === 'pending') await pass(world, 31_000);
      return (await command(id)).result;
    };

    it('gives up soon where Defender says that there is none', async () => {
      const id = await failed();
      assert.equal(await look(id, 5), 'failed');
    });

    it('keeps trying through Defender’s trouble, as long as for any other', async () => {
      const { scriptResult: read } = world.defender;
      world.defender.scriptResult = async () => {
        throw defenderTrouble('defender_unreachable');
      };
      const id = await failed();
      assert.equal(await look(id, 15), 'pending');
      world.defender.scriptResult = read;
      world.defender.results.set('*', scriptResult({ exitCode: 1, output: 'boom' }));
      assert.equal(await look(id, 1), 'collected');
    });

    it('counts no read that never left', async () => {
      const { scriptResult: read } = world.defender;
      world.defender.scriptResult = async () => {
        throw new DefenderError('defender_unreachable', 'Silent.', { retryAfter: 20_000, unasked: true });
      };
      const id = await failed();
      assert.equal(await look(id, 6), 'pending');
      assert.equal((await command(id)).tries, 0);
      assert.equal((await command(id)).trouble, 'Its output couldn’t be read yet: Silent. I keep trying.');
      world.defender.scriptResult = read;
      world.defender.results.set('*', scriptResult({ exitCode: 1, output: 'boom' }));
      assert.equal(await look(id, 1), 'collected');
    });
  });

  it('counts no result twice, whoever was faster', async () => {
    const { id } = await scriptDone();
    const { scriptResult: read } = world.defender;
    world.advance(5_000);
    for (const late of [scriptResult({ output: 'late' }), defenderTrouble('defender_not_found')]) {
      world.defender.scriptResult = async (...args) => {
        world.defender.scriptResult = read;
        world.defender.results.set('*', scriptResult({ output: 'first' }));
        await world.work({ queue: 'collect', id: `${id}.1` });
        if (late instanceof Error) throw late;
        return args.length > 0 ? late : late;
      };
      await world.work({ queue: 'collect', id: `${id}.1` });
    }
    assert.deepEqual((await command(id)).head, ['first']);
  });

  it('lets our own bugs reach the engine, and does nothing for a run that isn’t there', async () => {
    const { id } = await scriptDone();
    world.advance(5_000);
    world.defender.scriptResult = async () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(world.work({ queue: 'collect', id: `${id}.1` }), TypeError);
    await world.work({ queue: 'collect', id: 'LR-000000.1' });
  });
});

describe('words for an end', () => {
  it('say exit, time, errors and trouble', () => {
    const took = { startedAt: NOW, endedAt: NOW + 48_000 };
    assert.equal(howItEnded(aCommand({ exitCode: 1, ...took })), 'ended with exit 1 after 48 s.');
    assert.equal(howItEnded(aCommand({ startedAt: NOW })), 'ended with an unknown exit code.');
    assert.equal(
      howItEnded(aCommand({ exitCode: 0, wroteErrors: true, trouble: 'T.' })),
      'ended with exit 0, but it wrote errors. T.',
    );
  });

  it('give lengths of time with their units', () => {
    const lengths: [number, string][] = [
      [-5, '0 s'],
      [499, '0 s'],
      [59_000, '59 s'],
      [60_000, '1 min'],
      [192_000, '3 min 12 s'],
      [7_200_000, '2 h'],
      [7_500_000, '2 h 5 min'],
      [41 * 86_400_000, '41 days'],
    ];
    for (const [milliseconds, words] of lengths) assert.equal(duration(milliseconds), words);
  });
});
