import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pathTrouble } from '../../src/policy/path.ts';

describe('A path that could be another file than it seems', () => {
  it('is refused with a sentence that says what is wrong', () => {
    const hostile: [string, RegExp][] = [
      ['C:\\Temp\\..\\Windows\\NTDS\\ntds.dit', /“\.\.”/],
      ['C:/Temp/../x', /“\.\.”/],
      ['\\\\?\\C:\\Windows\\NTDS\\ntds.dit', /device path/],
      ['//?/C:/x', /device path/],
      ['\\\\.\\PhysicalDrive0', /device path/],
      ['\\??\\C:\\x', /device path/],
      ['\\\\localhost\\C$\\Windows\\NTDS\\ntds.dit', /another machine/],
      ['C:\\PROGRA~1\\x', /8\.3/],
      ['C:\\x\\NTDS~1.DIT', /8\.3/],
      ['C:\\x\\file.txt:hidden', /stream/],
      ['C:\\x\\file.txt::$DATA', /stream/],
      ['%SystemRoot%\\NTDS\\ntds.dit', /variable/],
      ['$env:windir\\x', /variable/],
      ['C:Windows\\x', /drive/],
      ['\\Windows\\x', /drive/],
      ['/Windows/x', /drive/],
      ['Windows\\x', /drive/],
      ['C:\\Windows.\\x', /dot or a blank/],
      ['C:\\Windows \\x', /dot or a blank/],
      ['C:\\Win*\\x', /wildcard/],
      ['C:\\x\u200b\\y', /invisible/],
      ['C:\\x\u0000', /invisible/],
      [' ', /empty/],
      [`C:\\${'a\\'.repeat(600)}`, /longer than 1000/],
      [`C:\\${'a'.repeat(256)}`, /longer than 255/],
    ];
    for (const [path, why] of hostile) assert.match(pathTrouble(path, 'Windows10') ?? '', why, path);
  });

  it('is told from plain paths', () => {
    for (const path of [
      'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip',
      'd:/a/.b/c (1)[2]{3}',
      'C:\\a\\.\\b',
      'C:\\',
      'C:\\a~b',
      'C:\\100% sure\\x',
    ]) {
      assert.equal(pathTrouble(path, 'Windows11'), null, path);
    }
    assert.equal(pathTrouble('/var/log/a:b*.log', 'Linux'), null);
    assert.equal(pathTrouble('/Users/me/.zsh_history', 'macOS'), null);
  });

  it('is judged as a Windows path where the system is not known', () => {
    assert.match(pathTrouble('/etc/passwd', '') ?? '', /drive/);
    assert.match(pathTrouble('//server/x', 'Linux') ?? '', /another machine/);
    assert.match(pathTrouble('/etc/../x', 'Linux') ?? '', /“\.\.”/);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (path, os) => typeof pathTrouble(path, os) !== 'undefined'));
  });
});
