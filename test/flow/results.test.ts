import assert from 'node:assert/strict';
import { createResults, hashToken, mintLink } from '../../src/flow/results.ts';
import type { ResultsView } from '../../src/model/results.ts';
import { chatTrouble } from '../support/fake-chat.ts';
import { defenderTrouble, libraryFile, scriptResult } from '../support/fake-defender.ts';
import { ANA, LEA } from '../support/records.ts';
import {
  attempt,
  audited,
  finish,
  pass,
  running,
  SCRIPT,
  SCRIPT_THEN_GET,
  storyOf,
  unclear,
} from '../support/story.ts';
import { createWorld, POLICY, type World } from '../support/world.ts';

describe('results', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const results = () => createResults(world.deps);
  const token = async (id: string, person: typeof ANA | null = ANA): Promise<string> =>
    (await mintLink(world.deps, id, person)).replace('https://bot.example.com/results/', '');
  const page = async (of: string): Promise<ResultsView> => {
    const opened = await results().open(of);
    if (opened.kind !== 'page') throw new Error(opened.kind);
    return opened.page;
  };

  it('say what ran, who asked, who approved, the full output and the files; looking changes nothing', async () => {
    const { request } = await running(world, `${SCRIPT_THEN_GET} --reason "INC-1"`);
    await finish(world, request.id, 'one\ntwo\n');
    const link = await token(request.id);
    const before = [await audited(world, 'results.file_opened'), world.defender.reads.length];
    const shown = await page(link);
    assert.equal(shown.machine, 'ws-042.contoso.com');
    assert.deepEqual(
      [shown.requester, shown.approvers, shown.reason, shown.viewer],
      ['Ana Analyst', ['Lea Lead'], 'INC-1', 'Ana Analyst'],
    );
    assert.match(shown.state.words, /^Finished in/);
    assert.equal(shown.state.tone, 'good');
    assert.deepEqual(
      shown.commands.map(({ label, code, state, exitCode, output, file }) => [
        label,
        code,
        state.words,
        exitCode,
        output,
        file,
      ]),
      [
        ['Run script', 'minidump.ps1 OfficeClickToRun', 'Completed', 0, 'one\ntwo\n', 'output'],
        ['Get file', 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip', 'Completed', null, '', 'collected'],
      ],
    );
    assert.equal(shown.commands[0]?.durationMs, 3_000);
    assert.deepEqual([await audited(world, 'results.file_opened'), world.defender.reads.length], before);
  });

  it('stand behind a token of which only the hash is stored', async () => {
    const { request } = await running(world);
    const link = await token(request.id);
    assert.match(link, /^[\w-]{43}$/);
    assert.equal(hashToken(link).length, 64);
    assert.equal((await world.store.link(hashToken(link)))?.requestId, request.id);
    assert.equal(await world.store.link(link), null);
    assert.doesNotMatch(JSON.stringify(await world.audit()), new RegExp(link));
  });

  it('are unknown behind a token that was never valid, and gone behind one past its time', async () => {
    const { request } = await running(world);
    assert.deepEqual(await results().open('nonsense'), { kind: 'unknown' });
    assert.deepEqual(await results().file('nonsense', 0), { kind: 'unknown' });
    const link = await token(request.id);
    world.advance(30 * 60_000 - 1);
    assert.equal((await results().open(link)).kind, 'page');
    world.advance(1);
    assert.deepEqual(await results().open(link), { kind: 'expired' });
    assert.deepEqual(await results().file(link, 0), { kind: 'expired' });
  });

  it('are refused to whom lost the right, and withheld for the moment from whom can’t be checked', async () => {
    const { request } = await running(world);
    const link = await token(request.id);
    world.policy(POLICY.replaceAll('U0ANA', 'U0ZOE'));
    const refused = await results().open(link);
    assert.ok(refused.kind === 'refused' && /^You may not see the results/.test(refused.sentence));
    world.policy(POLICY);
    world.chat.standings.set('U0ANA', 'deactivated');
    assert.equal((await results().open(link)).kind, 'refused');
    world.chat.standings.clear();
    world.chat.fail('lookUp', chatTrouble('chat_unreachable'));
    await assert.rejects(results().open(link), {
      code: 'chat_unreachable',
      message: 'I could not check just now whether you may still see this. Try again in a minute.',
    });
    assert.equal((await results().open(link)).kind, 'page');
  });

  it('made for a thread ask nobody who they are', async () => {
    const { request } = await running(world);
    const link = await token(request.id, null);
    const looks = world.chat.looks.length;
    assert.equal((await page(link)).viewer, null);
    assert.equal(world.chat.looks.length, looks);
  });

  it('of a request without a run are unknown', async () => {
    await world.type('U0ANA', SCRIPT);
    const [request] = await world.store.requestsBy({ limit: 1 });
    assert.deepEqual(await results().open(await token(request?.id ?? '')), { kind: 'unknown' });
  });

  it('say how each command stands', async () => {
    world.defender.files.push(libraryFile({ fileName: 'tool.exe' }));
    world.defender.results.set('*', scriptResult({ exitCode: 2, output: 'out', errors: 'bad', truncated: true }));
    const { request, action } = await running(world, 'put ws-042 tool.exe then run minidump.ps1 then get C:\\x.zip');
    const link = await token(request.id);
    const states = async () => (await page(link)).commands.map(({ state, file }) => [state.tone, state.words, file]);
    assert.deepEqual(await states(), [
      ['open', 'Waiting', null],
      ['open', 'Waiting', null],
      ['open', 'Waiting', null],
    ]);
    assert.equal((await page(link)).state.tone, 'open');
    world.defender.go(action.id, 'InProgress', [
      { status: 'Completed' },
      { status: 'Executing', startedAt: world.now() },
    ]);
    await pass(world, 6_000);
    assert.deepEqual(await states(), [
      ['good', 'Completed', null],
      ['open', 'Running', null],
      ['open', 'Waiting', null],
    ]);
    world.defender.go(action.id, 'TimeOut');
    await pass(world, 6_000);
    assert.deepEqual(await states(), [
      ['good', 'Completed', null],
      ['doubt', 'Was still running', null],
      ['doubt', 'Did not run', null],
    ]);
    assert.equal((await page(link)).state.tone, 'bad');
  });

  it('show errors of scripts and of Defender, and an exit that isn’t 0', async () => {
    world.defender.results.set('*', scriptResult({ exitCode: 2, output: 'out', errors: 'bad', truncated: true }));
    const { request, action } = await running(world, SCRIPT_THEN_GET);
    const link = await token(request.id);
    world.defender.go(action.id, 'Failed', [{ status: 'Completed' }, { status: 'Failed', errors: ['no such file'] }]);
    await pass(world, 6_000);
    const [script, get] = (await page(link)).commands;
    assert.deepEqual(
      [script?.state, script?.errors, script?.truncated],
      [{ tone: 'bad', words: 'Completed with an error' }, 'bad', true],
    );
    assert.deepEqual([get?.state, get?.errors, get?.file], [{ tone: 'bad', words: 'Failed' }, 'no such file', null]);
    assert.equal(script?.durationMs, null);
  });

  it('say what is in doubt', async () => {
    const { request } = await unclear(world);
    assert.equal((await page(await token(request.id))).state.tone, 'doubt');
    await world.click('U0LEA', 'it_ran', attempt((await storyOf(world, request.id)).run));
    const [command] = (await page(await token(request.id))).commands;
    assert.deepEqual(command?.state, { tone: 'doubt', words: 'Nobody knows whether it ran' });
  });

  it('name a machine without a name by its id', async () => {
    world.defender.machines = world.defender.machines.map((one) => ({ ...one, name: '' }));
    const { id } = world.defender.machines[0] ?? { id: '' };
    const { request } = await running(world, `run ${id} minidump.ps1`);
    assert.equal((await page(await token(request.id))).machine, id);
  });
});

