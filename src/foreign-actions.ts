import type { MachineAction } from './flow/ports.ts';

/**
 * Why an action is no run of ours, as far as the records know: `foreign`: it doesn't even say so. `claims`: it bears a run id, but the
 * records know another action for that run, or no such run. `open`: it bears the id of a run whose action nobody has found, so it may be
 * ours.
 */
export type Standing = 'foreign' | 'claims' | 'open';

/** An action that isn't known as ours. */
export interface ForeignAction<Action extends MachineAction> {
  standing: Standing;
  /** The run id in its comment; null where there is none. */
  runId: string | null;
  action: Action;
}

/** The run id with which a comment begins, or null. Anybody may write one there, so it proves nothing. */
export function claimedRun(comment: string): string | null {
  return /^\[(LR-[0-9A-HJKMNP-TV-Z]{6}\.\d{1,6})\]/.exec(comment)?.[1] ?? null;
}

/** Those of the actions that the records don't know as ours, the oldest first. */
export function foreignActions<Action extends MachineAction>(
  actions: readonly Action[],
  known: { ours: ReadonlySet<string>; open: ReadonlySet<string> },
): ForeignAction<Action>[] {
  return actions
    .filter(({ id }) => !known.ours.has(id.toLowerCase()))
    .map((action): ForeignAction<Action> => {
      const runId = claimedRun(action.comment);
      if (runId === null) return { standing: 'foreign', runId, action };
      return { standing: known.open.has(runId) ? 'open' : 'claims', runId, action };
    })
    .sort((a, b) => (a.action.createdAt ?? 0) - (b.action.createdAt ?? 0));
}
