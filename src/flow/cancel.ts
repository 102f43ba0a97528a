import type { PersonRef } from '../model/person.ts';
import { moveRequest, moveRun, type Request, type Run } from '../model/request.ts';
import { changeRun, endRun, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import type { Tx } from './ports.ts';

/** Who cancels when time, or a changed file, does. */
export const BOT: PersonRef = { platform: 'slack', id: 'bot', tenant: '', name: 'Live Response' };

/** What became of somebody's wish to stop a request. */
export type CancelOutcome = 'withdrawn' | 'cancelled' | 'requested' | 'unclear' | 'ended';

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
  if (request.status === 'received' || request.status === 'waiting') {
    await endEarly(tx, deps, request, 'withdrawn', by, why);
    await wakeReport(tx, request);
    return 'withdrawn';
  }
  if (request.status !== 'approved') return 'ended';
  let outcome: CancelOutcome = 'ended';
  for (const run of await tx.runsOf(request.id)) {
    const step = await cancelRun(tx, deps, run, request, by, why);
    if (step !== null && outcome !== 'requested') outcome = step;
  }
  await tx.audit({ actor: by, action: 'request.cancel', requestId: request.id, data: { why, outcome } });
  await wakeReport(tx, request);
  return outcome;
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
      const current = (await tx.request(request.id)) ?? request;
      await endRun(tx, deps, run, current, 'cancelled', {
        cancel,
        note: stoppedBy(by, why, 'Nothing was sent to the machine.'),
      });
      return 'cancelled';
    }
    case 'submitting':
    case 'reconciling':
    case 'running':
      if (run.cancel !== null) return 'requested';
      await tx.saveRun(run, { ...run, cancel });
      if (run.status === 'running') await tx.enqueue({ queue: 'cancel', id: run.id });
      return 'requested';
    case 'unclear':
      return 'unclear';
    default:
      return null;
  }
}

function stoppedBy(by: PersonRef, why: string | null, then: string): string {
  return `Cancelled by ${by.name}${why === null ? '' : `: ${why}`}. ${then}`;
}

/** Ends a request that was never sent, with its held runs. */
export async function endEarly(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  to: 'withdrawn' | 'denied' | 'expired' | 'refused',
  by: PersonRef | null,
  why: string | null,
): Promise<void> {
  const now = deps.clock.now();
  for (const run of await tx.runsOf(request.id)) {
    if (run.status === 'held') await tx.saveRun(run, moveRun(run, 'cancelled', { endedAt: now }));
  }
  const current = (await tx.request(request.id)) ?? request;
  await tx.saveRequest(current, moveRequest(current, to, { endedAt: now, endedBy: by, note: why }));
  await tx.audit({
    actor: by ?? 'bot',
    action: `request.${to}`,
    requestId: request.id,
    data: { why, round: request.round },
  });
}

/** Asks Defender to cancel a run's action; until Defender says so the card says “cancel requested”. */
export async function cancelAtDefender(deps: Deps, runId: string): Promise<void> {
  const run = await deps.store.transaction((tx) => tx.run(runId));
  if (run?.status !== 'running' || run.actionId === null || run.cancel === null || run.cancel.sent) return;
  const { by, why } = run.cancel;
  const result = await deps.defender.cancel(
    run.actionId,
    `[${run.id}] cancelled by ${by.name} (${by.platform}:${by.id})`,
  );
  if (result.outcome === 'unclear') throw new Error(`cancel of ${run.id} is unclear, trying again`);
  await changeRun(deps.store, runId, async (tx, current, request) => {
    if (current.cancel === null) return null;
    await tx.audit({
      actor: by,
      action: 'run.cancel_sent',
      requestId: request.id,
      runId,
      data: { outcome: result.outcome, actionId: run.actionId, why },
    });
    await wakeReport(tx, request);
    const note =
      result.outcome === 'too_late'
        ? 'Defender says that it is too late to cancel.'
        : result.outcome === 'refused'
          ? `Defender refused to cancel: ${result.message}`
          : null;
    return { ...current, cancel: { ...current.cancel, sent: true, note } };
  });
}
