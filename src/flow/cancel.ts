import { DefenderError } from '../errors.ts';
import { text } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import { moveRequest, moveRun, type Request, type Run } from '../model/request.ts';
import { endOf, isAtDefender } from './action-words.ts';
import { changeRun, endRun, wakeReport } from './changes.ts';
import { BOT, cancelComment } from './comment.ts';
import { cancelDeletion } from './deletion.ts';
import { nothingDeleted } from './deletion-card.ts';
import type { Deps } from './deps.ts';
import { nothingSent, stoppedBy } from './nothing-sent.ts';
import type { Cancellation, Tx } from './ports.ts';

const TOO_LATE = 'Defender says that it is too late to cancel.';
/** A cancel that Defender turned down is tried again by the clock after this time. Milliseconds. */
const AGAIN = 60_000;
/** While people are asked about it, which may take days, it is tried more rarely. */
const AGAIN_WHILE_ASKED = 3_600_000;

/** Whether the bot itself should ask Defender to cancel now: nobody did, or Defender turned it down a while ago. */
export function shouldCancel(run: Run, now: number): boolean {
  if (run.cancel === null) return true;
  const again = run.status === 'unclear' ? AGAIN_WHILE_ASKED : AGAIN;
  return run.cancel.note !== null && run.cancel.note !== TOO_LATE && now - run.cancel.at >= again;
}

/**
 * The run with the bot's own wish that Defender cancels it. Where a person wished it before and Defender turned that down, it stays
 * their wish, asked once more; why the bot asks is added to what there is to know. `why`: `it did not start in time`.
 */
export function withBotsCancel(run: Run, why: string, now: number): Run {
  const anew = { at: now, sent: false, note: null };
  if (run.cancel === null || run.cancel.by.id === BOT.id) return { ...run, cancel: { by: BOT, why, ...anew } };
  const reason = `${why.charAt(0).toUpperCase()}${why.slice(1)}, so I asked Defender again.`;
  const note = run.note?.includes(reason) === true ? run.note : [run.note ?? '', reason].join(' ').trim();
  return { ...run, note, cancel: { ...run.cancel, ...anew } };
}

/** What became of somebody's wish to stop a request. */
export type CancelOutcome = 'withdrawn' | 'cancelled' | 'requested' | 'unclear' | 'partly' | 'under_way' | 'ended';

/**
 * Stops a request as far as it can be stopped: a waiting one is withdrawn, a run in line is cancelled at once, one at Defender is
 * asked to stop. One that is just being sent remembers the wish. Rights have been checked.
 */
export async function cancelRequest(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  by: PersonRef,
  why: string | null,
): Promise<CancelOutcome> {
  if (request.status === 'received' || request.status === 'unconfirmed' || request.status === 'waiting') {
    await endEarly(tx, deps, request, 'withdrawn', by, why);
    await wakeReport(tx, request);
    return 'withdrawn';
  }
  if (request.status !== 'approved') return 'ended';
  if (request.deletion !== undefined) {
    const words = `${stoppedBy(by, why)} ${nothingDeleted(request.deletion)}`;
    return cancelDeletion(tx, deps, request, request.deletion, { by, why, words });
  }
  // Whoever changes one of its runs meanwhile waits, so that what is read of them stays true.
  await tx.touch(request.id);
  const steps = new Set<CancelOutcome>();
  for (const [index, run] of (await tx.runsOf(request.id)).entries()) {
    // Ending one run may have changed the request; until then it is the one that was judged.
    const judged = index === 0 ? request : ((await tx.request(request.id)) ?? request);
    const step = await cancelRun(tx, deps, run, judged, by, why);
    if (step !== null) steps.add(step);
  }
  const outcome = outcomeOf(steps);
  await tx.audit({ actor: by, action: 'request.cancel', requestId: request.id, data: { why, outcome } });
  await wakeReport(tx, request);
  return outcome;
}

/** What came of it on all machines together. */
function outcomeOf(steps: ReadonlySet<CancelOutcome>): CancelOutcome {
  if (steps.has('requested')) return 'requested';
  if (steps.has('unclear')) return steps.has('cancelled') ? 'partly' : 'unclear';
  return steps.has('cancelled') ? 'cancelled' : 'ended';
}

async function cancelRun(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  run: Run,
  request: Request,
  by: PersonRef,
  why: string | null,
): Promise<CancelOutcome | null> {
  const cancel = { by, why, at: deps.clock.now(), sent: false, note: null };
  switch (run.status) {
    case 'held':
    case 'queued': {
      await endRun(tx, deps, run, request, 'cancelled', { cancel, note: `${stoppedBy(by, why)} ${nothingSent(run)}` });
      return 'cancelled';
    }
    case 'unclear':
    case 'submitting':
    case 'reconciling':
    case 'running':
      if (run.status === 'unclear' && !isAtDefender(run)) return 'unclear';
      // One that Defender turned down may be wished for again.
      if (run.cancel !== null && run.cancel.note === null) return 'requested';
      await tx.saveRun(run, { ...run, cancel });
      if (isAtDefender(run)) await tx.enqueue({ queue: 'cancel', id: run.id });
      return 'requested';
    default:
      return null;
  }
}

