import assert from 'node:assert/strict';
import { buttonsOf } from '../../src/flow/buttons.ts';
import { plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { buttons, card, facts, MINUTE, type Scene, state } from '../support/card-scene.ts';
import { aCommand, aDecision, aRequest, aRun, NOW } from '../support/records.ts';

describe('the card at its end', () => {
  const ended = (run: Partial<Run>, request: Partial<Request> = {}): Scene => ({
    request: { status: 'done', endedAt: NOW, ...request },
    run: { endedAt: NOW, sentAt: NOW - 3 * MINUTE - 12_000, ...run },
  });
  const done = aCommand({
    state: 'completed',
    exitCode: 0,
    startedAt: NOW - 48_000,
    endedAt: NOW,
    result: 'collected',
  });

  const twoScripts: Partial<Request> = {
    commands: ['first.ps1', 'second.ps1'].map((script) => ({ kind: 'run', script, args: [] })),
  };

  it('calls nothing approved that never was, and still says who would have let it pass', () => {
    const denied = { request: { status: 'denied', approvedAt: null, endedAt: NOW }, decisions: [aDecision()] } as const;
    assert.equal(facts({ ...denied, decisions: [...denied.decisions] })[0], 'Had approved: Lea Lead 09:00 UTC');
    assert.equal(
      facts({ request: { approvedAt: NOW }, decisions: [aDecision()] })[0],
      '✔ Approved by Lea Lead 09:00 UTC',
    );
  });

  it('says how it ended, in how long, and nothing good where nobody knows', () => {
    assert.equal(state(ended({ status: 'succeeded', commands: [done] })), '✔ Finished in 3 min 12 s');
    assert.equal(
      state(ended({ status: 'succeeded', sentAt: null, note: 'Lea Lead says that it ran.' })),
      '? Finished, but I couldn’t read whether minidump.ps1 succeeded. Lea Lead says that it ran.',
    );
    assert.equal(
      state(ended({ status: 'succeeded', commands: [{ ...done, exitCode: null, result: 'pending' }] })),
      '◌ Finished in 3 min 12 s, reading the output',
      'whether all is well is in the output',
    );
    const trouble = 'Its output couldn’t be read yet: No link. I keep trying.';
    assert.equal(
      state(ended({ status: 'succeeded', commands: [{ ...done, exitCode: null, result: 'pending', trouble }] })),
      `◌ Finished in 3 min 12 s. ${trouble}`,
    );
    assert.equal(
      state(ended({ status: 'succeeded', commands: [{ ...done, exitCode: 2 }] })),
      '⚠ Finished in 3 min 12 s, but not every script ended with exit 0',
    );
    for (const result of ['failed', 'collected'] as const) {
      assert.equal(
        state(ended({ status: 'succeeded', commands: [done, { ...done, exitCode: null, result }] }, twoScripts)),
        '? Finished in 3 min 12 s, but I couldn’t read whether second.ps1 succeeded',
      );
    }
    assert.equal(state(ended({ status: 'cancelled', note: 'Cancelled by Lea Lead.' })), '– Cancelled by Lea Lead.');
    assert.equal(state(ended({ status: 'cancelled' })), '– Cancelled.');
    assert.equal(
      state(ended({ status: 'timed_out' })),
      '✘ Timed out: Defender gave up. Nothing shows that ws-042 picked it up.',
    );
    assert.equal(state(ended({ status: 'timed_out', pickedUpAt: NOW })), '✘ Timed out: Defender gave up.');
    const slow = [aCommand({ state: 'failed', raw: 'Failed' }), aCommand({ raw: 'Created' })];
    assert.equal(
      state(ended({ status: 'timed_out', pickedUpAt: NOW, commands: slow })),
      '✘ Timed out: Defender gave up on minidump.ps1. The commands after it did not run.',
    );
    assert.equal(
      state(ended({ status: 'failed', sentAt: NOW, pickedUpAt: null, commands: [aCommand()] })),
      '✘ Failed: Defender gave no reason. Nothing shows that ws-042 picked it up.',
    );
  });

  it('says what failed, and what didn’t run only where Defender says so', () => {
    const failed = aCommand({ state: 'failed', exitCode: 1, startedAt: NOW - 3_000, endedAt: NOW, raw: 'Failed' });
    const commands: Request['commands'] = [
      { kind: 'run', script: 'minidump.ps1', args: [] },
      { kind: 'get', path: 'C:\\x.zip' },
    ];
    const words = (...progress: Run['commands']) =>
      state(ended({ status: 'failed', commands: progress }, { commands }));
    assert.equal(
      words(failed, aCommand({ raw: 'Created' })),
      '✘ Failed: minidump.ps1 ended with exit 1 after 3 s. The commands after it did not run.',
    );
    assert.equal(words(failed, aCommand({ raw: '' })), '✘ Failed: minidump.ps1 ended with exit 1 after 3 s.');
    assert.equal(words(done, aCommand({ state: 'failed' })), '✘ Failed: C:\\x.zip failed.');
    assert.equal(words(done, aCommand()), '✘ Failed: Defender gave no reason.');
    const atDefender: Partial<Run> = { status: 'failed', actionId: 'a', note: 'Lea Lead asked to cancel it.' };
    assert.equal(
      state(ended({ ...atDefender, commands: [aCommand()] })),
      '✘ Failed: Defender gave no reason. Nothing shows that ws-042 picked it up. Lea Lead asked to cancel it.',
    );
    const put = ended(
      { status: 'failed', commands: [aCommand({ state: 'failed' })] },
      { commands: [{ kind: 'put', file: 'tool.exe' }] },
    );
    assert.equal(state(put), '✘ Failed: tool.exe failed.');
    assert.equal(
      state(ended({ status: 'failed', note: 'The script is not signed.' })),
      '✘ Failed: The script is not signed.',
    );
  });

  it('shows each command’s state, exit code, time and first lines', () => {
    const one = (progress: Parameters<typeof aCommand>[0], request: Partial<Request> = {}) =>
      card(ended({ status: 'succeeded', commands: [aCommand(progress)] }, request)).commands[0];
    const says = (progress: Parameters<typeof aCommand>[0], request: Partial<Request> = {}): string =>
      `${one(progress, request)?.symbol} ${plain(one(progress, request)?.note ?? [])}`;
    const ok = { ...done, head: ['Dumping', 'Done'], moreLines: 3 };
    assert.equal(says(ok), '✔ exit 0 · 48 s');
    assert.deepEqual(one(ok)?.output, ['Dumping', 'Done']);
    assert.equal(one(ok)?.moreLines, 3);
    assert.equal(says({ ...ok, wroteErrors: true }), '✔ exit 0 · 48 s · but it wrote errors');
    assert.equal(says({ ...ok, exitCode: 3 }), '✘ exit 3 · 48 s');
    assert.equal(says({ state: 'completed', result: 'pending' }), '◌ ended · reading its output');
    assert.equal(
      says({ state: 'completed', result: 'failed', trouble: 'No link.' }),
      '? ended, exit code unknown · No link.',
    );
    assert.equal(
      says({ state: 'failed', result: 'none', errors: ['No such file.'] }),
      '✘ failed · Defender: No such file.',
    );
    assert.equal(says({ state: 'running' }), '– was still running');
    assert.equal(says({ state: 'waiting' }), '– ');
    const get: Partial<Request> = { commands: [{ kind: 'get', path: 'C:\\x.zip' }] };
    const put: Partial<Request> = { commands: [{ kind: 'put', file: 'tool.exe' }] };
    assert.equal(says({ state: 'completed', result: 'collected' }, get), '✔ collected');
    assert.equal(says({ state: 'failed', result: 'none' }, get), '✘ not collected');
    assert.equal(says({ state: 'completed', result: 'none' }, put), '✔ placed');
    assert.equal(says({ state: 'failed', result: 'none' }, put), '✘ not placed');
  });

  it('shows nothing of a machine’s output in a channel that other organisations share', () => {
    const told = { ...done, head: ['secret'], moreLines: 9, errors: ['C:\\secret.txt'] };
    const [command] = card({ ...ended({ status: 'succeeded', commands: [told] }), around: { shared: true } }).commands;
    assert.deepEqual([command?.output, command?.moreLines], [[], 0]);
    assert.doesNotMatch(JSON.stringify(command), /secret/);
  });

  it('offers the results where there are some, and nothing to decide', () => {
    assert.deepEqual(buttons(ended({ status: 'succeeded', commands: [done] })), ['results']);
    assert.deepEqual(buttons(ended({ status: 'failed', commands: [aCommand({ state: 'failed' })] })), ['results']);
    assert.deepEqual(buttons(ended({ status: 'cancelled' })), []);
  });

  it('is a programming error where run and request have different commands', () => {
    assert.throws(() => card({ run: { commands: [] } }), /lacks command 0/);
  });
});

describe('the buttons', () => {
  it('of an approved request whose run has ended hold no Cancel', () => {
    assert.deepEqual(buttonsOf(aRequest(), aRun({ status: 'succeeded', endedAt: NOW }), []), []);
  });
});
