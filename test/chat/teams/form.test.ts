import assert from 'node:assert/strict';
import fc from 'fast-check';
import { enteredIn, readForm } from '../../../src/chat/form.ts';
import { checkCard, checkOutgoing } from '../../../src/chat/teams/check.ts';
import { formCard } from '../../../src/chat/teams/form-card.ts';
import { renderFormButton } from '../../../src/chat/teams/render.ts';
import { parseLine } from '../../../src/flow/command.ts';
import { blocks, contentOf, objects, ofType, rendererProblems } from './reading.ts';

const one = { machine: 'ws-042', kind1: 'run', script1: 'minidump.ps1', words1: 'OfficeClickToRun' };
const PATH = 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip';

const line = (inputs: Record<string, unknown>) => {
  const outcome = readForm(inputs);
  return 'line' in outcome ? outcome.line : assert.fail(outcome.error);
};
const error = (inputs: Record<string, unknown>) => {
  const outcome = readForm(inputs);
  return 'error' in outcome ? outcome.error : assert.fail(outcome.line);
};

describe('a submitted form in Teams', () => {
  it('becomes the words that somebody would have typed', () => {
    const second = { kind2: 'get', script2: '', words2: PATH, reason: 'INC-1234 "odd" process' };
    assert.equal(
      line({ ...one, ...second }),
      `run ws-042 minidump.ps1 OfficeClickToRun then get ${PATH} --reason "INC-1234 ""odd"" process"`,
    );
    assert.equal(line({ machine: 'ws-042', kind1: 'put', script1: 'tool.exe' }), 'put ws-042 tool.exe');
  });

  it('keeps arguments arguments, whatever they look like', () => {
    assert.deepEqual(parseLine(line({ ...one, words1: '-Name "a b" then --reason x --break-glass --' })), {
      kind: 'request',
      machine: 'ws-042',
      commands: [
        { kind: 'run', script: 'minidump.ps1', args: ['-Name', 'a b', 'then', '--reason', 'x', '--break-glass', '--'] },
      ],
      reason: null,
      breakGlass: false,
    });
  });

  it('takes a path whole, with blanks and in the quotes that Windows copies along', () => {
    for (const words1 of ['C:\\Program Files\\a then b.log', '"C:\\Program Files\\a then b.log"']) {
      const { commands } = parseLine(line({ machine: 'ws-042', kind1: 'get', words1 })) as { commands?: unknown };
      assert.deepEqual(commands, [{ kind: 'get', path: 'C:\\Program Files\\a then b.log' }]);
    }
  });

  it('leaves out commands that nobody filled in', () => {
    assert.equal(
      line({ ...one, kind2: 'run', script2: ' ', words2: '', kind3: 'get', words3: PATH }).split(' then ').length,
      2,
    );
  });

  it('says what is missing, and where', () => {
    assert.equal(error({}), 'Choose a machine.');
    assert.match(error({ machine: 'ws-042', kind1: 'run' }), /^Say what to do/);
    assert.equal(error({ machine: 'ws-042', kind1: 'run', words1: 'x' }), 'Choose the script to run.');
    assert.equal(error({ machine: 'ws-042', kind1: 'put', words1: 'x' }), 'Choose the library file to place.');
    assert.match(error({ ...one, kind2: 'get', words2: 'no path' }), /^Command 2: /);
    assert.equal(error({ ...one, kind1: 'isolate' }), 'Choose what to do.');
    assert.equal(error({ ...one, kind1: undefined }), 'Choose what to do.');
  });

  it('says at which input it is', () => {
    const at = (inputs: Record<string, unknown>) => {
      const outcome = readForm(inputs);
      return 'input' in outcome ? outcome.input : assert.fail(outcome.line);
    };
    assert.equal(at({}), 'machine');
    assert.equal(at({ ...one, machine: 'ws 042' }), 'machine');
    assert.equal(at({ machine: 'ws-042', kind1: 'run' }), 'script1');
    assert.equal(at({ ...one, script1: '..\\evil.ps1' }), 'script1');
    assert.equal(at({ ...one, words1: 'say "un' }), 'words1');
    assert.equal(at({ ...one, kind1: 'isolate' }), 'kind1');
    assert.equal(at({ ...one, kind1: 'get', words1: PATH }), 'script1');
    assert.equal(at({ ...one, kind1: 'put' }), 'words1');
    // The third on the form, the second of those that are filled in.
    assert.equal(at({ ...one, kind3: 'get', words3: 'no path' }), 'words3');
    assert.equal(at({ ...one, kind1: 'get', script1: '', words1: PATH, kind4: 'run', script4: 'a.ps1' }), 'script4');
    assert.equal(at({ ...one, reason: 'right\u202Eleft' }), 'reason');
  });

  it('asks about what stands where it has no meaning instead of dropping it', () => {
    assert.match(error({ ...one, kind1: 'get', words1: PATH }), /clear “minidump\.ps1”/);
    assert.match(error({ ...one, kind1: 'put' }), /without arguments/);
  });

  it('is refused for the reasons for which typed words are', () => {
    assert.match(error({ ...one, machine: 'ws 042' }), /can't be a machine/);
    assert.match(error({ ...one, script1: '..\\evil.ps1' }), /can't be a script of the library/);
    assert.match(error({ ...one, words1: 'say "un' }), /never closed/);
    assert.match(error({ ...one, words1: 'x'.repeat(2001) }), /too long/);
    assert.match(error({ ...one, reason: 'right\u202Eleft' }), /invisible control character/);
    assert.match(
      error({ ...one, kind1: 'get', script1: '', words1: PATH, kind2: 'run', script2: 'a.ps1' }),
      /Keep that order/,
    );
  });

  it('never asks for more than its fields say', () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        'ws-042',
        'a.ps1',
        PATH,
        'then',
        '--break-glass',
        '" then put x',
        "' --reason y",
        '--',
        '“',
        'run',
      ),
      fc
        .array(fc.constantFrom('"', ' ', 'then', '--machines', 'a', '\\', "'", '„'), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    const inputs = fc.record({
      machine: field,
      kind1: fc.constantFrom('run', 'get', 'put'),
      script1: field,
      words1: field,
      kind2: fc.constantFrom('run', 'get', 'put'),
      script2: field,
      words2: field,
      reason: field,
    });
    fc.assert(
      fc.property(inputs, (each) => {
        const outcome = readForm(each);
        if ('error' in outcome) return assert.notEqual(outcome.error, '');
        const read = parseLine(outcome.line);
        assert.ok(read.kind === 'request');
        const given = enteredIn(each);
        assert.deepEqual(
          [read.commands.map(({ kind }) => kind), read.reason !== null, read.breakGlass],
          [given.commands?.map(({ kind }) => kind), given.reason !== '', false],
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is shown again as it was entered', () => {
    const inputs = { ...one, kind2: 'get', words2: ` ${PATH} `, reason: 'INC-1', machine: ['x'], other: 'y' };
    assert.deepEqual(enteredIn(inputs), {
      machine: '',
      commands: [
        { kind: 'run', script: 'minidump.ps1', words: 'OfficeClickToRun' },
        { kind: 'get', script: '', words: PATH },
      ],
      reason: 'INC-1',
    });
  });
});

describe('the form in Teams', () => {
  const shown = (content: unknown) =>
    [...objects(content)]
      .filter(({ id, isVisible }) => /^(command|more)\d$/.test(String(id)) && isVisible !== false)
      .map(({ id }) => id);

  it('asks for machine, one command and a reason, with typeahead where there is something to choose', () => {
    const content = formCard();
    assert.deepEqual(shown(content), ['command1', 'more1']);
    assert.deepEqual(
      ofType(content, 'Input.ChoiceSet')
        .slice(0, 3)
        .map((input) => [input.id, input['choices.data'], input.isRequired]),
      [
        ['machine', { type: 'Data.Query', dataset: 'machines' }, true],
        ['kind1', undefined, undefined],
        ['script1', { type: 'Data.Query', dataset: 'library' }, undefined],
      ],
    );
    assert.deepEqual(content.actions, [{ type: 'Action.Submit', title: 'Ask for approval', style: 'positive' }]);
    assert.deepEqual(checkCard(content), []);
    assert.deepEqual(rendererProblems(content), []);
  });

  it('labels each input by itself, for those who hear one at a time', () => {
    const labels = [...objects(formCard())]
      .filter(({ type }) => String(type).startsWith('Input.'))
      .map(({ label }) => label);
    assert.equal(new Set(labels).size, labels.length);
    assert.equal(labels.length, 17);
  });

  it('unfolds one command after the other, up to five', () => {
    const toggles = ofType(formCard(), 'Action.ToggleVisibility').map(({ targetElements }) =>
      (targetElements as { elementId: string; isVisible: boolean }[]).map(
        ({ elementId, isVisible }) => `${isVisible ? '+' : '-'}${elementId}`,
      ),
    );
    assert.deepEqual(toggles, [
      ['+command2', '-more1', '+more2'],
      ['+command3', '-more2', '+more3'],
      ['+command4', '-more3', '+more4'],
      ['+command5', '-more4'],
    ]);
  });

  it('is shown again with what was entered and what was wrong', () => {
    const content = formCard({
      ...enteredIn({ ...one, kind2: 'get', words2: PATH, reason: 'INC-1' }),
      error: 'Command 2: *no*.',
    });
    assert.deepEqual(shown(content), ['command1', 'command2', 'more2']);
    assert.equal(blocks(content)[0], 'Command 2: *no*.');
    const value = (id: string) => [...objects(content)].find((each) => each.id === id)?.value;
    assert.deepEqual(['machine', 'kind1', 'script1', 'words1', 'kind2', 'script2', 'words2', 'reason'].map(value), [
      'ws-042',
      'run',
      'minidump.ps1',
      'OfficeClickToRun',
      'get',
      undefined,
      PATH,
      'INC-1',
    ]);
    assert.deepEqual(checkCard(content), []);
    assert.deepEqual(rendererProblems(content), []);
  });

  it('opens from a button, since Teams opens dialogs from nothing else', () => {
    const outgoing = renderFormButton();
    assert.deepEqual(contentOf(outgoing).actions, [
      { type: 'Action.Submit', title: 'Open the form', data: { msteams: { type: 'task/fetch' } } },
    ]);
    assert.deepEqual(checkOutgoing(outgoing), []);
  });
});