describe('a file of the results', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  const file = async (id: string, index: number, person: typeof ANA | null = LEA) => {
    const link = (await mintLink(world.deps, id, person)).replace('https://bot.example.com/results/', '');
    return createResults(world.deps).file(link, index);
  };

  it('is a fresh link, made for a person and audited with them', async () => {
    const { request } = await running(world, SCRIPT_THEN_GET);
    await finish(world, request.id);
    const answer = await file(request.id, 1);
    assert.ok(answer.kind === 'link' && answer.url.includes('/1?sig='));
    await file(request.id, 0, null);
    const entries = (await world.audit()).filter((one) => one.action === 'results.file_opened');
    assert.deepEqual(
      entries.map(({ data }) => data.index),
      [1, 0],
    );
    assert.equal((entries[0]?.actor as { id?: string } | undefined)?.id, 'U0LEA');
    assert.doesNotMatch(JSON.stringify(entries), /sig=/);
  });

  it('is unknown where no command leaves one', async () => {
    const { request } = await running(world);
    for (const index of [0, 1, -1, Number.NaN, 0.5])
      assert.deepEqual(await file(request.id, index), { kind: 'unknown' });
    const { request: settled, run } = await storyOf(world, request.id);
    assert.equal(settled.id, run.requestId);
  });

  it('says when Defender has not made it ready, doesn’t keep it any more, or can’t be asked', async () => {
    const { request } = await running(world, 'get ws-042 C:\\x.zip');
    await finish(world, request.id);
    world.defender.fail(
      'resultLink',
      defenderTrouble('defender_not_found'),
      defenderTrouble('defender_throttled'),
      defenderTrouble('defender_not_found'),
    );
    assert.deepEqual(await file(request.id, 0), {
      kind: 'not_ready',
      sentence: 'Defender has not made this file ready yet. Try again in a minute.',
    });
    assert.deepEqual(await file(request.id, 0), {
      kind: 'trouble',
      sentence: 'Defender trouble: defender_throttled.',
    });
    world.advance(20 * 60_000);
    assert.deepEqual(await file(request.id, 0), {
      kind: 'gone',
      sentence: 'Defender does not keep this file any more.',
    });
    const tries = (await world.audit()).filter((one) => one.action === 'results.file_not_opened');
    assert.deepEqual(
      tries.map(({ data }) => data.code),
      ['defender_not_found', 'defender_throttled', 'defender_not_found'],
    );
    assert.equal((tries[0]?.actor as { id?: string } | undefined)?.id, 'U0LEA');
    world.defender.resultLink = async () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(file(request.id, 0), TypeError);
  });

  it('that was read before and isn’t there now is gone at once', async () => {
    const { request } = await running(world);
    await finish(world, request.id);
    world.defender.fail('resultLink', defenderTrouble('defender_not_found'));
    assert.equal((await file(request.id, 0)).kind, 'gone');
  });

  it('of a run that Defender doesn’t show is gone', async () => {
    const { request, run } = await unclear(world);
    await world.click('U0LEA', 'it_ran', attempt(run));
    const settled = await world.run(request.id);
    const commands = settled.commands.map((one) => ({ ...one, state: 'completed' as const }));
    await world.store.transaction((tx) => tx.saveRun(settled, { ...settled, commands }));
    assert.equal((await file(request.id, 0)).kind, 'gone');
  });
});

describe('a results link', () => {
  it('reaches its person only, by the click, and a preview of it costs nothing', async () => {
    const world = await createWorld();
    const { request } = await running(world, SCRIPT);
    await finish(world, request.id);
    world.chat.answers.length = 0;
    await world.click('U0LEA', 'results', request.id);
    const link = world.chat.answers[0]?.answer.lines.flat().find((span) => span.kind === 'link');
    assert.equal(world.chat.answers[0]?.to, 'to-U0LEA');
    assert.ok(link?.kind === 'link');
    const opened = await createResults(world.deps).open(link.url.split('/').at(-1) ?? '');
    assert.equal(opened.kind === 'page' && opened.page.viewer, 'Lea Lead');
  });
});
