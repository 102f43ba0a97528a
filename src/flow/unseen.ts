import type { DefenderError } from '../errors.ts';
import type { Run } from '../model/request.ts';
import { changeRun, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';

/** So long nobody is told that a run can't be seen: most troubles are over by then. Milliseconds. */
const TOLD_AFTER = 60_000;

const WHY: Partial<Record<DefenderError['code'], string>> = {
  defender_unreachable: 'Defender doesn’t answer',
  defender_throttled: 'Defender asks me to slow down',
  defender_forbidden: 'Defender doesn’t allow me to look',
  defender_sign_in: 'I can’t sign in to Defender',
};
const NOT_UNDERSTOOD = 'I don’t understand Defender’s answer';

/** Runs that a look was meant for and didn't show: after a while their cards say so, instead of what was seen last as if it were now. */
export async function markUnseen(deps: Deps, runs: readonly Run[], error: DefenderError | null): Promise<void> {
  const why = (error === null ? undefined : WHY[error.code]) ?? NOT_UNDERSTOOD;
  for (const { id } of runs) {
    await changeRun(deps.store, id, async (tx, run, request) => {
      if (run.status !== 'running') return null;
      const now = deps.clock.now();
      if (run.unseen == null) return { ...run, unseen: { since: now, why, told: false } };
      const { since, told } = run.unseen;
      if (now - since < TOLD_AFTER || (told && run.unseen.why === why)) return null;
      await wakeReport(tx, request);
      return { ...run, unseen: { since, why, told: true } };
    });
  }
}

/** Defender doesn't know the action (yet), which is an answer, too. */
export async function markAnswered(deps: Deps, run: Run): Promise<Run> {
  if (run.unseen == null) return run;
  const answered = await changeRun(deps.store, run.id, async (tx, current, request) => {
    if (current.status !== 'running' || current.unseen == null) return null;
    await wakeReport(tx, request);
    return { ...current, unseen: null };
  });
  return answered ?? run;
}
