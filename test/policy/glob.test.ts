import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileGlob, isLiteral, normalPath, pinKey } from '../../src/policy/glob.ts';
import type { Glob } from '../../src/policy/policy.ts';

function glob(source: string, kind: 'name' | 'path' = 'name'): Glob {
  const compiled = compileGlob(source, kind);
  if (!compiled.ok) throw new Error(compiled.why);
  return compiled.glob;
}

const fits = (source: string, value: string, kind: 'name' | 'path' = 'name') => glob(source, kind).test(value);

describe('Globs of a policy', () => {
  it('compare names without regard to case', () => {
    assert.ok(fits('get-*.PS1', 'Get-Services.ps1'));
    assert.ok(fits('Ünder*', 'üNDERTAKER'));
    assert.ok(!fits('Get-*.ps1', 'Set-Services.ps1'));
    assert.ok(!fits('Get-*.ps1', 'Get-Services.ps1.exe'));
  });

  it('take brackets, braces, quotes and exclamation marks for themselves', () => {
    for (const name of [
      'dump[1].ps1',
      '{3f25-04e0}.dll',
      '!(x).ps1',
      '@(a|b)+.ps1',
      'it’s "a" b.ps1',
      '$x^.ps1',
      '#,;=~`&%.ps1',
    ]) {
      assert.ok(fits(name, name), name);
    }
    assert.ok(!fits('dump[1].ps1', 'dump1.ps1'));
    assert.ok(!fits('{a,b}.ps1', 'a.ps1'));
    assert.ok(!fits('!a', 'b'));
  });

  it('let a star run over slashes in names, such as tags', () => {
    assert.ok(fits('env/*', 'env/prod/eu'));
    assert.ok(fits('*', 'env\\prod'));
  });

  it('let one star stay within a step of a path, and two run on', () => {
    assert.ok(fits('C:/Users/*/x', 'c:\\users\\me\\X', 'path'));
    assert.ok(!fits('C:/Users/*/x', 'c:\\users\\me\\you\\x', 'path'));
    assert.ok(fits('C:/Windows/NTDS/**', 'C:\\WINDOWS\\ntds\\a\\.hidden\\ntds.dit', 'path'));
    assert.ok(fits('C:/Windows/NTDS/**', 'C:\\windows\\ntds', 'path'));
    assert.ok(fits('**/id_rsa', '/home/me/.ssh/id_rsa', 'path'));
    assert.ok(!fits('C:/Windows/NTDS/**', 'C:\\Windows\\NTDS2\\x', 'path'));
    assert.ok(fits('C:\\a?c', 'C:/abc', 'path'));
    assert.ok(!fits('C:\\a?c', 'C:/a/c', 'path'));
  });

  it('compare paths in one spelling', () => {
    assert.equal(normalPath(' C:\\a\\\\.\\b/./c\\ '), 'C:/a/b/c');
    assert.equal(normalPath('C:/a/.'), 'C:/a');
    assert.equal(normalPath('/'), '/');
  });

  it('are refused when empty, long or with many stars', () => {
    assert.equal(compileGlob('  ', 'name').ok, false);
    assert.equal(compileGlob('a'.repeat(301), 'name').ok, false);
    assert.equal(compileGlob('*a*b*c*d*e', 'name').ok, false);
    assert.equal(compileGlob('*a*b*c*d', 'name').ok, true);
  });

  it('know whether they are only one word', () => {
    assert.ok(isLiteral(glob('a[1]')));
    assert.ok(!isLiteral(glob('a?')));
  });

  it('find pins without regard to case and composition', () => {
    assert.equal(pinKey(' Cafe\u0301.PS1'), pinKey('café.ps1'));
  });

  it('accept what they spell, in any case and with either slash', () => {
    const step = fc.stringMatching(/^[A-Za-z0-9 ._()[\]{}!+@$^,;=~#'&-]{0,11}[A-Za-z0-9]$/);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        const path = `C:/${steps.join('/')}`;
        const spellings = [path, path.toUpperCase(), path.toLowerCase(), path.replaceAll('/', '\\')];
        return spellings.every((spelling) => fits(path, spelling, 'path') && fits(spelling, path, 'path'));
      }),
    );
    fc.assert(
      fc.property(step, step, (a, b) => {
        return (
          fits(`${a}*`, `${a}${b}`) &&
          fits(`*${b}`, `${a}${b}`.toUpperCase()) &&
          fits(a, b) === (a.trim().toLowerCase() === b.trim().toLowerCase())
        );
      }),
    );
  });
});