/** Ends a request that was never sent, with its held runs. */
export async function endEarly(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  to: 'withdrawn' | 'denied' | 'expired' | 'refused',
  by: PersonRef | null,
  why: string | null,
  grounds: object = {},
): Promise<void> {
  const now = deps.clock.now();
  await tx.touch(request.id);
  for (const run of await tx.runsOf(request.id)) {
    if (run.status === 'held') await tx.saveRun(run, moveRun(run, 'cancelled', { endedAt: now }));
  }
  await tx.saveRequest(request, moveRequest(request, to, { endedAt: now, endedBy: by, note: why }));
  await tx.audit({
    actor: by ?? 'bot',
    action: `request.${to}`,
    requestId: request.id,
    data: { why, round: request.round, ...grounds },
  });
}

/** Whether a person's word ended the run while Defender had an action of it: what they say it didn't do, it must not do later. */
function endedByWord({ status, settledBy, actionId, actionStatus }: Run): boolean {
  return status === 'cancelled' && settledBy !== null && actionId !== null && endOf(actionStatus ?? '') === undefined;
}

/** Whether somebody wishes that Defender cancels the run's action, and Defender hasn't answered that yet. */
export function isCancelDue(run: Run): boolean {
  return run.cancel !== null && !run.cancel.sent && (isAtDefender(run) || endedByWord(run));
}

/** Asks Defender to cancel a run's action; until Defender says so the card says “cancel requested”. */
export async function cancelAtDefender(deps: Deps, runId: string): Promise<void> {
  const run = await deps.store.transaction((tx) => tx.run(runId));
  if (run === null || !isCancelDue(run) || run.actionId === null || run.cancel === null) return;
  const { by, why } = run.cancel;
  const result = await deps.defender.cancel(run.actionId, cancelComment(run, by, why));
  if (result.outcome === 'unclear' || (result.outcome === 'refused' && isFresh(deps, run))) {
    await noteUntaken(deps, run, result);
    throw new DefenderError(
      'defender_unexpected',
      `Defender has not taken the cancel of ${run.id} yet; it is tried again.`,
    );
  }
  await changeRun(deps.store, runId, async (tx, current, request) => {
    if (current.cancel === null || current.cancel.at !== run.cancel?.at) return null;
    await tx.audit({
      actor: by,
      action: 'run.cancel_sent',
      requestId: request.id,
      runId,
      data: { ...said(result), actionId: run.actionId, why },
    });
    await wakeReport(tx, request);
    const note =
      result.outcome === 'too_late'
        ? TOO_LATE
        : result.outcome === 'refused'
          ? `Defender refused to cancel: ${result.message}`
          : null;
    const after = { ...current, cancel: { ...current.cancel, sent: true, note, untaken: false } };
    return endedByWord(current) ? tellAfterwards(tx, after, request, note) : after;
  });
}

/** What came of the cancel of a run that a person's word has ended: nobody looks at it any more, so it is said aloud. */
async function tellAfterwards(tx: Tx, run: Run, request: Request, note: string | null): Promise<Run> {
  const words =
    note === null
      ? 'Defender has taken the cancel of its action.'
      : `The cancel of its action came to nothing: ${note} Look at it in the portal.`;
  await tx.insertReply({
    requestId: request.id,
    key: `cancelled:${run.id}:${run.attempt}`,
    channel: request.channel,
    reply: { text: [text(`${note === null ? '' : '‼ '}${run.id}: ${words}`)], output: [], moreLines: 0, buttons: [] },
  });
  return { ...run, note: [run.note ?? '', words].join(' ').trim() };
}

/** What Defender said to a cancel; the action itself is known already. */
function said(result: Cancellation): object {
  return result.outcome === 'requested' ? { outcome: result.outcome, status: result.action.status } : result;
}

/** A cancel that Defender hasn't taken is sent again: the card says so, and each thing that came of it is written down once. */
async function noteUntaken(deps: Pick<Deps, 'store'>, sent: Run, result: Cancellation): Promise<void> {
  await changeRun(deps.store, sent.id, async (tx, run, request) => {
    if (await tx.takeDelivery(`cancel:${run.id}:${sent.cancel?.at}:${result.outcome}`)) {
      const data = { ...result, actionId: sent.actionId };
      const actor = sent.cancel?.by ?? 'bot';
      await tx.audit({ actor, action: 'run.cancel_not_taken', requestId: request.id, runId: run.id, data });
    }
    if (!isCancelDue(run) || run.cancel === null || run.cancel.untaken === true) return null;
    await wakeReport(tx, request);
    return { ...run, cancel: { ...run.cancel, untaken: true } };
  });
}

/** Defender may not know an action yet that it has just accepted. */
function isFresh(deps: Pick<Deps, 'clock' | 'visibilityLag'>, run: Run): boolean {
  return deps.clock.now() - (run.sentAt ?? 0) < deps.visibilityLag;
}
