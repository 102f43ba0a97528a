import { isLiteral } from './glob.ts';
import type { Glob, RuleMatch } from './policy.ts';

/** Names as they are met, per system: what takes three of four of one list tells nothing apart there. */
const MET: Record<'scripts' | 'files' | 'paths' | 'machineGroups', readonly (readonly string[])[]> = {
  scripts: [
    [
      'Get-Services.ps1',
      'minidump.ps1',
      'Collect-Triage.ps1',
      'kill_process.ps1',
      'RemoveUser2.ps1',
      'x.ps1',
      '7z-pack.ps1',
      'hunt.ps1',
    ],
    ['triage.sh', 'get_logs.sh', 'Unlock-Disk.sh', 'a.sh', 'pull2.sh', 'kill-proc.sh', 'browser.sh', 'memdump.py'],
  ],
  files: [
    [
      'procdump.exe',
      'winpmem.zip',
      'Autoruns64.exe',
      'rules.yar',
      'Get-Services.ps1',
      'k.cfg',
      'agent-2.1.msi',
      'hosts.txt',
    ],
  ],
  paths: [
    [
      'C:/Windows/NTDS/ntds.dit',
      'C:/Windows/Temp/office.dmp.zip',
      'C:/Users/eva/Desktop/letter.docx',
      'C:/Users/bob.k/AppData/Roaming/x.ini',
      'C:/ProgramData/ssh/key',
      'C:/Program Files/Tool 2/log.txt',
      'C:/pagefile.sys',
      'D:/backup/1.bak',
    ],
    [
      '/etc/passwd',
      '/var/log/auth.log',
      '/home/eva/.bash_history',
      '/Users/bob/Library/x.plist',
      '/tmp/q',
      '/opt/tools/a.sh',
      '/opt/t/k.conf',
      '/x',
    ],
  ],
  machineGroups: [
    ['Workstations', 'UnassignedGroup', 'Servers (EU)', 'Domain Controllers', 'Lab', 'VIP', 'kiosk-7', 'Büro Süd'],
  ],
};

/** Whether these patterns together fit nearly everything there is on some system, so that they narrow nothing. Literals narrow. */
export function fitsNearlyAll(key: keyof typeof MET & keyof RuleMatch, globs: readonly Glob[]): boolean {
  const wide = globs.filter((glob) => !isLiteral(glob));
  return MET[key].some((names) => {
    const fitting = names.filter((name) => wide.some((glob) => glob.test(name)));
    return fitting.length * 4 >= names.length * 3;
  });
}
