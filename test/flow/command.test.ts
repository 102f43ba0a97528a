import assert from 'node:assert/strict';
import { UsageError } from '../../src/errors.ts';
import { COMMANDS, formatLine, helpFor, MAX_LINE, parseLine, type RequestLine } from '../../src/flow/command.ts';
import { exampleOf, nearest, nearestCommand, usageOf } from '../../src/flow/command-table.ts';

function usage(line: string): UsageError {
  try {
    parseLine(line);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    parseLine(error.example);
    return error;
  }
  return assert.fail(`“${line}” was understood`);
}

function request(line: string): RequestLine {
  const parsed = parseLine(line);
  assert.ok(parsed.kind === 'request');
  return parsed;
}

const DOCUMENTED = 'run ws-042 minidump.ps1 OfficeClickToRun then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip';

describe('A typed request', () => {
  it('is understood as documented, and written the same again', () => {
    const line = parseLine(DOCUMENTED);
    assert.deepEqual(line, {
      kind: 'request',
      machine: 'ws-042',
      commands: [
        { kind: 'run', script: 'minidump.ps1', args: ['OfficeClickToRun'] },
        { kind: 'get', path: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip' },
      ],
      reason: null,
      breakGlass: false,
    });
    assert.equal(formatLine(line), DOCUMENTED);
  });

  it('takes its options anywhere, with a blank or =, in any case', () => {
    const plain = request('run ws-042 a.ps1 x --reason "INC-1 y" --break-glass');
    for (const line of [
      '--reason "INC-1 y" --break-glass run ws-042 a.ps1 x',
      'run --break-glass ws-042 --Reason="INC-1 y" a.ps1 x',
      'RUN ws-042 a.ps1 —reason=“INC-1 y” x –break-glass',
    ]) {
      assert.deepEqual(parseLine(line), plain, line);
    }
  });

  it('leaves what follows a bare -- to the script', () => {
    const line = request('run ws-042 a.ps1 --reason "x" -- --reason -- --verbose=1');
    assert.deepEqual(line.commands, [{ kind: 'run', script: 'a.ps1', args: ['--reason', '--', '--verbose=1'] }]);
    assert.equal(line.reason, 'x');
    assert.deepEqual(parseLine(formatLine(line)), line);
  });

  it('takes a quoted "then", and a quoted option, as arguments', () => {
    const line = request('run ws-042 a.ps1 "then" “--reason” Then get /x');
    assert.deepEqual(line.commands, [
      { kind: 'run', script: 'a.ps1', args: ['then', '--reason'] },
      { kind: 'get', path: '/x' },
    ]);
  });

  it('collects a path of several words', () => {
    assert.deepEqual(request('get ws-042 C:\\Program   Files\\x --reason y').commands, [
      { kind: 'get', path: 'C:\\Program Files\\x' },
    ]);
    assert.deepEqual(request('get ws-042 "C:\\a  b\\x"').commands, [{ kind: 'get', path: 'C:\\a  b\\x' }]);
    assert.deepEqual(request('get ws-042 /a -- --b').commands, [{ kind: 'get', path: '/a --b' }]);
    assert.deepEqual(request('get ws-042 — /a b').commands, [{ kind: 'get', path: '/a b' }]);
  });

  it('is refused where a dash in a path may be a -- of ours', () => {
    assert.equal(usage('get ws-042 C:\\a — b').example, 'get ws-042 "C:\\a — b"');
  });

  it('takes a machine as DNS name, first label, id or with letters of any script', () => {
    for (const machine of ['ws-042.contoso.com', 'WS_1', '1f'.repeat(20), 'büro-7']) {
      assert.equal(request(`run ${machine} a.ps1`).machine, machine);
    }
  });

  it('is refused with the place of a machine that can’t be one', () => {
    assert.equal(usage('run ws!042 a.ps1').position, 4);
    assert.match(usage('run &lt;ws-042&gt; a.ps1').message, /letters, digits/);
    assert.match(usage('run ws-1,ws-2 a.ps1').message, /behind --machines: --machines ws-1,ws-2$/);
    usage('run ,x a.ps1');
    usage(`run ${'a'.repeat(254)} a.ps1`);
    assert.equal(usage('run').position, 3);
    assert.equal(usage('run then get /x').position, 4);
  });

  it('is refused with the place where a word is missing', () => {
    assert.deepEqual(
      [usage('run ws-7').position, usage('run ws-7').example],
      [8, 'run ws-7 minidump.ps1 OfficeClickToRun'],
    );
    assert.equal(usage('run ws-7 a.ps1 then get').position, 23);
    assert.equal(usage('put ws-7 a then run then get /x').position, 20);
    assert.equal(usage('run ws-7 a.ps1 then').position, 15);
    assert.equal(usage('run ws-7 a.ps1 then then get /x').position, 15);
    assert.match(usage('then get /x').message, /don't know|missing/);
  });

  it('keeps Defender’s order of commands, and says the right one', () => {
    const error = usage('get ws-042 /x then run a.ps1 "b c" then put d --reason e');
    assert.equal(error.position, 19);
    assert.equal(error.example, 'put ws-042 d then run a.ps1 "b c" then get /x --reason "e"');
    assert.equal(request('put ws-042 d then put e then run a then run b then get /x then get /y').commands.length, 6);
  });

  it('has ten commands at most', () => {
    const ten = `run ws-042 a${' then run a'.repeat(9)}`;
    assert.equal(request(ten).commands.length, 10);
    const error = usage(`${ten} then run a`);
    assert.match(error.message, /11 commands/);
    assert.equal(error.example, ten);
  });

  it('does not name the machine again after then', () => {
    const error = usage('run ws-042 a.ps1 then run WS-042 b.ps1 c');
    assert.equal(error.example, 'run ws-042 a.ps1 then run b.ps1 c');
    assert.equal(request('run ws-042 a.ps1 then run ws-042').commands.length, 2);
    const quoted = request('run ws-042 a.ps1 then run "WS-042" x then run "a b"');
    assert.deepEqual(parseLine(formatLine(quoted)), quoted);
  });

  it('has only run, get and put after then', () => {
    assert.equal(usage('run ws-042 a.ps1 then gte C:\\x').example, 'run ws-042 a.ps1 then get C:\\x');
    assert.match(usage('run ws-042 a.ps1 then status').message, /in quotes/);
  });

  it('passes on what its commands refuse, with the machine that was typed', () => {
    const error = usage('put ws-7 a then get C:\\a\\\\b');
    assert.deepEqual([error.position, error.example], [20, 'get ws-7 C:\\a\\b']);
    assert.match(usage('run ws-7 a.ps1 -x="y"').message, /base64/);
  });

  it('is at most so long, and so is its canonical form', () => {
    const head = 'run ws-042 a.ps1 ';
    assert.equal(request(head.padEnd(MAX_LINE, 'x')).commands.length, 1);
    assert.equal(usage(head.padEnd(MAX_LINE + 1, 'x')).position, MAX_LINE);
    assert.match(usage(`${head}--reason '${'"'.repeat(1500)}x'`).message, /too long/);
  });

  it('lets programming errors through as they are', () => {
    assert.throws(() => parseLine(null as unknown as string), TypeError);
    assert.throws(() => parseLine({ length: 3 } as unknown as string), TypeError);
  });
});

const hundredAndOne = () => Array.from({ length: 101 }, (_unused, n) => `w${n}`).join(',');

describe('A request on several machines', () => {
  const RUN = { kind: 'run', script: 'a.ps1', args: ['x'] };

  it('says which ones with an option, anywhere in the line, and names none behind the verb', () => {
    const cases: [line: string, aim: RequestLine['aim'], canonical: string][] = [
      ['run --machines a,B,a,b a.ps1 x', { by: 'names', names: ['a', 'b'] }, 'run a.ps1 x --machines a,b'],
      ['--machines="a, b" run a.ps1 x', { by: 'names', names: ['a', 'b'] }, 'run a.ps1 x --machines a,b'],
      ['run a.ps1 —tag “tier 0” x', { by: 'tag', is: 'tier 0' }, 'run a.ps1 x --tag "tier 0"'],
      ['run a.ps1 x --group=Workstations', { by: 'group', is: 'Workstations' }, 'run a.ps1 x --group Workstations'],
      [
        'run a.ps1 x --machines <http://a.b|a.b>,<http://c.d|c.d>',
        { by: 'names', names: ['a.b', 'c.d'] },
        'run a.ps1 x --machines a.b,c.d',
      ],
    ];
    for (const [line, aim, canonical] of cases) {
      const parsed = request(line);
      assert.deepEqual([parsed.machine, parsed.commands], ['', [RUN]], line);
      assert.deepEqual(new Set(Object.values(parsed.aim ?? {}).flat()), new Set(Object.values(aim ?? {}).flat()), line);
      assert.equal(formatLine(parsed).toLowerCase(), canonical.toLowerCase());
    }
  });

  it('that names one only is a request on that one', () => {
    assert.deepEqual(request('run a.ps1 x --machines ws-042'), request('run ws-042 a.ps1 x'));
  });

  it('may have several commands, and a path of several words', () => {
    const line = 'put tool.exe then get C:\\Program Files\\x --tag finance --reason "INC-1 y"';
    assert.equal(
      formatLine(request(line)),
      'put tool.exe then get "C:\\Program Files\\x" --tag finance --reason "INC-1 y"',
    );
  });
});

describe('Options', () => {
  const CASES: [line: string, why: RegExp, at: number, example?: string][] = [
    ['run a.ps1 --machines', /needs names with commas/, 20],
    ['run a.ps1 --machines a,,b', /name is missing beside a comma/, 21],
    ['run a.ps1 --machines a, b', /name is missing beside a comma/, 21],
    ['run a.ps1 --machines a ,b', /name is missing beside a comma/, 21],
    ['run a a.ps1 --machines A,b', /no machine is named behind run/, 4],
    ['run a.ps1 --machines a,b!', /“b!” can't be a machine/, 21],
    [`run a.ps1 --machines ${hundredAndOne()}`, /101 machines; one request takes 100 at most/, 21],
    ['run a.ps1 --machines a,b --machines c', /twice/, 25],
    ['run a.ps1 --machines a,b --tag c', /--machines and --tag don’t go together/, 25],
    ['run a.ps1 --tag', /needs a tag/, 15],
    ['run --group= a.ps1', /needs the name of a device group/, 12],
    ['run --machines a,b', /script/, 18, 'run minidump.ps1 OfficeClickToRun --machines a,b'],
    ['status --tag x', /takes no option/, 7],
    ['cancel --group x', /takes no option/, 7],
    ['run ws a.ps1 --reason', /needs words/, 21],
    ['run ws a.ps1 --reason ""', /needs words/, 22],
    ['run ws a.ps1 --reason= x', /needs words/, 22],
    ['run ws a.ps1 --reason --break-glass', /needs words/, 35],
    ['run ws a.ps1 --reason then get /x', /needs words/, 33],
    ['run ws a.ps1 --reason a --reason b', /twice/, 24],
    ['run ws a.ps1 --break-glass --break-glass', /twice/, 27],
    ['run ws a.ps1 --break-glass=true', /no value/, 13],
    ['run ws a.ps1 --reson=x', /Did you mean --reason/, 13, 'run ws a.ps1 --reason=x'],
    ['run ws a.ps1 —reson “x y”', /Did you mean --reason/, 13, 'run ws a.ps1 --reason “x y”'],
    ['run ws a.ps1 --verbose', /put -- before it/, 13, 'run ws a.ps1 -- --verbose'],
    [
      'run ws a.ps1 --out="a b" "x" --reason r --break-glass -q --log=1 then get /x',
      /put -- before it/,
      13,
      'run ws a.ps1 --break-glass --reason r -- "--out=a b" x -q --log=1 then get /x',
    ],
    ['run ws "then" --all', /put -- before it/, 14, 'run ws "then" -- --all'],
    ['--reason x', /options alone/, 0],
    ['status --reason x', /takes no option/, 7],
    ['pending --break-glass', /takes no option/, 8],
    ['machines ws --reason x', /takes no option/, 12],
  ];
  for (const [line, why, at, example] of CASES) {
    it(`are refused in: ${line}`, () => {
      const error = usage(line);
      assert.match(error.message, why);
      assert.equal(error.position, at);
      if (example !== undefined) assert.equal(error.example, example);
    });
  }
});

describe('A line that is no request', () => {
  const LINES: [line: string, parsed: ReturnType<typeof parseLine>, canonical?: string][] = [
    ['', { kind: 'form' }],
    [' \u00a0', { kind: 'form' }, ''],
    ['status', { kind: 'status', id: null }],
    ['Status lr-8k3f2q', { kind: 'status', id: 'LR-8K3F2Q' }, 'status LR-8K3F2Q'],
    ['show LR-8K3F2Q.1', { kind: 'show', id: 'LR-8K3F2Q' }, 'show LR-8K3F2Q'],
    ['results LR-8K3F2Q', { kind: 'results', id: 'LR-8K3F2Q' }],
    ['withdraw', { kind: 'withdraw', id: null }],
    ['again LR-8K3F2Q', { kind: 'again', id: 'LR-8K3F2Q' }],
    ['cancel', { kind: 'cancel', id: null, why: null }],
    ['cancel 8K3F2Q', { kind: 'cancel', id: 'LR-8K3F2Q', why: null }, 'cancel LR-8K3F2Q'],
    ['cancel PXBHRK', { kind: 'cancel', id: 'LR-PXBHRK', why: null }, 'cancel LR-PXBHRK'],
    [
      'cancel LR-8K3F2Q it is wrong',
      { kind: 'cancel', id: 'LR-8K3F2Q', why: 'it is wrong' },
      'cancel LR-8K3F2Q "it is wrong"',
    ],
    ['cancel please', { kind: 'cancel', id: null, why: 'please' }, 'cancel "please"'],
    ['cancel "8K3F2Q"', { kind: 'cancel', id: null, why: '8K3F2Q' }],
    ['cancel INC-1 closed', { kind: 'cancel', id: null, why: 'INC-1 closed' }, 'cancel "INC-1 closed"'],
    ['cancel LR-8K3F2Q --reason "no"', { kind: 'cancel', id: 'LR-8K3F2Q', why: 'no' }, 'cancel LR-8K3F2Q "no"'],
    ['cancel --reason "no"', { kind: 'cancel', id: null, why: 'no' }, 'cancel "no"'],
    ['pending', { kind: 'pending' }],
    ['history', { kind: 'history', machine: null }],
    ['history ws-042', { kind: 'history', machine: 'ws-042' }],
    [`explain ${DOCUMENTED}`, { kind: 'explain', line: DOCUMENTED }],
    [`explain "${DOCUMENTED}"`, { kind: 'explain', line: DOCUMENTED }, `explain ${DOCUMENTED}`],
    [
      'explain run ws a --reason x',
      { kind: 'explain', line: 'run ws a --reason "x"' },
      'explain run ws a --reason "x"',
    ],
    ['whoami', { kind: 'whoami' }],
    ['machines 10.0.0.1', { kind: 'machines', query: '10.0.0.1' }],
    ['machines two words', { kind: 'machines', query: 'two words' }, 'machines "two words"'],
    ['library', { kind: 'library', file: null }],
    ['library LIST', { kind: 'library', file: null }, 'library'],
    ['library show a.ps1', { kind: 'library', file: 'a.ps1' }],
    ['pause', { kind: 'pause', why: null }],
    ['pause until noon', { kind: 'pause', why: 'until noon' }, 'pause "until noon"'],
    ['resume', { kind: 'resume' }],
    ['help', { kind: 'help', word: null }],
    ['? Run please', { kind: 'help', word: 'run' }, 'help run'],
    ['--help', { kind: 'help', word: null }, 'help'],
    ['get --HELP', { kind: 'help', word: 'get' }, 'help get'],
    ['help --reason', { kind: 'help', word: '--reason' }, 'help "--reason"'],
    ['isolate ws-042', { kind: 'isolate-like', verb: 'isolate', machine: 'ws-042' }],
    [
      'Collect package from ws-042 --now',
      { kind: 'isolate-like', verb: 'collect', machine: 'ws-042' },
      'collect ws-042',
    ],
    ['--reason x isolate ws-042', { kind: 'isolate-like', verb: 'isolate', machine: 'ws-042' }, 'isolate ws-042'],
    [
      '--reason x explain run ws a',
      { kind: 'explain', line: 'run ws a --reason "x"' },
      'explain run ws a --reason "x"',
    ],
    ['scan', { kind: 'isolate-like', verb: 'scan', machine: null }],
  ];
  for (const [line, parsed, canonical] of LINES) {
    it(`is understood: ${JSON.stringify(line)}`, () => {
      assert.deepEqual(parseLine(line), parsed);
      assert.equal(formatLine(parsed), canonical ?? line);
      assert.deepEqual(parseLine(formatLine(parsed)), parsed);
    });
  }

  const WRONG: [line: string, why: RegExp, at: number][] = [
    ['status nonsense', /isn't the id/, 7],
    ['cancel LR-12', /isn't the id/, 7],
    ['cancel LR8K3F2Q wrong', /isn't the id/, 7],
    ['cancel why --reason why', /twice/, 11],
    ['pause x --break-glass', /no option/, 8],
    ['withdraw LR-8K3F2Q because', /too many/, 19],
    ['whoami now', /too many/, 7],
    ['history a b', /too many/, 10],
    ['history a!', /can't be a machine/, 8],
    ['machines', /Which machines/, 8],
    ['machines " "', /Which machines/, 12],
    ['library delete', /Which file/, 14],
    ['library delete a.ps1 b.ps1', /too many/, 21],
    ['library delete a.ps1 --break-glass', /always waits for approval/, 21],
    ['library a.ps1', /list, show <file> and delete <file>/, 8],
    ['library show', /Which file/, 12],
    ['library list x', /too many/, 13],
    ['library show a b', /too many/, 15],
    ['explain', /whole request/, 7],
    ['explain status', /whole request/, 8],
    ['explain "status"', /whole request/, 8],
    ['explain "run ws-7"', /Which script/, 8],
    ['explain run', /Which machine/, 11],
  ];
  for (const [line, why, at] of WRONG) {
    it(`is refused: ${line}`, () => {
      const error = usage(line);
      assert.match(error.message, why);
      assert.equal(error.position, at);
    });
  }

  it('with a mistyped verb gets the likely one and the mended line', () => {
    for (const [line, mended] of [
      ['rnu ws-042 a.ps1', 'run ws-042 a.ps1'],
      ['stat LR-8K3F2Q', 'status LR-8K3F2Q'],
      ['isolat ws-042', 'isolate ws-042'],
      ['  histroy', '  history'],
      ['runn', exampleOf('run')],
    ] as const) {
      const error = usage(line);
      assert.match(error.message, /Did you mean/);
      assert.equal(error.example, mended);
    }
    assert.equal(usage('please run it').example, 'help');
  });
});

describe('Help', () => {
  it('comes from the same table as the verbs, every example of which is understood', () => {
    for (const name of COMMANDS) {
      const [first = '', second = ''] = helpFor(name.toUpperCase());
      assert.ok(first.startsWith(usageOf(name)), first);
      parseLine(second.replace('For example: ', ''));
    }
    assert.deepEqual([...COMMANDS].slice(0, 4), ['run', 'get', 'put', 'status']);
    assert.equal(usageOf('nothing'), 'nothing');
  });

  it('explains one word, or lists all of them', () => {
    const all = helpFor(null).join('\n');
    for (const word of [...COMMANDS, 'then', '--reason', '--break-glass']) assert.ok(all.includes(word), word);
    assert.match(helpFor('run').join('\n'), /--reason/);
    assert.doesNotMatch(helpFor('status').join('\n'), /--reason/);
    for (const word of ['then', '--', '--reason', '--break-glass']) parseLine(helpFor(word)[1]?.slice(13) ?? '');
    assert.match(helpFor('isolate').join('\n'), /portal/);
    assert.match(helpFor('statsu')[0] ?? '', /help status/);
    assert.match(helpFor('xyzzy')[0] ?? '', /no word “xyzzy”\.$/);
  });

  it('finds the nearest of some names by beginning, slip or swap', () => {
    assert.equal(nearestCommand('rum'), 'run');
    assert.equal(nearestCommand('h'), null);
    assert.equal(nearest('pendign', ['pending']), 'pending');
    assert.equal(nearest('x', []), null);
    assert.equal(nearest('completely-else', ['run']), null);
  });
});
