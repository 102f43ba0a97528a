import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exampleOf } from '../../src/policy/example.ts';
import { compilePattern, reasonFits } from '../../src/policy/pattern.ts';

describe('The example of a reason', () => {
  for (const [source, example] of Object.entries({
    '^INC-[0-9]+': 'INC-1234',
    '^(?:INC|CHG)-\\d{6}\\b': 'INC-123456',
    '^CASE': 'CASE',
    '(ticket|case) #\\d+$': 'ticket #1234',
    '^[A-Z]{2,5}-\\d+(: .*)?$': 'AB-1234',
    '^\\S+ .{10,}': 'ABC ABCDEFGHIJ',
  })) {
    it(`for ${source} fits and can be read`, () => {
      assert.equal(exampleOf(new RegExp(source)), example);
    });
  }

  it('is none where none is found, or where it would be long', () => {
    for (const source of ['^(?=.*INC).*$', '^[^\\x00-\\x7f]+$', '^x{61}', '^"', '((x{50}){50}){50}', '.*', '^a\\1']) {
      assert.equal(exampleOf(new RegExp(source)), null, source);
    }
  });

  it('fits whatever pattern a policy may have, or is none', () => {
    const piece = fc.constantFrom(
      'INC',
      '-',
      '\\d',
      '[0-9]',
      '[^A-Z]',
      '.',
      '+',
      '*',
      '?',
      '{2}',
      '{1,3}',
      '(',
      ')',
      '|',
      '^',
      '$',
      '\\b',
      '\\.',
      '(?:',
      '(?=',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const compiled = compilePattern(pieces.join(''));
        if (!compiled.ok) return;
        const example = exampleOf(compiled.pattern);
        assert.ok(example === null || (example.length <= 60 && reasonFits(compiled.pattern, example)));
      }),
      { numRuns: 500 },
    );
  });
});
