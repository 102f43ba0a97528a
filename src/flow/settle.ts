import { DefenderError } from '../errors.ts';
import { answer, type PrivateAnswer } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import type { Request, Run, Time } from '../model/request.ts';
import { mayApprove } from '../policy/index.ts';
import { isAtDefender } from './action-words.ts';
import { attemptOf, startedForSure } from './buttons.ts';
import type { Deps } from './deps.ts';
import { endless, isGone } from './lost.ts';
import type { Click, Inbound, MachineAction, Tx } from './ports.ts';
import { lookForOurs } from './reconcile.ts';
import { runningAs } from './send.ts';
import { type Blind, isBlind, type Still, settleUnclear } from './unclear.ts';

/** So long a look is tried again before the word counts without it. Milliseconds. */
const LOOK_WITHIN = 20_000;

/** The action of an unclear run, where Defender shows it by now; undefined where it could not be asked, or why nobody can. */
export type Found = MachineAction | null | Blind | undefined;

/** Somebody says whether an unclear run ran: where Defender shows it by now, it can be watched instead of believed. */
export async function lookOnceMore(deps: Deps, inbound: Inbound, request: Request, person: Person): Promise<Found> {
  const runs = await deps.store.transaction((tx) => tx.runsOf(request.id));
  const run = runs.find((one) => attemptOf(one) === inbound.click?.id);
  if (run?.status !== 'unclear') return null;
  // One that didn't run goes back in line, where Defender is looked at; one whose action is known may not.
  if (inbound.click?.action === 'it_did_not_run' && !isAtDefender(run)) return null;
  if (person.standing !== 'member' || !mayApprove(deps.policy(), person)) return null;
  try {
    return await lookForOurs(deps, run, request);
  } catch (error) {
    if (!(error instanceof DefenderError) || deps.clock.now() < inbound.createdAt + LOOK_WITHIN) throw error;
    return isBlind(error.code) ? error.code : undefined;
  }
}

/** “It ran” or “It didn’t run”, of one attempt: what Defender shows by now goes before anybody's word. */
export async function settle(
  tx: Tx,
  deps: Deps,
  request: Request,
  click: Click,
  person: Person,
  found: Found,
): Promise<PrivateAnswer | null> {
  const run: Run | undefined = (await tx.runsOf(request.id)).find((one) => attemptOf(one) === click.id);
  if (run?.status !== 'unclear') return answer('This is not unclear any more; the card says how it stands.');
  if (click.action === 'it_did_not_run' && startedForSure(run)) {
    return answer('The machine was seen at work on it, so it did run, at least in part.');
  }
  if (found === undefined) {
    return answer(
      'Defender doesn’t answer, so I can’t look whether it shows it by now. Nothing was settled; try again in a minute.',
    );
  }
  const blind = typeof found === 'string' ? found : null;
  const shown = typeof found === 'string' ? null : found;
  const stuck = shown !== null && endless(deps, run, shown, deps.clock.now()) !== null;
  if (shown !== null && !stuck) {
    await tx.audit({
      actor: person,
      action: click.action === 'it_ran' ? 'run.said_ran' : 'run.said_not_ran',
      requestId: request.id,
      runId: run.id,
      data: { found: shown.id },
    });
    await tx.saveRun(run, await runningAs(tx, deps, run, request, shown));
    return answer('Defender shows it by now, so it goes on as its own answer tells.');
  }
  const still = stuck ? { word: shown.status, seen: true } : mayStillBeThere(run, blind, deps.clock.now());
  await settleUnclear(tx, deps, run, request, { by: person, ran: click.action === 'it_ran', blind, still });
  return null;
}

/**
 * What Defender said last of an action that it may have all the same, though no look at its machine shows it. Null: there is none, or
 * Defender, asked for it by its id for a while, doesn't know it any more.
 */
function mayStillBeThere(run: Run, blind: Blind | null, now: Time): Still | null {
  if (!isAtDefender(run) || (blind === null && isGone(run, now))) return null;
  return { word: run.actionStatus ?? 'Pending', seen: false };
}
