import assert from 'node:assert/strict';
import type { Word } from '../../src/actions/action.ts';
import { ACTIONS, actionNamed, actionOf } from '../../src/actions/index.ts';
import { UsageError } from '../../src/errors.ts';
import type { Command } from '../../src/model/command.ts';

const bare = (...texts: string[]): Word[] => texts.map((text, i) => ({ text, position: i * 10, quoted: false }));
const quoted = (text: string): Word => ({ text, position: 5, quoted: true });

function refusal(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error;
  }
  return assert.fail('nothing was refused');
}

const parse = (kind: Command['kind'], words: readonly Word[]) => actionOf({ kind }).parse(words);
const warn = (command: Command) => actionOf(command).warnings(command);

describe('The live response commands', () => {
  it('are three, in an explicit list, each with its place in Defender’s order', () => {
    assert.deepEqual(
      ACTIONS.map(({ kind, order }) => [kind, order]),
      [
        ['run', 1],
        ['get', 2],
        ['put', 0],
      ],
    );
    assert.equal(actionNamed('get')?.label, 'Get file');
    assert.equal(actionNamed('isolate'), undefined);
  });

  it('say with a name which library file they need, and take the library’s own spelling of it', () => {
    const run: Command = { kind: 'run', script: 'minidump', args: ['x'] };
    const put: Command = { kind: 'put', file: 'TOOL' };
    const get: Command = { kind: 'get', path: '/x' };
    assert.equal(actionOf(run).libraryFile(run), 'minidump');
    assert.deepEqual(actionOf(run).withLibraryFile(run, 'MiniDump.ps1'), {
      kind: 'run',
      script: 'MiniDump.ps1',
      args: ['x'],
    });
    assert.equal(actionOf(put).libraryFile(put), 'TOOL');
    assert.deepEqual(actionOf(put).withLibraryFile(put, 'tool.exe'), { kind: 'put', file: 'tool.exe' });
    assert.equal(actionOf(get).libraryFile(get), null);
    assert.deepEqual(actionOf(get).withLibraryFile(get, 'x'), get);
  });
});

