import { DefenderError } from '../errors.ts';
import { text } from '../model/notice.ts';
import { type Request, type Run, waitingSince } from '../model/request.ts';
import { isAtDefender } from './action-words.ts';
import { endEarly, shouldCancel, withBotsCancel } from './cancel.ts';
import { endRun, retryConflicts, wakeReport } from './changes.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import { watchDigests } from './digests.ts';
import { tooLate } from './dispatch.ts';
import { mentionApprovers } from './mentions.ts';
import type { Tx } from './ports.ts';
import { lookForSeconds } from './reconcile.ts';
import { remindOfReviews } from './review.ts';
import { watch } from './watch.ts';

/** How often digests of running scripts are compared with the library. Milliseconds. */
const DIGESTS_EVERY = 30_000;
/** So long past its time a run in line waits for a last look at Defender. Milliseconds. */
const LOOK_WITHIN = 5 * 60_000;
/** Requests looked at in one tick. */
const AT_ONCE = 200;

/**
 * Everything that time brings, about once a second on one instance at a time: what has expired, what starts too late, who is to be
 * reminded, and work that a dead process left behind.
 */
export async function tick(deps: Deps): Promise<void> {
  if (await deps.store.lease('tick', 5_000)) {
    await guarded(deps, 'expire', () => expire(deps));
    await guarded(deps, 'start-too-late', () => stopLate(deps));
    await guarded(deps, 'remind', () => remind(deps));
    await guarded(deps, 'reviews', () => remindOfReviews(deps));
    await guarded(deps, 'line', () => refreshLine(deps));
    await guarded(deps, 'revive', () => deps.store.revive(deps.clock.now()));
  }
}

/**
 * Lets another instance keep the clock, where there is one. What the clock enqueues is taken by workers of the same instance first, so one
 * that may not do the work would go on taking it.
 */
export function leaveClock(deps: Pick<Deps, 'store'>): Promise<void> {
  return deps.store.releaseLease('tick');
}

/** One duty's trouble must not keep the others from being done. */
async function guarded(deps: Deps, duty: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.error({ duty, error }, 'a periodic duty failed');
  }
}

/**
 * What Defender has to say: one list call per `pollEvery`, whichever instance makes it. Apart from `tick`, since a slow Defender
 * must not keep the clock from being looked at.
 */
export async function watchInTurn(deps: Deps): Promise<void> {
  const { pollEvery } = deps.policy().limits;
  if (!(await takeTurn(deps, 'watch', pollEvery))) return;
  await watch(deps);
  if (!(await takeTurn(deps, 'digests', DIGESTS_EVERY))) return;
  // Where the library can't be read, second actions are looked for all the same.
  await guarded(deps, 'seconds', () => lookForSeconds(deps));
  try {
    await watchDigests(deps);
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    deps.log.warn({ code: error.code }, 'what runs could not be checked for changes');
  }
}

/** When a duty is due at the earliest, as the database told this instance: until then it need not be asked again. */
const turns = new WeakMap<Deps, Map<string, number>>();

/** Whether this duty is due, for all instances together. */
async function takeTurn(deps: Deps, duty: string, every: number): Promise<boolean> {
  const known = turns.get(deps) ?? new Map<string, number>();
  turns.set(deps, known);
  const now = deps.clock.now();
  const ahead = (known.get(duty) ?? 0) - now;
  // More than a whole turn ahead means that the clock was set back.
  if (ahead > 0 && ahead <= every) return false;
  const wait = await deps.store.transaction((tx) => tx.takeCall(`duty:${duty}`, [{ count: 1, within: every }]));
  known.set(duty, now + (wait === 0 ? every : wait));
  return wait === 0;
}

async function expire(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  for (const request of await deps.store.requestsBy({
    status: ['waiting', 'unconfirmed'],
    expiredBy: now,
    limit: AT_ONCE,
  })) {
    await retryConflicts(() =>
      deps.store.transaction(async (tx) => {
        const current = await tx.request(request.id);
        if (current?.status !== 'waiting' && current?.status !== 'unconfirmed') return;
        if (current.expiresAt === null || now < current.expiresAt) return;
        await endEarly(tx, deps, current, 'expired', null, null);
        // Only its author knows of one that wasn't confirmed.
        if (current.status === 'unconfirmed') return;
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
  for (const late of await deps.store.requestsBy({ status: ['approved'], lateBy: now, limit: AT_ONCE })) {
    await guarded(deps, 'start-too-late', () =>
      retryConflicts(() =>
        deps.store.transaction(async (tx) => {
          const request = await tx.request(late.id);
          if (request?.status !== 'approved' || request.startBy === null || now < request.startBy) return;
          for (const run of await tx.runsOf(request.id)) await stopRun(tx, deps, run, request);
        }),
      ),
    );
  }
}

async function stopRun(tx: Tx, deps: Deps, run: Run, request: Request): Promise<void> {
  // What is in line isn't running under its last attempt, unless a person had to say so: where Defender can't be looked at, or
  // somebody paused, the look that dispatch takes first isn't waited for without end.
  const blind = deps.clock.now() >= (request.startBy ?? 0) + LOOK_WITHIN && run.settledBy === null;
  if (run.status === 'queued' && (run.attempt === 0 || blind)) {
    await endRun(tx, deps, run, request, 'cancelled', { note: tooLate(request, run) });
  } else if (run.status === 'queued') {
    // Dispatch looks at Defender first, and ends it then.
    await tx.enqueue({ queue: 'dispatch', id: 'next' });
  } else if (isAtDefender(run) && run.pickedUpAt === null && shouldCancel(run, deps.clock.now())) {
    const why = `it did not start within ${duration(request.terms?.startWithin ?? 0)} of the approval`;
    await tx.saveRun(run, withBotsCancel(run, why, deps.clock.now()));
    await tx.audit({ actor: 'bot', action: 'run.start_too_late', requestId: request.id, runId: run.id });
    await tx.enqueue({ queue: 'cancel', id: run.id });
    await wakeReport(tx, request);
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

/** Place and time on the cards of the line change when others move: a look every few seconds, an edit only when the words differ. */
async function refreshLine(deps: Deps): Promise<void> {
  if (!(await takeTurn(deps, 'line', 5_000))) return;
  const queued = await deps.store.runsBy({ status: ['queued'], limit: AT_ONCE });
  for (const id of new Set(queued.map(({ requestId }) => requestId))) {
    await deps.store.transaction(async (tx) => {
      const request = await tx.request(id);
      if (request === null) return;
      await tx.touch(request.id);
      await wakeReport(tx, request);
    });
  }
}
