import assert from 'node:assert/strict';
import { compilePattern, reasonFits, stepsOf } from '../../src/policy/pattern.ts';

function why(source: string): string {
  const compiled = compilePattern(source);
  return compiled.ok ? '' : compiled.why;
}

describe('The form of a reason', () => {
  it('is compiled where it is harmless', () => {
    const usual = [
      '',
      '^INC-[0-9]+',
      '^(INC|CHG|TASK)-\\d{4,8}(?: .+)?$',
      '\\bINC\\d+\\b.*',
      '[(+*)]\\(x\\+{2}',
      '^(?=.*INC)\\S{3}a??',
      '^INC-\\d+|^CHG-\\d+.*\\S',
      '^(INC|CHG)-\\d+( .*)?$',
    ];
    for (const source of usual) assert.equal(why(source), '', source);
  });

  it('is refused where a hostile text could stall the bot', () => {
    for (const source of [
      '(a+)+',
      '^(a|a)*$',
      '.*.*.*.*',
      '(a{1,20}){1,20}',
      '(a?){30}a{30}',
      '^(x*y?){3,}',
      '(?:.*a){10}',
      '^x|.{0,499}.{0,499}.{0,498}y',
      '(?:^x|.*).*.*y',
      '^(?:a|a){25}x',
      '^.*.*a{300}x',
      '^(?:){100000000}x',
    ]) {
      assert.match(why(source), /too long/, source);
    }
  });

  it('is refused where it does not compile, is too long, or refers back', () => {
    assert.match(why('(a'), /compiles/);
    assert.match(why('a'.repeat(201)), /200 characters/);
    assert.match(why('(a)\\1'), /references/);
  });

  it('looks at no more than 500 characters of a reason', () => {
    assert.equal(reasonFits(/b/, `${'a'.repeat(499)}b`), true);
    assert.equal(reasonFits(/b/, `${'a'.repeat(500)}b`), false);
  });

  it('is bound to the start only by a ^ before every alternative', () => {
    const bound = stepsOf('^x|^.*.*y');
    assert.ok(bound < 1_000_000);
    for (const loose of ['^x|.*.*y', '.*.*y|^x', '(?:^x|.*.*y)']) assert.ok(stepsOf(loose) > 50 * bound, loose);
  });
});
