import assert from 'node:assert/strict';
import { defenderTrouble, libraryFile, machine, scriptResult } from '../support/fake-defender.ts';
import {
  attempt,
  audited,
  finish,
  pass,
  running,
  SCRIPT,
  SCRIPT_THEN_GET,
  stateLine,
  storyOf,
} from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('watching', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
    world.defender.results.set('*', scriptResult());
  });
  const reads = (name: string) => world.defender.reads.filter((read) => read === name).length;
  const go = (id: string, ...rest: Parameters<World['defender']['go']> extends [string, ...infer R] ? R : never) =>
    world.defender.go(id, ...rest);

  it('asks for all running actions in one call, and for none while nothing runs', async () => {
    world.defender.machines = [machine(), machine({ id: 'm2', name: 'ws-043.contoso.com' })];
    await pass(world, 6_000);
    assert.equal(reads('actions'), 0);
    const asked: (readonly string[])[] = [];
    await running(world);
    await running(world, SCRIPT.replace('042', '043'));
    const { actions } = world.defender;
    world.defender.actions = async (ids) => {
      asked.push(ids);
      return actions(ids);
    };
    await pass(world, 6_000);
    assert.deepEqual(
      asked.map((ids) => ids.length),
      [2],
    );
    await pass(world, 1_000);
    assert.equal(asked.length, 1, 'not before its turn');
  });

  it('follows an action from command to command, and edits the card only when something is new', async () => {
    const { request, action } = await running(world, SCRIPT_THEN_GET);
    const edits = () => world.chat.edits.length;
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /^◌ Sent, ws-042 hasn’t picked it up yet · since 09:00 UTC/);
    const before = edits();
    await pass(world, 6_000);
    assert.equal(edits(), before, 'nothing new');
    go(action.id, 'InProgress');
    await pass(world, 6_000);
    assert.match(
      stateLine(world, request.id),
      /^▶ Running since 09:00 UTC · command 1 of 2 · a script may take 10 min$/,
    );
    go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).commands[0]?.state, 'running');
    go(action.id, 'InProgress', [{ status: 'Completed', endedAt: world.now() }, { status: 'Submitted' }]);
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), / · command 2 of 2$/);
    assert.match(world.chat.said().at(-1) ?? '', /^✔ minidump\.ps1 ended with exit 0/);
    go(action.id, 'InProgress', [{}, { status: 'Completed' }]);
    await pass(world, 6_000);
    assert.match(stateLine(world, request.id), /all commands done, Defender is finishing$/);
    assert.equal((await world.run(request.id)).status, 'running', 'all commands done isn’t the end');
    go(action.id, 'Succeeded');
    await pass(world, 6_000);
    assert.equal((await world.request(request.id)).status, 'done');
    assert.deepEqual(world.failed, []);
  });

  it('says in the thread that a machine is there which was waited for, once, and nothing of a quick one', async () => {
    const { request, action } = await running(world);
    await pass(world, 40 * 60_000);
    go(action.id, 'InProgress');
    for (let i = 0; i < 3; i++) await pass(world, 6_000);
    const told = () => world.chat.said().filter((words) => words.includes('picked it up'));
    assert.deepEqual(told(), ['▶ ws-042 picked it up after 40 min 7 s.']);
    await finish(world, request.id);
    world.chat.replies.length = 0;
    assert.equal((await world.request(request.id)).status, 'done');
    const quick = await running(world, SCRIPT_THEN_GET);
    await pass(world, 60_000);
    go(quick.action.id, 'InProgress');
    await pass(world, 6_000);
    assert.deepEqual(told(), []);
  });

  it('takes words it doesn’t know for no progress, and no end', async () => {
    const { request, action } = await running(world);
    go(action.id, 'Dreaming', [{ status: 'Pondering' }]);
    await pass(world, 6_000);
    const { run } = await storyOf(world, request.id);
    assert.deepEqual(
      [run.status, run.actionStatus, run.commands[0]?.state, run.commands[0]?.raw],
      ['running', 'Dreaming', 'waiting', 'Pondering'],
    );
    go(action.id, 'Pending', [{ status: 'Submitted' }]);
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).commands[0]?.state, 'waiting');
  });

  it('goes on when an action is missing for a while, and when Defender can’t be asked', async () => {
    const { request, action } = await running(world);
    const list = world.defender.list;
    world.defender.list = [];
    await pass(world, 6_000);
    world.defender.list = list;
    world.defender.fail('actions', defenderTrouble('defender_throttled'));
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).status, 'running');
    go(action.id.toLowerCase(), 'TimeOut');
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).status, 'timed_out');
    assert.equal(
      stateLine(world, request.id),
      '✘ Timed out: Defender gave up. Nothing shows that ws-042 picked it up.',
    );
  });

  it('lets our own bugs reach the engine', async () => {
    await running(world);
    world.defender.actions = async () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(pass(world, 6_000), TypeError);
  });

  it('follows the others where one record makes trouble', async () => {
    world.defender.machines = [machine(), machine({ id: 'm2', name: 'ws-043.contoso.com' })];
    const first = await running(world);
    const second = await running(world, SCRIPT.replace('042', '043'));
    go(second.action.id, 'TimeOut');
    Object.assign(first.action, { commands: null, status: 'Failed' });
    const errors: unknown[] = [];
    world.deps.log = { ...world.deps.log, error: (facts) => void errors.push(facts) };
    await pass(world, 6_000);
    assert.equal(errors.length, 1);
    assert.equal((await world.run(second.request.id)).status, 'timed_out');
  });

  /** So long after sending, and then asked for again over ten minutes. */
  const MISSED = [3 * 3_600_000, 10 * 60_000];
  async function lose(): Promise<void> {
    world.defender.list = [];
    for (const time of MISSED) await pass(world, time);
  }
  const unhurried = () =>
    world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 2d').replace(/rules:[\s\S]*(?=default)/, ''));

  it('asks a person about what Defender doesn’t know any more, long after and asked time and again', async () => {
    const { request } = await running(world);
    unhurried();
    world.defender.list = [];
    await pass(world, 3 * 3_600_000);
    for (let minute = 0; minute < 9; minute++) await pass(world, 60_000);
    assert.equal((await world.run(request.id)).status, 'running', 'missing for a moment isn’t lost');
    await pass(world, 60_000);
    const { run } = await storyOf(world, request.id);
    assert.deepEqual([run.status, run.note], ['unclear', 'Defender does not list it any more.']);
    assert.match(world.chat.said().at(-1) ?? '', /^\? Still unclear whether it ran/);
    assert.equal(await audited(world, 'run.lost'), 1);
    await world.click('U0LEA', 'it_ran', attempt(run));
    assert.equal((await world.run(request.id)).status, 'succeeded');
  });

  it('starts to miss an action anew when it was shown in between', async () => {
    const { request } = await running(world);
    unhurried();
    const list = world.defender.list;
    await pass(world, 3 * 3_600_000);
    for (let round = 0; round < 3; round++) {
      world.defender.list = [];
      await pass(world, 9 * 60_000);
      await pass(world, 9 * 60_000);
      world.defender.list = list;
      await pass(world, 6_000);
    }
    assert.deepEqual(
      [(await world.run(request.id)).status, (await world.run(request.id)).missingSince],
      ['running', null],
    );
  });

  it('never takes an action for lost that nobody looked at, or that nobody was answered about', async () => {
    const { request } = await running(world);
    unhurried();
    world.defender.actions = async () => ({ shown: [], unknown: [] });
    for (let hour = 0; hour < 12; hour++) await pass(world, 3_600_000);
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('doesn’t take a word that it didn’t run where the machine was seen at work', async () => {
    const { request, action } = await running(world);
    go(action.id, 'InProgress', [{ status: 'Executing', startedAt: world.now() }]);
    await pass(world, 6_000);
    await lose();
    const { run } = await storyOf(world, request.id);
    assert.equal(run.status, 'unclear');
    assert.deepEqual(
      world.card(request.id).buttons.map((button) => button.action),
      ['it_ran', 'cancel'],
    );
    await world.click('U0LEA', 'it_did_not_run', attempt(run));
    assert.match(world.chat.whispered().at(-1) ?? '', /seen at work on it/);
    assert.equal((await world.run(request.id)).status, 'unclear');
  });

  it('sends once more what Defender lost before any machine took it, when an approver says so', async () => {
    const { request } = await running(world);
    unhurried();
    await lose();
    await world.click('U0LEA', 'it_did_not_run', attempt(await world.run(request.id)));
    const again = await world.run(request.id);
    assert.deepEqual([again.status, again.attempt, again.note], ['running', 2, null]);
    await pass(world, 60_000);
    assert.equal((await world.run(request.id)).status, 'running');
  });

  it('tells what failed, in Defender’s words, and that what came after it did not run', async () => {
    const { request, action } = await running(world, SCRIPT_THEN_GET);
    world.defender.results.set('*', scriptResult({ exitCode: 1, output: 'x', errors: 'no such process\n' }));
    go(action.id, 'Failed', [
      { status: 'Failed', startedAt: world.now(), endedAt: world.now() + 3_000, errors: ['exit code 1'] },
    ]);
    await pass(world, 6_000);
    assert.equal(
      stateLine(world, request.id),
      '✘ Failed: minidump.ps1 ended with exit 1 after 3 s. The commands after it did not run.',
    );
    const [script, end] = world.chat.replies.slice(-2);
    assert.deepEqual(script?.reply.output, ['no such process']);
    assert.deepEqual(end?.reply.output, ['exit code 1']);
    assert.equal(world.card(request.id).commands[1]?.symbol, '–');
  });

  it('tells a file that was not collected or placed, without a script’s result to wait for', async () => {
    world.defender.files.push(libraryFile({ fileName: 'tool.exe' }));
    const { request, action } = await running(world, 'put ws-042 tool.exe then get C:\\temp/x.zip');
    go(action.id, 'InProgress', [{ status: 'Completed' }]);
    await pass(world, 6_000);
    assert.equal(world.chat.said().at(-1), '✔ tool.exe was placed.');
    go(action.id, 'Failed', [{}, { status: 'Failed', errors: Array.from({ length: 25 }, (_, i) => `line ${i}`) }]);
    await pass(world, 6_000);
    const reply = world.chat.replies.at(-2)?.reply;
    assert.equal(world.chat.said().at(-2), '✘ x.zip was not collected.');
    assert.deepEqual([reply?.output.length, reply?.moreLines], [20, 5]);
    assert.ok(!world.defender.reads.includes('scriptResult'));
    assert.match(stateLine(world, request.id), /^✘ Failed: C:\\temp\/x\.zip failed\.$/);
  });

  it('says that a file was not placed', async () => {
    world.defender.files.push(libraryFile({ fileName: 'tool.exe' }));
    const { action } = await running(world, 'put ws-042 tool.exe');
    go(action.id, 'Failed', [{ status: 'Failed' }]);
    await pass(world, 6_000);
    assert.ok(world.chat.said().includes('✘ tool.exe was not placed.'));
  });

  it('takes an action that succeeded at its word where Defender drops the commands', async () => {
    const { request, action } = await running(world);
    action.commands = [];
    go(action.id, 'Succeeded');
    await pass(world, 6_000);
    const { run } = await storyOf(world, request.id);
    assert.deepEqual(
      [run.status, run.commands[0]?.state, run.commands[0]?.result],
      ['succeeded', 'completed', 'collected'],
    );
  });

  it('waits for commands that Defender doesn’t name yet', async () => {
    const { request, action } = await running(world);
    action.commands = [];
    go(action.id, 'InProgress');
    await pass(world, 6_000);
    assert.equal((await world.run(request.id)).commands[0]?.state, 'waiting');
  });

  it('says so when the work was done before a cancel came', async () => {
    const { request, action } = await running(world);
    go(action.id, 'Cancelled', [{ status: 'Completed' }]);
    await pass(world, 6_000);
    assert.equal(
      stateLine(world, request.id),
      '– Cancelled. Defender says Cancelled, but the work was already done: the cancel came too late.',
    );
  });

  it('never shows a machine’s words in a channel that others share', async () => {
    world.chat.shared.add('C0SOC');
    await world.type('U0ANA', 'get ws-042 C:\\x.zip');
    await world.settle();
    const [request] = await world.store.requestsBy({ limit: 1 });
    await world.click('U0LEA', 'approve', `${request?.id}:1`);
    const { action } = await storyOf(world, request?.id ?? '');
    go(action?.id ?? '', 'Failed', [{ status: 'Failed', errors: ['secret path'] }]);
    await pass(world, 6_000);
    assert.doesNotMatch(JSON.stringify([world.chat.replies, world.card(request?.id ?? '')]), /secret path/);
  });
});
