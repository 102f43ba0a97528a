import { DefenderError } from '../errors.ts';
import type { CommandProgress, Run } from '../model/request.ts';
import { changeRun, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';

/** It is only good to know, so it is given up soon. */
const MAX_TRIES = 5;
const TRY_EVERY = 10_000;

/** Whether a file was collected of which nothing is known yet. */
export function isToLookAt(command: CommandProgress): boolean {
  return command.file === 'pending';
}

/**
 * Whether it is time for looks at collected files: once the run has ended and its scripts' outputs are in or given up. What a look has to
 * wait for can be most of an hour, and nothing that people wait for may wait with it.
 */
export function mayLookAtFiles({ endedAt, commands }: Pick<Run, 'endedAt' | 'commands'>): boolean {
  return endedAt !== null && !commands.some(({ result }) => result === 'pending');
}

/**
 * Looks at a collected file without downloading it: its size and, where it is small, its digest. Reads for this give way to those
 * that people wait for, and without it nothing else is missing.
 */
export async function lookAtFile(deps: Deps, run: Run, actionId: string, index: number): Promise<void> {
  try {
    const file = await deps.defender.fileFacts(actionId, index, 'people');
    await changeRun(deps.store, run.id, async (tx, current, request) => {
      if (current.commands[index]?.file !== 'pending') return null;
      const { size, packed, sha256 } = file;
      const data = { index, size, packed, sha256 };
      await tx.audit({ actor: 'bot', action: 'result.looked_at', requestId: request.id, runId: run.id, data });
      await wakeReport(tx, request);
      return withFile(current, index, { file });
    });
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    await tryLater(deps, run.id, index, error);
  }
}

async function tryLater(deps: Deps, runId: string, index: number, error: DefenderError): Promise<void> {
  await changeRun(deps.store, runId, async (_tx, run) => {
    const command = run.commands[index];
    if (command?.file !== 'pending') return null;
    const tries = command.tries + 1;
    if (tries >= MAX_TRIES || error.code === 'defender_forbidden') return withFile(run, index, { tries, file: null });
    const notBefore = deps.clock.now() + (error.retryAfter ?? TRY_EVERY * tries);
    return { ...withFile(run, index, { tries }), notBefore };
  });
}

function withFile(run: Run, index: number, change: Partial<CommandProgress>): Run {
  return { ...run, commands: run.commands.map((command, at) => (at === index ? { ...command, ...change } : command)) };
}
