import { createHash } from 'node:crypto';
import type { TenantMachine } from './machines.ts';

/** Small numbers that are always the same for a machine and a purpose. */
function numbers(machine: TenantMachine, purpose: string): (below: number) => number {
  let state = createHash('sha256').update(`${machine.id} ${purpose}`).digest();
  return (below) => {
    state = createHash('sha256').update(state).digest();
    return state.readUInt32BE() % below;
  };
}

const host = (machine: TenantMachine) => (machine.computerDnsName.split('.')[0] ?? '').toUpperCase();
const left = (value: string | number, width: number) => String(value).padEnd(width).slice(0, width);
const right = (value: string | number, width: number) => String(value).padStart(width);

/** The banner that the agent's transcript puts in front, and the NULs it leaves behind. */
function transcript(machine: TenantMachine, lines: readonly string[]): string {
  const id = createHash('md5').update(`${machine.id} transcript`).digest('hex').toUpperCase();
  const guid = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  const folder = 'C:\\ProgramData\\Microsoft\\Windows Defender Advanced Threat Protection\\Temp';
  return `Transcript started, output file is ${folder}\\PSScript_Transcript_{${guid}}.txt\r\n${lines.join('\r\n')}\r\n\0\0\0`;
}

const PROCESSES = [
  ['Idle', 0],
  ['System', 4],
  ['Registry', 148],
  ['smss', 544],
  ['csrss', 792],
  ['wininit', 884],
  ['services', 956],
  ['lsass', 976],
  ['svchost', 1104],
  ['svchost', 1232],
  ['svchost', 1416],
  ['dwm', 1504],
  ['MsMpEng', 3612],
  ['MsSense', 3740],
  ['SenseIR', 9128],
  ['spoolsv', 3304],
  ['explorer', 6712],
  ['SearchHost', 7340],
  ['msedge', 8216],
  ['msedge', 8380],
  ['OUTLOOK', 9904],
  ['EXCEL', 10532],
  ['OfficeClickToRun', 4096],
  ['Teams', 11208],
  ['powershell', 12480],
  ['rundll32', 13012],
] as const;

/** `Get-Process` as a table. */
export function processList(machine: TenantMachine): string {
  const any = numbers(machine, 'processes');
  const rows = PROCESSES.map(([name, pid]) => {
    const cells = [right(80 + any(2400), 7), right(8 + any(180), 7), right(1200 + any(240_000), 8)];
    return `${cells.join(' ')} ${right(4096 + any(320_000), 10)} ${right((any(90_000) / 100).toFixed(2), 10)} ${right(pid, 6)}   ${any(2)} ${name}`;
  });
  const head = ['', 'Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName'];
  return [...head, '-------  ------    -----      -----     ------     --  -- -----------', ...rows, '', ''].join(
    '\r\n',
  );
}

const SERVICES = [
  ['Running', 'BFE', 'Base Filtering Engine'],
  ['Running', 'BITS', 'Background Intelligent Transfer Ser…'],
  ['Running', 'CryptSvc', 'Cryptographic Services'],
  ['Running', 'Dhcp', 'DHCP Client'],
  ['Running', 'Dnscache', 'DNS Client'],
  ['Running', 'EventLog', 'Windows Event Log'],
  ['Running', 'LanmanServer', 'Server'],
  ['Running', 'mpssvc', 'Windows Defender Firewall'],
  ['Stopped', 'RemoteRegistry', 'Remote Registry'],
  ['Running', 'Schedule', 'Task Scheduler'],
  ['Running', 'Sense', 'Windows Defender Advanced Threat Pr…'],
  ['Running', 'Spooler', 'Print Spooler'],
  ['Stopped', 'TermService', 'Remote Desktop Services'],
  ['Running', 'WinDefend', 'Microsoft Defender Antivirus Service'],
  ['Running', 'Winmgmt', 'Windows Management Instrumentation'],
  ['Running', 'WinUpdSvc', 'Windows Update Helper'],
  ['Running', 'WpnService', 'Windows Push Notifications System S…'],
] as const;

/** `Get-Service` as a table. */
export function serviceList(_machine: TenantMachine): string {
  const rows = SERVICES.map(([state, name, title]) => `${left(state, 8)} ${left(name, 18)} ${title}`);
  return [
    '',
    'Status   Name               DisplayName',
    '------   ----               -----------',
    ...rows,
    '',
    '',
  ].join('\r\n');
}

