import { AppError } from '../errors.ts';
import { strong, text } from '../model/notice.ts';
import type { Waits } from '../model/request.ts';
import {
  moveRequest,
  moveRun,
  type Request,
  type Run,
  type RunStatus,
  requestEnded,
  runEnded,
} from '../model/request.ts';
import type { Deps } from './deps.ts';
import { nothingSent, stoppedBy } from './nothing-sent.ts';
import type { Store, Tx } from './ports.ts';
import { closeVainReview } from './vain-review.ts';

/**
 * Reads a run with its request, lets `change` say what becomes of it, and stores that in one transaction. When somebody
 * was faster it starts over from the newest state. `change` returns null for “nothing to do any more”.
 */
export async function changeRun(
  store: Store,
  id: string,
  change: (tx: Tx, run: Run, request: Request) => Promise<Run | null>,
): Promise<Run | null> {
  return retryConflicts(() =>
    store.transaction(async (tx) => {
      const run = await tx.run(id);
      const request = run === null ? null : await tx.request(run.requestId);
      if (run === null || request === null) return null;
      const after = await change(tx, run, request);
      return after === null ? null : tx.saveRun(run, after);
    }),
  );
}

/** Runs work that may lose a compare-and-set, again from the start, a bounded number of times. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict' || round >= 8) throw error;
    }
  }
}

/** Ends a run and, when it was the last one, its request. What people hear at the end is enqueued with it. */
export async function endRun(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  run: Run,
  request: Request,
  to: Extract<RunStatus, 'succeeded' | 'failed' | 'timed_out' | 'cancelled'>,
  changes: Partial<Run> = {},
): Promise<Run> {
  const now = deps.clock.now();
  const commands = (changes.commands ?? run.commands).map((command) =>
    command.state === 'completed' || command.state === 'failed' ? command : { ...command, result: 'none' as const },
  );
  const ended = await tx.saveRun(run, moveRun(run, to, { ...changes, commands, endedAt: now }));
  await tx.audit({
    actor: 'bot',
    action: `run.${to}`,
    requestId: request.id,
    runId: run.id,
    data: { note: ended.note, actionId: ended.actionId, actionStatus: ended.actionStatus },
  });
  const runs = await tx.runsOf(request.id);
  if (request.status === 'approved' && runs.every((other) => runEnded(other.status))) {
    const closed = await closeVainReview(tx, request, runs, now);
    await tx.saveRequest(request, moveRequest(closed, 'done', { endedAt: now }));
    await tx.audit({ actor: 'bot', action: 'request.done', requestId: request.id });
  }
  if (ended.commands.some((command) => command.result === 'pending' || command.file === 'pending'))
    await tx.enqueue({ queue: 'collect', id: run.id });
  await sayEnd(tx, request.id);
  await wakeReport(tx, request);
  return ended;
}

/** So long after its end a run's results are waited for before the end is told. Milliseconds. */
const TOLD_WITHIN = 2 * 60_000;

/** Whether the end of a run is told without what is still to be read: the next try would come too late for it. */
export function isToldWithout(run: Pick<Run, 'endedAt' | 'notBefore'>): boolean {
  return run.endedAt !== null && run.notBefore >= run.endedAt + TOLD_WITHIN;
}

/** The reply that ends the story: once, when the last run has ended and its results have been read, or take too long. */
export async function sayEnd(tx: Tx, requestId: string): Promise<void> {
  const request = await tx.request(requestId);
  if (request === null || !requestEnded(request.status)) return;
  // Not all of them: this is asked after each result, and each holds the first lines of its output.
  const runs = await tx.runsOf(requestId, { toCollect: true });
  if (runs.some((run) => run.commands.some(({ result }) => result === 'pending') && !isToldWithout(run))) return;
  await tx.insertReply({
    requestId,
    key: 'end',
    channel: request.channel,
    // Rendered from the record when it is posted; see report.
    reply: { text: [strong('end'), text('')], output: [], moreLines: 0, buttons: [] },
  });
}

/**
 * Certainly not executed: back into the line. Where somebody wished meanwhile that it stops, it ends instead, since nothing is left
 * to stop.
 */
export async function backInLine(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  run: Run,
  request: Request,
  changes: Partial<Run>,
): Promise<void> {
  const queued = await tx.saveRun(run, moveRun(run, 'queued', { ...changes, doubt: null, deadline: null }));
  if (run.cancel === null) {
    await tx.enqueue({ queue: 'dispatch', id: 'next' });
    await wakeReport(tx, request);
    return;
  }
  const note = `${stoppedBy(run.cancel.by, run.cancel.why)} ${nothingSent(queued)}`;
  await endRun(tx, deps, queued, request, 'cancelled', { note });
}

/** Wakes the sender of the request's channel, and those of the copies of its card. */
export async function wakeReport(tx: Tx, request: Pick<Request, 'id' | 'channel' | 'platform'>): Promise<void> {
  const { platform } = request;
  for (const channel of [request.channel, ...(await tx.otherChannels(request.id, request.channel))]) {
    await tx.enqueue({ queue: `report.${platform}`, id: channelKey({ platform, channel }) });
  }
}

/** The report queue's id of a channel: platform and channel, since both platforms share the engine. */
export function channelKey(request: Pick<Request, 'channel' | 'platform'>): string {
  return `${request.platform}|${request.channel}`;
}

/** Puts a queued or held run off: why it waits is on its card. */
export function putOff(run: Run, waits: Waits, until: number): Run {
  return { ...run, waits, notBefore: until };
}
