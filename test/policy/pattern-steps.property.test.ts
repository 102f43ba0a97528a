import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stepsOf } from '../../src/policy/pattern.ts';

/** A small regular expression: its words, and how it is tried from a place of the text, as JavaScript's engine would. */
interface Expression {
  source: string;
  tryAt(text: string, at: number, count: () => void, then: (at: number) => boolean): boolean;
}

const letter = (sign: string): Expression => ({
  source: sign,
  tryAt(text, at, count, then) {
    count();
    return at < text.length && (sign === '.' || text[at] === sign) && then(at + 1);
  },
});

const sequence = (parts: Expression[]): Expression => ({
  source: parts.map(({ source }) => source).join(''),
  tryAt(text, at, count, then) {
    const from = (index: number, here: number): boolean => {
      const part = parts[index];
      return part === undefined ? then(here) : part.tryAt(text, here, count, (next) => from(index + 1, next));
    };
    return from(0, at);
  },
});

const either = (options: Expression[]): Expression => ({
  source: `(?:${options.map(({ source }) => source).join('|')})`,
  tryAt: (text, at, count, then) => options.some((option) => option.tryAt(text, at, count, then)),
});

const ahead = (inside: Expression): Expression => ({
  source: `(?=${inside.source})`,
  tryAt: (text, at, count, then) => inside.tryAt(text, at, count, () => true) && then(at),
});

const repeated = (one: Expression, least: number, most: number | null): Expression => ({
  source: `${one.source}{${least},${most ?? ''}}`,
  tryAt(text, at, count, then) {
    const again = (times: number, here: number): boolean => {
      const more =
        times < (most ?? Number.POSITIVE_INFINITY) &&
        one.tryAt(text, here, count, (next) => (next > here || times < least) && again(times + 1, next));
      return more || (times >= least && then(here));
    };
    return again(0, at);
  },
});

const { expression } = fc.letrec<{ expression: Expression; atom: Expression; part: Expression }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', '.', 'b').map(letter),
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map(either),
    tie('expression').map(ahead),
  ),
  part: fc.oneof(
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.nat(3), fc.option(fc.nat(5)))
      .map(([one, least, more]) => repeated(one, least, more === null ? null : least + more)),
  ),
  expression: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map(sequence),
}));

/** Steps that finding no match takes, from every start; null past a number that nobody waits for. */
function stepsTaken(tried: Expression, text: string, isBound: boolean): number | null {
  let steps = 0;
  const count = () => {
    steps += 1;
    if (steps > 300_000) throw new RangeError('endless');
  };
  try {
    for (let start = 0; start <= (isBound ? 0 : text.length); start++) tried.tryAt(text, start, count, () => false);
    return steps;
  } catch {
    return null;
  }
}

describe('The bound of a pattern', () => {
  it('is never less than the steps that a hostile text costs, whatever is repeated, chosen or bound to the start', () => {
    fc.assert(
      fc.property(
        expression,
        fc.constantFrom('aaaaaaaa', 'aaaabaaaa', 'abababab'),
        fc.boolean(),
        (one, text, isBound) => {
          const source = isBound ? `^${one.source}` : one.source;
          assert.ok(new RegExp(source));
          const taken = stepsTaken(one, text, isBound);
          const bound = stepsOf(source, text.length);
          if (taken === null) assert.ok(bound > 300_000, source);
          else assert.ok(taken <= bound, `${source} on ${text}: ${taken} steps, bound ${bound}`);
        },
      ),
      { numRuns: 500 },
    );
  });
});
