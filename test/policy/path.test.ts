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

  it('is refused with its true spelling where it goes through a second name that every Windows has for a folder', () => {
    const second: [string, string][] = [
      ['C:\\Documents and Settings\\eva\\a.txt', 'C:\\Users\\eva\\a.txt'],
      ['c:/documents AND settings/All Users/Application Data/x', 'c:\\ProgramData\\x'],
      ['C:\\Users\\All Users\\ssh\\key', 'C:\\ProgramData\\ssh\\key'],
      ['C:\\Users\\All Users\\Documents\\x', 'C:\\Users\\Public\\Documents\\x'],
      ['C:\\Users\\Default User\\x', 'C:\\Users\\Default\\x'],
      ['C:\\.\\Windows\\\\Sysnative\\config\\SAM', 'C:\\Windows\\System32\\config\\SAM'],
      ['D:\\Windows\\sysnative', 'D:\\Windows\\System32'],
      ['C:\\Users\\eva\\Application Data\\x', 'C:\\Users\\eva\\AppData\\Roaming\\x'],
      ['C:\\Users\\eva\\Local Settings\\History\\x', 'C:\\Users\\eva\\AppData\\Local\\Microsoft\\Windows\\History\\x'],
      ['C:\\Users\\eva\\Local Settings\\Application Data\\Application Data\\x', 'C:\\Users\\eva\\AppData\\Local\\x'],
      ['C:\\Users\\eva\\My Documents\\My Music\\x', 'C:\\Users\\eva\\Music\\x'],
      ['C:\\Users\\eva\\Recent\\x', 'C:\\Users\\eva\\AppData\\Roaming\\Microsoft\\Windows\\Recent\\x'],
      ['C:\\Users\\eva\\NetHood\\x', 'C:\\Users\\eva\\AppData\\Roaming\\Microsoft\\Windows\\Network Shortcuts\\x'],
    ];
    for (const [path, better] of second) {
      assert.match(pathTrouble(path, 'Windows10') ?? '', /second name/, path);
      assert.ok(pathTrouble(path, '')?.endsWith(`Write ${better} instead.`), `${path}: ${pathTrouble(path, '')}`);
      assert.equal(pathTrouble(better, 'Windows10'), null, better);
    }
    for (const path of [
      'C:\\Users\\eva\\Recents\\x',
      'C:\\a\\Documents and Settings\\x',
      'C:\\Users\\eva\\a\\My Documents',
    ]) {
      assert.equal(pathTrouble(path, 'Windows10'), null, path);
    }
    assert.equal(pathTrouble('/Users/me/Documents/My Music', 'macOS'), null);
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
