import type { ResultsCommand, ResultsView } from '../../src/model/results.ts';

/** A script's results as it would print them. */
export function aCommand(changes: Partial<ResultsCommand> = {}): ResultsCommand {
  return {
    index: 0,
    label: 'Run script',
    code: 'minidump.ps1 OfficeClickToRun',
    state: { tone: 'good', words: 'Completed' },
    exitCode: 0,
    durationMs: 48_000,
    output: 'Dumping OfficeClickToRun (4312)\n51 MB written',
    errors: '',
    truncated: false,
    size: 1_482,
    sha256: 'a'.repeat(64),
    fileName: null,
    file: 'output',
    ...changes,
  };
}

/** The documented case, finished. */
export function aView(changes: Partial<ResultsView> = {}): ResultsView {
  return {
    requestId: 'LR-8K3F2Q',
    machine: 'ws-042.contoso.com',
    line: 'run ws-042 minidump.ps1 OfficeClickToRun then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip',
    reason: 'INC-1234 memory of a suspicious process',
    requester: 'Ana Analyst',
    approvers: ['Lea Lead'],
    startedAt: Date.UTC(2026, 10, 24, 9, 42, 5),
    endedAt: Date.UTC(2026, 10, 24, 9, 45, 17),
    state: { tone: 'good', words: 'Finished in 3 min 12 s' },
    commands: [
      aCommand(),
      aCommand({
        index: 1,
        label: 'Get file',
        code: 'C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip',
        exitCode: null,
        durationMs: 71_000,
        output: '',
        size: 51_204_117,
        sha256: null,
        file: 'collected',
      }),
    ],
    viewer: 'Ana Analyst',
    expiresAt: Date.UTC(2026, 10, 24, 10, 15, 0),
    ...changes,
  };
}