/** Like `netstat -ano`. */
export function connectionList(machine: TenantMachine): string {
  const any = numbers(machine, 'connections');
  const row = (local: string, remote: string, state: string, pid: number) =>
    `  TCP    ${left(local, 22)} ${left(remote, 22)} ${left(state, 15)} ${pid}`;
  const listening = [135, 445, 5040, 49664, 49665].map((port) =>
    row(`0.0.0.0:${port}`, '0.0.0.0:0', 'LISTENING', 1104),
  );
  const open = Array.from({ length: 14 }, (_, i) => {
    const remote = `${['203.0.113', '198.51.100'][i % 2]}.${1 + any(250)}:443`;
    return row(
      `${machine.lastIpAddress}:${49700 + any(12_000)}`,
      remote,
      'ESTABLISHED',
      [8216, 9904, 11208][i % 3] ?? 8216,
    );
  });
  const odd = row(`${machine.lastIpAddress}:${50100 + any(900)}`, '198.51.100.77:8443', 'ESTABLISHED', 13012);
  const head = [
    '',
    'Active Connections',
    '',
    '  Proto  Local Address          Foreign Address        State           PID',
  ];
  return [...head, ...listening, ...open, odd, ''].join('\r\n');
}

/** Start-up entries as a list. */
export function autorunList(machine: TenantMachine): string {
  const entries = [
    ['HKLM\\…\\Run', 'SecurityHealth', '%windir%\\system32\\SecurityHealthSystray.exe', 'Microsoft Windows', 'Valid'],
    [
      'HKCU\\…\\Run',
      'OneDrive',
      '"C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe" /background',
      'Microsoft Corporation',
      'Valid',
    ],
    ['HKCU\\…\\Run', 'Teams', 'ms-teams.exe msteams:system-initiated', 'Microsoft Corporation', 'Valid'],
    [
      'Task Scheduler',
      '\\Microsoft\\Office\\ClickToRun',
      'OfficeC2RClient.exe /update',
      'Microsoft Corporation',
      'Valid',
    ],
    ['Services', 'WinUpdSvc', 'rundll32.exe C:\\ProgramData\\wupd\\wupd.dll,Start', '', 'NotSigned'],
  ];
  const blocks = entries.map(([where, name, image, signer, signature]) =>
    [
      `Location  : ${where}`,
      `Entry     : ${name}`,
      `Image     : ${image}`,
      `Signer    : ${signer}`,
      `Signature : ${signature}`,
      '',
    ].join('\r\n'),
  );
  return `Autoruns on ${host(machine)}\r\n\r\n${blocks.join('\r\n')}\r\n5 entries, 1 without a valid signature.\r\n`;
}

/** What the memory dump script says of a process. */
export function minidumpOutput(machine: TenantMachine, process: string): string {
  const any = numbers(machine, `dump ${process}`);
  const file = `C:\\windows\\TEMP\\${process}.dmp`;
  const size = 20 + any(90);
  return transcript(machine, [
    `Looking for process '${process}' on ${host(machine)}`,
    `Found ${process} with process id ${1000 + any(12_000)}`,
    `Writing ${file}`,
    `${size} MB`,
    `Compressing to ${file}.zip`,
    `${Math.ceil(size / 4)} MB`,
    'Done',
  ]);
}

const EVENTS = [
  [4624, 'An account was successfully logged on.'],
  [4634, 'An account was logged off.'],
  [4672, 'Special privileges assigned to new logon.'],
  [4688, 'A new process has been created.'],
  [4625, 'An account failed to log on.'],
  [5379, 'Credential Manager credentials were read.'],
] as const;

/** Several hundred lines of the security log. */
export function eventList(machine: TenantMachine, count: number): string {
  const any = numbers(machine, 'events');
  const start = Date.UTC(2026, 10, 23, 6, 0, 0);
  const rows = Array.from({ length: count }, (_, i) => {
    const [id, text] = EVENTS[any(EVENTS.length)] ?? EVENTS[0];
    const at = new Date(start + i * 47_000).toISOString().slice(0, 19);
    return `${at}  ${id}  CONTOSO\\${['a.weber', 'SYSTEM', 'm.okafor', `${host(machine)}$`][any(4)]}  ${text}`;
  });
  return `Security log of ${host(machine)}: ${count} events\r\n${rows.join('\r\n')}\r\n`;
}

/** A triage of a Mac or Linux machine. */
export function triageOutput(machine: TenantMachine): string {
  const name = machine.computerDnsName;
  const kernel =
    machine.osPlatform === 'macOS' ? `Darwin ${name} 24.6.0 arm64` : `Linux ${name} 5.15.0-157-generic x86_64`;
  const users = ['root     ttys000  Nov 24 08:12', 'deploy   pts/0    Nov 24 07:55 (10.12.4.31)'];
  const cron = ['*/10 * * * * deploy /opt/app/bin/rotate.sh', '@reboot root /usr/local/sbin/.cache/upd'];
  const sections = [`== system\n${kernel}`, `== sessions\n${users.join('\n')}`, `== cron\n${cron.join('\n')}`];
  return `${sections.join('\n\n')}\n\n== archive\n/tmp/triage-${name.split('.')[0]}.tar.gz  18M\n`;
}
