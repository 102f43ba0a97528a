import { AppError } from '../errors.ts';
import type { Request } from '../model/request.ts';
import { retryConflicts } from './changes.ts';
import type { Deps } from './deps.ts';
import { holdPolicy, OtherPolicy } from './policy-in-force.ts';
import type { Tx } from './ports.ts';
import { mayBeEnough, releaseWhatIsEnough } from './release.ts';
import { bringForward } from './start-by.ts';
import { underTodaysPolicy, verdictNow } from './terms.ts';

/** Requests read at a time. */
const PAGE = 200;

/**
 * After a change of the policy, and at the start, since it may have changed while nobody ran: cards show what it asks for now of what
 * waits; what has enough approvals by it goes on; what is approved gets less time to start where it says so. One request's trouble
 * keeps no other from it; it is thrown at the end, so that whoever called tries again. Done twice, or by two instances, it changes
 * nothing more.
 */
export async function rejudge(deps: Deps, stopping?: AbortSignal): Promise<void> {
  let failed = 0;
  for await (const request of openRequests(deps)) {
    if (stopping?.aborted) return;
    // On a platform that is off nobody decides and no card is changed; the start that turns it on looks at it.
    if (!deps.chats.has(request.platform)) continue;
    try {
      await rejudgeOne(deps, request.id);
    } catch (error) {
      // Whoever runs the policy in force judges, and we do when ours is in force again.
      if (error instanceof OtherPolicy) return;
      failed += 1;
      deps.log.error({ request: request.id, error }, 'a request could not be judged by the policy in force');
    }
  }
  if (failed > 0) throw new AppError('policy', `Open requests that are still judged by an earlier policy: ${failed}.`);
}

async function* openRequests({ store }: Pick<Deps, 'store'>): AsyncGenerator<Request> {
  let page = await store.requestsBy({ status: ['waiting', 'approved'], limit: PAGE });
  for (let after = page.at(-1); after !== undefined; after = page.at(-1)) {
    yield* page;
    page = await store.requestsBy({ status: ['waiting', 'approved'], after, limit: PAGE });
  }
}

async function rejudgeOne(deps: Deps, id: string): Promise<void> {
  const maybe = await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const request = await tx.request(id);
      if (request?.status === 'approved') await rejudgeApproved(tx, deps, request);
      return request?.status === 'waiting' ? rejudgeWaiting(tx, deps, request) : null;
    }),
  );
  if (maybe !== null) await releaseWhatIsEnough(deps, maybe);
}

/** Returns what a lighter policy may leave nothing to wait for. */
async function rejudgeWaiting(tx: Tx, deps: Deps, before: Request): Promise<Request | null> {
  const { request, refuse } = await underTodaysPolicy(tx, deps, before);
  return refuse === null && mayBeEnough(request, await tx.decisionsOf(request.id)) ? request : null;
}

/** Whether it may run at all is asked when it is sent. */
async function rejudgeApproved(tx: Tx, deps: Deps, request: Request): Promise<void> {
  await holdPolicy(tx, deps.policy().hash);
  const verdict = await verdictNow(tx, deps, request);
  if (verdict !== null) await bringForward(tx, request, verdict.terms.startWithin);
}
