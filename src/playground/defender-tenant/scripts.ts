import type { TenantFile } from './library.ts';
import * as outputs from './outputs.ts';

const DAY = 86_400_000;

const ok = (output: string) => ({ exitCode: 0, output, errors: '' });

type Seed = Omit<TenantFile, 'createdAt' | 'updatedAt' | 'content'> & { content: readonly string[]; days: number };

const SEEDS: readonly Seed[] = [
  {
    fileName: 'minidump.ps1',
    description: 'Writes a memory dump of a process to the Windows temp folder and zips it.',
    createdBy: 'carol@contoso.com',
    hasParameters: true,
    parametersDescription: 'Name of the process, without .exe',
    days: 210,
    content: [
      'param([Parameter(Mandatory)][string]$Name)',
      '$target = Get-Process -Name $Name -ErrorAction Stop | Select-Object -First 1',
      '$dump = Join-Path $env:TEMP "$Name.dmp"',
      'rundll32.exe comsvcs.dll, MiniDump $target.Id $dump full',
      'Compress-Archive -Path $dump -DestinationPath "$dump.zip" -Force',
    ],
    run: (machine, args) =>
      args.trim() === ''
        ? { exitCode: 1, output: '', errors: 'minidump.ps1 : Cannot bind argument: Name is mandatory.\r\n' }
        : ok(outputs.minidumpOutput(machine, args.trim().replaceAll('"', ''))),
  },
  {
    fileName: 'Get-Processes.ps1',
    description: 'Lists the running processes.',
    createdBy: 'bob@contoso.com',
    hasParameters: false,
    days: 320,
    content: ['Get-Process | Out-String -Width 200'],
    run: (machine) => ok(outputs.processList(machine)),
  },
  {
    fileName: 'Get-Services.ps1',
    description: 'Lists the services and their state.',
    createdBy: 'bob@contoso.com',
    hasParameters: false,
    days: 320,
    // Without Out-String -Width: the table is cut at 80 columns, as PowerShell does.
    content: ['Get-Service | Format-Table Status, Name, DisplayName'],
    resultForm: 'gzip',
    run: (machine) => ok(outputs.serviceList(machine)),
  },
  {
    fileName: 'Get-NetworkConnections.ps1',
    description: 'Shows open TCP connections with their process ids.',
    createdBy: 'bob@contoso.com',
    hasParameters: false,
    days: 300,
    content: ['netstat.exe -ano -p TCP'],
    resultForm: 'raw_newline',
    run: (machine) => ok(outputs.connectionList(machine)),
  },
  {
    fileName: 'Get-Autoruns.ps1',
    description: 'Lists what starts with Windows and whether it is signed.',
    createdBy: 'carol@contoso.com',
    hasParameters: false,
    days: 150,
    content: [
      '# Run keys, services and scheduled tasks, each with its Authenticode state',
      'Get-StartupEntry | Format-List',
    ],
    run: (machine) => ok(outputs.autorunList(machine)),
  },
  {
    fileName: 'Get-SecurityEvents.ps1',
    description: 'Prints the newest events of the security log.',
    createdBy: 'alice@contoso.com',
    hasParameters: true,
    parametersDescription: 'Number of events, 400 unless told',
    days: 95,
    content: ['param([int]$Count = 400)', 'Get-WinEvent -LogName Security -MaxEvents $Count | Format-Table -AutoSize'],
    run: (machine, args) => ok(outputs.eventList(machine, Math.min(Number.parseInt(args, 10) || 400, 5000))),
  },
  {
    fileName: 'Test-Baseline.ps1',
    description: 'Checks the hardening baseline; exit code 1 when something deviates.',
    createdBy: 'carol@contoso.com',
    hasParameters: false,
    days: 60,
    content: [
      '$bad = Test-ContosoBaseline',
      '$bad | ForEach-Object { Write-Error $_ }',
      'exit [int]($bad.Count -gt 0)',
    ],
    run: () => ({
      exitCode: 1,
      output: 'Firewall: on\r\nBitLocker: on\r\nSMB 1: off\r\nLSA protection: off\r\n',
      errors: 'Test-Baseline.ps1 : LSA protection is off\r\n    + CategoryInfo : NotSpecified: (:) [Write-Error]\r\n',
    }),
  },
  {
    fileName: 'Remove-Persistence.ps1',
    description: null,
    createdBy: 'alice@contoso.com',
    hasParameters: true,
    parametersDescription: 'Name of the service to remove',
    days: 12,
    content: ['param([string]$Service)', 'Stop-Service $Service -Force -ErrorAction Stop', 'sc.exe delete $Service'],
    run: (_machine, args) => ({
      exitCode: 1,
      output: `Stopping service '${args}'\r\n`,
      errors: `Stop-Service : Service '${args}' cannot be stopped: Access is denied.\r\n`,
      failed: ['The script ended with exit code 1.'],
    }),
  },
  {
    fileName: 'collect-triage.sh',
    description: 'macOS and Linux: sessions, cron and an archive of logs.',
    createdBy: 'dave@contoso.com',
    hasParameters: false,
    days: 45,
    content: ['#!/bin/sh', 'uname -a; who; cat /etc/crontab', 'tar czf "/tmp/triage-$(hostname -s).tar.gz" /var/log'],
    run: (machine) => ok(outputs.triageOutput(machine)),
  },
  {
    fileName: 'yara-rules.yar',
    description: 'Rules for the scanner; to be placed with put.',
    createdBy: 'dave@contoso.com',
    hasParameters: false,
    days: 30,
    content: ['rule odd_updater { strings: $a = "wupd.dll" condition: $a }'],
  },
];

/** The library of contoso.com. Contents, and so digests, are the same in every run. */
export function contosoLibrary(now: number): TenantFile[] {
  return SEEDS.map(({ days, content, ...seed }) => ({
    ...seed,
    content: `${content.join('\r\n')}\r\n`,
    createdAt: now - days * DAY,
    updatedAt: now - Math.floor(days / 3) * DAY,
  }));
}
