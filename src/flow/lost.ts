import { moveRun, type Request, type Run, type Time } from '../model/request.ts';
import { endOf, isWord } from './action-words.ts';
import { changeRun, wakeReport } from './changes.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import type { MachineAction, Tx } from './ports.ts';
import { askWhetherItRan } from './unclear.ts';

/** After this time, beyond the queue for machines that are off, Defender should still know an action. Milliseconds. */
const LOST_AFTER = 3_600_000;
/** Defender may forget an action for a moment, so one that it doesn't know is asked for again over this time. Milliseconds. */
const MISSING_FOR = 10 * 60_000;
/** No outage of Defender lasts so long: something else is wrong, and whoever looks into the portal knows more. Milliseconds. */
const BLIND_FOR = 24 * 3_600_000;
/** So long after it was picked up an action has ended, with so much more for each of its commands: the longest that any may take. */
const ENDLESS_AFTER = 2 * 3_600_000;
const LONGEST_COMMAND = 30 * 60_000;

/** Whether Defender, asked again and again by its id, doesn't know the action any more. */
export function isGone({ missingSince }: Pick<Run, 'missingSince'>, now: Time): boolean {
  return missingSince !== null && now - missingSince >= MISSING_FOR;
}

/** Defender doesn't know it (any more). Time and again, nobody can follow it, so a person has to say. */
export async function askWhenLost(deps: Deps, run: Run): Promise<void> {
  const now = deps.clock.now();
  if (run.status === 'unclear') return noteMissing(deps, run, now);
  if (now - (run.sentAt ?? 0) < deps.policy().limits.offlineQueue + LOST_AFTER) return;
  if (run.missingSince !== null && now - run.missingSince < MISSING_FOR) return;
  await changeRun(deps.store, run.id, async (tx, current, request) => {
    if (current.status !== 'running') return null;
    if (current.missingSince === null) return { ...current, missingSince: now };
    if (now - current.missingSince < MISSING_FOR) return null;
    const facts = { actionId: run.actionId, missingSince: current.missingSince };
    const asked = await leaveToPeople(tx, deps, current, request, 'Defender does not list it any more.', facts);
    return { ...asked, missingSince: current.missingSince };
  });
}

/** While people are asked: that Defender doesn't know its action (null: that it can't tell) decides what their word leads to. */
export async function noteMissing(deps: Deps, { id, missingSince }: Run, since: Time | null): Promise<void> {
  if ((missingSince === null) === (since === null)) return;
  await changeRun(deps.store, id, async (_tx, run) =>
    run.status === 'unclear' ? { ...run, missingSince: since } : null,
  );
}

/** Whether an action that Defender tells nothing of is watched no longer. Trouble that Defender has with everybody is waited for much longer. */
export function isBeyondSight(
  deps: Pick<Deps, 'policy'>,
  { since, untold }: Pick<NonNullable<Run['unseen']>, 'since' | 'untold'>,
  now: Time,
): boolean {
  const { offlineQueue } = deps.policy().limits;
  return now - (untold ?? now) >= offlineQueue + LOST_AFTER || now - since >= offlineQueue + BLIND_FOR;
}

/** Nobody can tell how it goes: the run as one that people are asked about, not stored yet. */
export async function leaveToPeople(
  tx: Tx,
  deps: Deps,
  run: Run,
  request: Request,
  why: string,
  facts: Record<string, unknown>,
): Promise<Run> {
  await tx.audit({ actor: 'bot', action: 'run.lost', requestId: request.id, runId: run.id, data: facts });
  await askWhetherItRan(tx, deps, run, request);
  await wakeReport(tx, request);
  const note = [why, run.note].flatMap((words) => words ?? []).join(' ');
  return moveRun(run, 'unclear', { missingSince: null, unseen: null, note, asks: why });
}

/** Why an action that Defender shows without an end is waited for no longer; null: it may still end. */
export function endless(deps: Pick<Deps, 'policy'>, run: Run, action: MachineAction, now: Time): string | null {
  if (endOf(action.status) !== undefined) return null;
  if (run.pickedUpAt !== null) {
    const since = now - run.pickedUpAt;
    if (since < ENDLESS_AFTER + run.commands.length * LONGEST_COMMAND) return null;
    return `Defender still shows no end of it after ${duration(since)}, only “${action.status}”.`;
  }
  // What waits for a machine that is off is cancelled where it starts too late; only a word that we don't know leads nowhere.
  if (isWord(action.status, 'Pending')) return null;
  if (now - (run.sentAt ?? 0) < deps.policy().limits.offlineQueue + LOST_AFTER) return null;
  return `Defender calls it “${action.status}”, which I don’t know, and shows neither a start nor an end of it.`;
}
