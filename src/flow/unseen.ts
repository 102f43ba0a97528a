import type { DefenderError } from '../errors.ts';
import type { Run } from '../model/request.ts';
import { changeRun, wakeReport } from './changes.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import { isBeyondSight, leaveToPeople } from './lost.ts';

/** So long nobody is told that a run can't be seen: most troubles are over by then. Milliseconds. */
const TOLD_AFTER = 60_000;

const WHY: Partial<Record<DefenderError['code'], string>> = {
  defender_unreachable: 'Defender doesn’t answer',
  defender_throttled: 'Defender asks me to slow down',
  defender_forbidden: 'Defender doesn’t allow me to look',
  defender_sign_in: 'I can’t sign in to Defender',
};
const NOT_UNDERSTOOD = 'I don’t understand Defender’s answer';

/**
 * Runs that a look was meant for and didn't show: after a while their cards say so, instead of what was seen last as if it were now; after
 * hours people are asked. `answers`: Defender answers, be it with a refusal, and tells nothing of these.
 */
export async function markUnseen(
  deps: Deps,
  runs: readonly Run[],
  code: DefenderError['code'],
  answers: boolean,
): Promise<void> {
  const why = WHY[code] ?? NOT_UNDERSTOOD;
  for (const { id } of runs) {
    await changeRun(deps.store, id, async (tx, run, request) => {
      if (run.status !== 'running') return null;
      const now = deps.clock.now();
      const before = run.unseen ?? { since: now, why, told: false, untold: null };
      const unseen = { ...before, untold: answers ? (before.untold ?? now) : null };
      if (isBeyondSight(deps, unseen, now)) {
        const words = `For ${duration(now - unseen.since)} I couldn’t see how it goes: ${why}.`;
        return leaveToPeople(tx, deps, run, request, words, {
          actionId: run.actionId,
          unseenSince: unseen.since,
          code,
        });
      }
      const isToTell = now - unseen.since >= TOLD_AFTER && !(unseen.told && unseen.why === why);
      if (isToTell) {
        await wakeReport(tx, request);
        return { ...run, unseen: { ...unseen, why, told: true } };
      }
      const isNew = run.unseen == null || (run.unseen.untold ?? null) !== unseen.untold;
      return isNew ? { ...run, unseen } : null;
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