describe('run', () => {
  it('sends its arguments as one string, those with blanks in double quotes', () => {
    const command = parse('run', [...bare('a.ps1', '-Path'), quoted('C:\\Program Files')]);
    assert.deepEqual(actionOf(command).toWire(command), {
      type: 'RunScript',
      params: [
        { key: 'ScriptName', value: 'a.ps1' },
        { key: 'Args', value: '-Path "C:\\Program Files"' },
      ],
    });
    assert.equal(actionOf(command).show(command), 'a.ps1 -Path "C:\\Program Files"');
  });

  it('leaves Args out where there are no arguments', () => {
    const command = parse('run', bare('a.ps1'));
    assert.deepEqual(actionOf(command).toWire(command).params, [{ key: 'ScriptName', value: 'a.ps1' }]);
    assert.equal(actionOf(command).show(command), 'a.ps1');
  });

  it('refuses a missing script, a path in its place, an empty argument, and double quotes inside one', () => {
    assert.match(refusal(() => parse('run', [])).message, /Which script/);
    assert.match(refusal(() => parse('run', [quoted(' ')])).message, /Which script/);
    assert.match(refusal(() => parse('run', bare('C:\\a.ps1'))).message, /can't be a script of the library/);
    assert.equal(refusal(() => parse('run', [...bare('a.ps1'), quoted('')])).position, 5);
    for (const word of [...bare('-x="y"', '-x=“y”'), quoted('a"b')]) {
      const error = refusal(() => parse('run', [...bare('a.ps1'), word]));
      assert.match(error.message, /base64/);
      assert.doesNotMatch(error.example, /[“”]/);
    }
  });

  it('keeps typographic quotes that stand in quotes', () => {
    assert.deepEqual(parse('run', [...bare('a.ps1'), quoted('“x”')]), { kind: 'run', script: 'a.ps1', args: ['“x”'] });
  });

  it('warns of names and arguments that Defender is known to mangle, and of nothing else', () => {
    assert.deepEqual(warn({ kind: 'run', script: 'a_b-c.ps1', args: ['-x', 'C:\\a b'] }), []);
    assert.match(String(warn({ kind: 'run', script: 'hello copy.sh', args: [] })), /blank/);
    assert.match(String(warn({ kind: 'run', script: 'a(1).ps1', args: [] })), /letters, digits/);
    assert.match(String(warn({ kind: 'run', script: 'a.ps1', args: ['x;y', '$z;'] })), /against ; \$ in/);
    assert.match(String(warn({ kind: 'run', script: 'a.ps1', args: ['C:\\a b\\'] })), /backslash/);
  });
});

describe('put', () => {
  it('takes one library file and sends its name', () => {
    const command = parse('put', bare('tool.exe'));
    assert.deepEqual(actionOf(command).toWire(command), {
      type: 'PutFile',
      params: [{ key: 'FileName', value: 'tool.exe' }],
    });
    assert.equal(actionOf(command).show(command), 'tool.exe');
    assert.match(String(warn({ kind: 'put', file: 'my tool.exe' })), /blank/);
  });

  it('refuses a second word', () => {
    const error = refusal(() => parse('put', bare('tool.exe', 'C:\\')));
    assert.equal(error.position, 10);
    assert.equal(error.example, 'put ws-042 tool.exe');
    assert.match(refusal(() => parse('put', [])).message, /Which file/);
  });
});

describe('get', () => {
  it('takes all words as one path and sends it as it stands', () => {
    const command = parse('get', bare('C:\\Program', 'Files\\x.txt'));
    assert.deepEqual(command, { kind: 'get', path: 'C:\\Program Files\\x.txt' });
    assert.deepEqual(actionOf(command).toWire(command), {
      type: 'GetFile',
      params: [{ key: 'Path', value: 'C:\\Program Files\\x.txt' }],
    });
    assert.equal(actionOf(command).show(command), 'C:\\Program Files\\x.txt');
  });

  for (const path of ['C:/Windows/x', 'd:\\x', '/var/log/x', '/var/log/a:b', '/tmp/a b.', 'C:\\a\\.b', 'C:\\x~y']) {
    it(`takes ${path}`, () => {
      assert.deepEqual(parse('get', [quoted(path)]), { kind: 'get', path });
    });
  }

  const REFUSED: [path: string, why: RegExp][] = [
    ['', /Which file/],
    ['x.txt', /complete path/],
    ['C:x.txt', /complete path/],
    ['\\Windows\\x', /complete path/],
    ['%TEMP%\\x', /variables/],
    ['~/x', /complete path/],
    ['\\\\server\\share\\x', /network share/],
    ['//server/share/x', /network share/],
    ['\\\\?\\C:\\x', /not accepted/],
    ['\\\\.\\PhysicalDrive0', /not accepted/],
    ['//?/C:/x', /not accepted/],
    ['C:\\a\\..\\x', /\.\./],
    ['/a/../x', /\.\./],
    ['/a\\..\\x', /\.\./],
    ['C:\\a\\.\\x', /\. or/],
    ['C:\\a\\', /folder/],
    ['/', /folder/],
    ['C:\\a\\\\x', /two separators/],
    ['C:\\PROGRA~1\\x', /Short names/],
    ['C:\\a\\x.txt:stream', /second colon/],
    ['C:\\a\\x::$DATA', /second colon/],
    ['C:\\NTDS.\\x', /dot or blank/],
    ['C:\\NTDS \\x', /dot or blank/],
    ['C:\\a\\*.txt', /Wildcards/],
    ['C:\\a<b', /Windows path/],
  ];
  for (const [path, why] of REFUSED) {
    it(`refuses ${path === '' ? 'no path' : path}`, () => {
      const error = refusal(() => parse('get', [quoted(path)]));
      assert.match(error.message, why);
      assert.match(error.example, /^get ws-042 /);
    });
  }

  it('offers the plain spelling where there is one', () => {
    assert.equal(refusal(() => parse('get', bare('C:\\a\\\\x'))).example, 'get ws-042 C:\\a\\x');
    assert.equal(refusal(() => parse('get', bare('\\\\?\\C:\\x'))).example, 'get ws-042 C:\\x');
    assert.equal(refusal(() => parse('get', bare('C:\\x:y'))).example, 'get ws-042 C:\\x');
    assert.match(refusal(() => parse('get', bare('\\\\.\\pipe'))).example, /output\.zip/);
  });

  it('warns that wildcards find nothing', () => {
    assert.match(String(warn({ kind: 'get', path: '/var/log/*' })), /wildcards/);
    assert.deepEqual(warn({ kind: 'get', path: '/var/log/x' }), []);
  });
});
