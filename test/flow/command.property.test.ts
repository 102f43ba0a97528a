import assert from 'node:assert/strict';
import fc from 'fast-check';
import { actionOf } from '../../src/actions/index.ts';
import { UsageError } from '../../src/errors.ts';
import { formatLine, helpFor, type Line, parseLine, type RequestLine } from '../../src/flow/command.ts';
import { undisfigure } from '../../src/flow/words.ts';

const NASTY = [
  ...['then', 'Then', '--', '--reason', '--x=y', '—x', '–', "it's", "'x", '“x”', '‘x’', '„', 'a"b', '""', '"'],
  ...['&amp;', '&lt;', '&amp;lt;', '<http://a|a>', '<https://a.b>', '<', '>', '|', ';', '$(x)', '\\', 'C:\\a\\', '%T%'],
  ...['\u3000', 'a  b', ' ', 'é', 'e\u0301', '\u0301', '\u0338', '=', '\u{1f600}', '\u212a', '\u1100\u1161', 'run'],
];

/** Plain objects, as parseLine gives them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

/** Text that could have come out of reading: what reading takes away isn't in it. */
function meant(raw: string): string | null {
  try {
    return undisfigure(raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;')).text;
  } catch {
    return null;
  }
}

const piece = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ maxLength: 8 }),
);
const anyText = fc
  .array(piece, { maxLength: 4 })
  .map((pieces) => meant(pieces.join('')))
  .filter((text): text is string => text !== null && text !== '');
const phrase = anyText.map((text) => text.trim()).filter((text) => text !== '');
const argument = anyText.filter((text) => !text.includes('"'));
const name = fc
  .oneof(fc.constantFrom('minidump.ps1', 'then', "it's.ps1", 'a b.sh', '—a', '--a'), argument)
  .filter((text) => !/[\\/:*?"<>|]/.test(text) && text.trim() !== '');
const path = fc
  .tuple(fc.constantFrom('C:\\', 'd:/', '/', '/var/'), argument)
  .map(([root, rest]) => root + rest)
  .filter((text) => accepts(() => actionOf({ kind: 'get' }).parse([{ text, position: 0, quoted: true }])));
const machine = fc.constantFrom('ws-042', 'ws-042.contoso.com', '1f'.repeat(20), 'then', 'büro_7', 'run');
const id = fc.option(fc.constantFrom('LR-8K3F2Q', 'LR-PXBHRK'));

/** Where to: one machine, or what says which ones. */
const where = fc.oneof(
  record({ machine }),
  record({
    machine: fc.constant(''),
    aim: fc.oneof(
      record({
        by: fc.constant('names' as const),
        names: fc.uniqueArray(machine, { minLength: 2, maxLength: 5, selector: (one) => one.toLowerCase() }),
      }),
      record({ by: fc.constantFrom('tag' as const, 'group' as const), is: phrase }),
    ),
  }),
);

const request: fc.Arbitrary<RequestLine> = fc
  .tuple(
    where,
    record({
      kind: fc.constant('request' as const),
      commands: fc
        .array(
          fc.oneof(
            record({ kind: fc.constant('run' as const), script: name, args: fc.array(argument, { maxLength: 4 }) }),
            record({ kind: fc.constant('get' as const), path }),
            record({ kind: fc.constant('put' as const), file: name }),
          ),
          { minLength: 1, maxLength: 5 },
        )
        .map((commands) => commands.toSorted((a, b) => actionOf(a).order - actionOf(b).order)),
      reason: fc.option(phrase),
      breakGlass: fc.boolean(),
    }),
  )
  .map(([there, rest]) => ({ ...rest, ...there }));

const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 5, arbitrary: request },
  record({ kind: fc.constantFrom('status', 'show', 'results', 'withdraw', 'again'), id }),
  record({ kind: fc.constant('history'), machine: fc.option(machine) }),
  record({ kind: fc.constant('explain'), line: request.map(formatLine) }),
  record({ kind: fc.constantFrom('whoami', 'pending', 'resume', 'form') }),
  record({ kind: fc.constant('machines'), query: phrase }),
  record({ kind: fc.constant('library'), file: fc.option(phrase) }),
  record({ kind: fc.constant('deletion'), file: phrase, reason: fc.option(phrase) }),
  record({ kind: fc.constant('pause'), why: fc.option(phrase) }),
  record({
    kind: fc.constant('isolate-like'),
    verb: fc.constantFrom('isolate', 'scan'),
    machine: fc.option(machine),
  }),
);

