import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coveredBy } from '../../src/policy/covers.ts';
import { compileGlob } from '../../src/policy/glob.ts';
import type { Glob } from '../../src/policy/policy.ts';

/** Few signs, so that patterns and words meet often. */
const pattern = fc
  .array(fc.constantFrom('a', 'b', '/', '.', '?', '*', '**'), { minLength: 1, maxLength: 6 })
  .map((signs) => signs.join(''))
  .filter((source) => (source.match(/\*+/g) ?? []).length <= 4);
const word = fc
  .array(fc.constantFrom('a', 'b', 'c', '/', '.'), { minLength: 1, maxLength: 8 })
  .map((signs) => signs.join(''));

function glob(source: string, kind: 'name' | 'path'): Glob {
  const compiled = compileGlob(source, kind);
  return compiled.ok ? compiled.glob : assert.fail(compiled.why);
}

describe('Rules said to match all of a later one', () => {
  it('take every word that it takes, in names and in paths', () => {
    const patterns = fc.array(pattern, { minLength: 1, maxLength: 2 });
    const words = fc.array(word, { minLength: 30, maxLength: 30 });
    let covered = 0;
    fc.assert(
      fc.property(
        fc.array(patterns, { maxLength: 3 }),
        patterns,
        words,
        fc.boolean(),
        (earlier, later, tried, isPath) => {
          const kind = isPath ? 'path' : 'name';
          const rule = (sources: string[]) => {
            const globs = sources.map((source) => glob(source, kind));
            return { match: isPath ? { paths: globs } : { scripts: globs }, globs };
          };
          const last = rule(later);
          const hiding = coveredBy(earlier.map(rule), last.match);
          if (hiding === null) return;
          covered += 1;
          for (const text of tried) {
            const one = isPath ? `/${text}` : text;
            // A step of dots alone, or no step at all, is no path that is let through.
            if (/(?:^|\/)\.+(?:\/|$)|^\/+$/.test(one)) continue;
            if (!last.globs.some(({ test }) => test(one))) continue;
            assert.ok(
              hiding.some(({ globs }) => globs.some(({ test }) => test(one))),
              `${later} on ${one}`,
            );
          }
        },
      ),
      { numRuns: 1_500 },
    );
    assert.ok(covered > 50, `only ${covered} were`);
  });
});
