import { cardOf } from '../../src/flow/card.ts';
import type { Command } from '../../src/model/command.ts';
import type { Card } from '../../src/model/notice.ts';
import type { BoundFile, CommandProgress } from '../../src/model/request.ts';
import { aCommand, aDecision, aRequest, aRun, around, NOW } from '../support/records.ts';

const MINUTE = 60_000;
const REASON = 'INC-1234 memory of a suspicious process that talks to a host nobody knows, before the machine is wiped';
const WARNINGS = ['minidump.ps1 changed since its last approved run.', 'No full report for 3 days, it may be off.'];

/** As long as they get in earnest: paths, patterns and switches. */
const COMMANDS: Command[] = [
  {
    kind: 'run',
    script: 'minidump.ps1',
    args: ['OfficeClickToRun', '-Full', '-Compress', '-Out', String.raw`C:\windows\TEMP`],
  },
  { kind: 'get', path: String.raw`C:\windows\TEMP\OfficeClickToRun.dmp.zip` },
  {
    kind: 'run',
    script: 'Find-Archives.ps1',
    args: [
      '-Path',
      String.raw`C:\Users\mia.miller\AppData\Local\Microsoft\Windows\INetCache`,
      ...['-Filter', '*.7z,*.rar,*.zip', '-NewerThan', '2026-11-01T00:00:00Z'],
    ],
  },
  { kind: 'put', file: 'yara-rules.yar' },
  {
    kind: 'run',
    script: 'Start-Yara.ps1',
    args: ['-Rules', 'yara-rules.yar', '-Path', String.raw`C:\Users\mia.miller`, '-Recurse', '-MaxSize', '32MB'],
  },
];

/** So many commands wait for approval, with reason and warnings. */
export function waiting(count: number): Card {
  const commands = COMMANDS.slice(0, count);
  return cardOf(
    aRequest({ status: 'waiting', commands, files: filesOf(commands), reason: REASON, warnings: WARNINGS }),
    aRun({ status: 'held', commands: commands.map(() => aCommand()) }),
    [],
    around(),
  );
}

/** The last of so many commands runs; each script before it has written much. */
export function running(count: number): Card {
  const commands = COMMANDS.slice(0, count);
  const progress = [...ended(commands).slice(0, -1), aCommand({ state: 'running', startedAt: NOW })];
  return cardOf(
    aRequest({ commands, files: filesOf(commands), reason: REASON, warnings: WARNINGS }),
    aRun({ status: 'running', sentAt: NOW, pickedUpAt: NOW, commands: progress }),
    [aDecision()],
    around(),
  );
}

/** So many commands have run, and each script has written much. */
export function finished(count: number): Card {
  const commands = COMMANDS.slice(0, count);
  return cardOf(
    aRequest({ status: 'done', commands, files: filesOf(commands), reason: REASON, endedAt: NOW + 4 * MINUTE }),
    aRun({ status: 'succeeded', sentAt: NOW, pickedUpAt: NOW, endedAt: NOW + 4 * MINUTE, commands: ended(commands) }),
    [aDecision()],
    around(),
  );
}

function filesOf(commands: readonly Command[]): BoundFile[] {
  return commands.flatMap((command, index) =>
    command.kind === 'get' ? [] : [{ ...FILE, command: index, fileName: nameOf(command) }],
  );
}

const nameOf = (command: Exclude<Command, { kind: 'get' }>): string =>
  command.kind === 'run' ? command.script : command.file;

const FILE = {
  sha256: 'a'.repeat(64),
  description: 'Dumps the memory of a process, compressed',
  addedBy: 'Dan Developer',
  updatedAt: '2026-11-03T09:00:00Z',
};

function ended(commands: readonly Command[]): CommandProgress[] {
  const done = { state: 'completed', startedAt: NOW, endedAt: NOW + 48_000 } as const;
  return commands.map(({ kind }) => aCommand({ ...done, ...(kind === 'run' ? OUTPUT : { result: 'none' }) }));
}

/** As many lines as the policy shows unless told otherwise, and most of them too long for one line of a card. */
const OUTPUT: Partial<CommandProgress> = {
  result: 'collected',
  exitCode: 0,
  head: Array.from(
    { length: 20 },
    (_, index) => String.raw`C:\Users\mia.miller\AppData\Local\Temp\archive-${index}.7z  14.10.2026 09:15  12,345,678`,
  ),
  moreLines: 142,
};
