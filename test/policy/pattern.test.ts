import assert from 'node:assert/strict';
import { compilePattern, reasonFits } from '../../src/policy/pattern.ts';

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

  it('ends soon on texts made to stall it, for every form it lets pass', () => {
    const compiled = compilePattern('^.*.*.*x');
    assert.equal(compiled.ok, true);
    const began = process.cpuUsage().user;
    if (compiled.ok) assert.equal(reasonFits(compiled.pattern, 'a'.repeat(10_000)), false);
    assert.ok(process.cpuUsage().user - began < 3_000_000);
  });
});
