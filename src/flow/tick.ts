import { DefenderError } from '../errors.ts';
import { text } from '../model/notice.ts';
import type { Request } from '../model/request.ts';
import { BOT, endEarly } from './cancel.ts';
import { endRun, retryConflicts, wakeReport } from './changes.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import { tooLate } from './dispatch.ts';
import { mentionApprovers } from './mentions.ts';
import { lookForSeconds } from './reconcile.ts';
import { watch, watchDigests } from './watch.ts';

/** How often digests of running scripts are compared with the library. Milliseconds. */
const DIGESTS_EVERY = 30_000;
/** Requests looked at in one tick. */
const AT_ONCE = 200;

/**
 * Everything that time brings, about once a second on one instance at a time: what has expired, what starts too late, who is to be
 * reminded, what Defender has to say, and work that a dead process left behind.
 */
export async function tick(deps: Deps): Promise<void> {
  if (await deps.store.lease('tick', 5_000)) {
    await guarded(deps, 'expire', () => expire(deps));
    await guarded(deps, 'start-too-late', () => stopLate(deps));
    await guarded(deps, 'remind', () => remind(deps));
    await guarded(deps, 'line', () => refreshLine(deps));
    await guarded(deps, 'revive', () => deps.store.revive(deps.clock.now()));
  }
  await guarded(deps, 'watch', () => watchInTurn(deps));
}

/** One duty's trouble must not keep the others from being done. */
async function guarded(deps: Deps, duty: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.error({ duty, err: error }, 'a periodic duty failed');
  }
}

/** One list call per `pollEvery`, whichever instance makes it. */
async function watchInTurn(deps: Deps): Promise<void> {
  const { pollEvery } = deps.policy().limits;
  if (!(await takeTurn(deps, 'watch', pollEvery))) return;
  await watch(deps);
  if (!(await takeTurn(deps, 'digests', DIGESTS_EVERY))) return;
  try {
    await watchDigests(deps);
    await lookForSeconds(deps);
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    deps.log.warn({ code: error.code }, 'what runs could not be checked for changes');
  }
}

/** Whether this duty is due, for all instances together. */
async function takeTurn(deps: Deps, duty: string, every: number): Promise<boolean> {
  return deps.store.transaction(async (tx) => (await tx.takeCall(`duty:${duty}`, [{ count: 1, within: every }])) === 0);
}

async function expire(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  for (const request of await deps.store.requestsBy({ status: ['waiting'], limit: AT_ONCE })) {
    if (request.expiresAt === null || now < request.expiresAt) continue;
    await retryConflicts(() =>
      deps.store.transaction(async (tx) => {
        const current = await tx.request(request.id);
        if (current?.status !== 'waiting' || current.expiresAt === null || now < current.expiresAt) return;
        await endEarly(tx, deps, current, 'expired', null, null);
        await tx.insertReply({
          requestId: request.id,
          key: 'end',
          channel: request.channel,
          reply: { text: [text('expired')], output: [], moreLines: 0, buttons: [] },
        });
        await wakeReport(tx, request);
      }),
    );
  }
}

/** Approved but not started by `startBy`: cancelled, at Defender too where it still waits for the machine. */
async function stopLate(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  for (const run of await deps.store.runsBy({ status: ['queued', 'running'] })) {
    if (run.status === 'running' && (run.pickedUpAt !== null || run.cancel !== null)) continue;
    await retryConflicts(() =>
      deps.store.transaction(async (tx) => {
        const current = await tx.run(run.id);
        const request = current === null ? null : await tx.request(current.requestId);
        if (current === null || request?.startBy == null || now < request.startBy) return;
        const why = `It did not start within ${duration(request.terms?.startWithin ?? 0)} of the approval.`;
        if (current.status === 'queued') {
          await endRun(tx, deps, current, request, 'cancelled', { note: tooLate(request) });
        } else if (current.status === 'running' && current.pickedUpAt === null && current.cancel === null) {
          await tx.saveRun(current, {
            ...current,
            note: why,
            cancel: { by: BOT, why, at: now, sent: false, note: null },
          });
          await tx.audit({ actor: 'bot', action: 'run.start_too_late', requestId: request.id, runId: run.id });
          await tx.enqueue({ queue: 'cancel', id: run.id });
          await wakeReport(tx, request);
        }
      }),
    );
  }
}

/** A word to the approvers of what still waits, once a round. */
async function remind(deps: Deps): Promise<void> {
  const { remindAfter, approvers } = deps.policy().notify;
  if (remindAfter === null || approvers === 'none') return;
  const now = deps.clock.now();
  for (const request of await deps.store.requestsBy({ status: ['waiting'], limit: AT_ONCE })) {
    if (request.remindedAt !== null || now < waitingSince(request) + remindAfter) continue;
    await retryConflicts(() =>
      deps.store.transaction(async (tx) => {
        const current = await tx.request(request.id);
        if (current?.status !== 'waiting' || current.remindedAt !== null || current.terms === null) return;
        await tx.saveRequest(current, { ...current, remindedAt: now });
        await tx.insertReply({
          requestId: current.id,
          key: `remind:${current.round}`,
          channel: current.channel,
          reply: {
            text: [text(`${current.id} still waits for approval. `), ...mentionApprovers(deps, current)],
            output: [],
            moreLines: 0,
            buttons: [],
          },
        });
        await wakeReport(tx, current);
      }),
    );
  }
}

function waitingSince(request: Request): number {
  return request.expiresAt === null || request.terms === null
    ? request.createdAt
    : request.expiresAt - request.terms.expireAfter;
}

/** Place and time on the cards of the line change when others move: a look every few seconds, an edit only when the words differ. */
async function refreshLine(deps: Deps): Promise<void> {
  if (!(await takeTurn(deps, 'line', 5_000))) return;
  for (const run of await deps.store.runsBy({ status: ['queued'], limit: AT_ONCE })) {
    await deps.store.transaction(async (tx) => {
      const request = await tx.request(run.requestId);
      if (request === null) return;
      await tx.touch(request.id);
      await wakeReport(tx, request);
    });
  }
}