function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return false;
  }
}

/** Whatever happens, it is a line that survives writing, or a UsageError with a place in the text and a working example. */
function holds(text: string): void {
  let parsed: Line;
  try {
    parsed = parseLine(text);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.ok(error.position >= 0 && error.position <= text.length, `${error.position} in ${JSON.stringify(text)}`);
    parseLine(error.example);
    return;
  }
  assert.deepEqual(parseLine(formatLine(parsed)), parsed);
  if (parsed.kind === 'help') assert.ok(helpFor(parsed.word).length > 0);
}

type Change = (text: string) => string;

/** What platforms and phones do to a line without changing what it means, in the order in which they do it. */
const CHANGES: Change[] = [
  (text) => text.replaceAll(/(?<=^| )--/g, '—'),
  (text) => text.replaceAll(/(?<=^| )"([^"]*)"(?= |$)/g, '“$1”'),
  (text) => text.replaceAll(/(?<=^| )"([^"]*)"(?= |$)/g, '„$1“'),
  (text) => text.normalize('NFD'),
  (text) => text.replaceAll(' ', '\u00a0'),
  (text) => text.replaceAll(/run|[0-9]|--/g, '$&\u200b').replaceAll(/INC|-P/g, '\u00ad$&'),
  (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (text) => text.replaceAll('ws-042.contoso.com', '<http://ws-042.contoso.com|ws-042.contoso.com>'),
  (text) => `  ${text}\n`,
];
const disfigure: fc.Arbitrary<Change> = fc
  .subarray(CHANGES, { minLength: 1 })
  .map((changes) => (text) => changes.reduce((sofar, change) => change(sofar), text));

describe('Any line', () => {
  it('survives being written and read again', () => {
    fc.assert(
      fc.property(line, (value) => {
        const text = formatLine(value);
        fc.pre(text.length <= 2000);
        assert.deepEqual(parseLine(text), value);
      }),
      { numRuns: 2000 },
    );
  });

  it('of random characters is understood or refused with a place and an example that works', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), holds), { numRuns: 500 });
    fc.assert(fc.property(fc.string({ maxLength: 60 }), holds), { numRuns: 500 });
  });

  it('of random words is understood or refused with a place and an example that works', () => {
    const words = [
      'run',
      'get',
      'put',
      'ws-042',
      'a.ps1',
      'C:\\a\\b',
      '/x',
      'status',
      'cancel',
      'explain',
      'library',
      'show',
    ];
    const others = ['help', '--help', '--break-glass', '--tag', 'isolate', 'pause', 'LR-8K3F2Q', 'machines', 'history'];
    const word = fc.constantFrom(...words, ...others, ...NASTY);
    const joint = fc.constantFrom(' ', ' ', ' ', '  ', '', '\u00a0');
    const text = fc.array(fc.tuple(word, joint), { maxLength: 12 }).map((pairs) => pairs.flat().join(''));
    fc.assert(fc.property(text, holds), { numRuns: 3000 });
  });

  it('with something inserted, dropped or swapped is understood or refused with an example that works', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.oneof(fc.constantFrom(...NASTY), fc.constant('')));
    fc.assert(
      fc.property(line, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
        let text = formatLine(value);
        for (const [at, dropped, put] of changes) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + put + text.slice(start + dropped);
        }
        holds(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same after what platforms and phones do to it', () => {
    const word = fc.constantFrom('x', '--y', 'a b', 'then', '-Path', 'C:\\a b', '1<2&3', 'é', 'a—b', "it's");
    const tame: fc.Arbitrary<RequestLine> = record({
      kind: fc.constant('request'),
      machine: fc.constantFrom('ws-042', 'ws-042.contoso.com'),
      commands: fc.tuple(
        record({ kind: fc.constant('run' as const), script: fc.constant('a.ps1'), args: fc.array(word) }),
        record({ kind: fc.constant('get' as const), path: fc.constantFrom('C:\\a b\\c', '/x') }),
      ),
      reason: fc.option(fc.constantFrom('INC-1', 'it is <odd> & new')),
      breakGlass: fc.boolean(),
    });
    fc.assert(
      fc.property(tame, disfigure, (value, change) => {
        assert.deepEqual(parseLine(change(formatLine(value))), value);
      }),
      { numRuns: 1000 },
    );
  });
});
