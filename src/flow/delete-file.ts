import { ChatError, DefenderError } from '../errors.ts';
import type { Deletion, Request } from '../model/request.ts';
import { evaluateDeletion, quorumReached } from '../policy/index.ts';
import { backOff } from './back-off.ts';
import {
  backToApprovers,
  fileIn,
  mayStillRequest,
  noLonger,
  noVersion,
  sameVersion,
  tellsNoVersion,
  versionOf,
} from './binding.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import { duration } from './collect.ts';
import { endDeletion } from './deletion.ts';
import { nothingDeleted } from './deletion-card.ts';
import type { Deps } from './deps.ts';
import { isPaused, PAUSE, type Paused } from './pause.ts';
import { peopleNow } from './people-now.ts';
import { holdPolicy } from './policy-in-force.ts';
import type { Removal, Tx } from './ports.ts';
import { startingBy } from './start-by.ts';
import { withoutAdvice } from './waits.ts';
import { refusedNow, whyAgain } from './why-again.ts';

/** The call must have left within this time; the gate looks at it with the connection open. Milliseconds. */
const SEND_WITHIN = 20_000;
/** So long past its time it waits for a look at the library where an attempt may have deleted it. Milliseconds. */
const LOOK_WITHIN = 5 * 60_000;
/** While somebody paused. */
const PAUSED_FOR = 15_000;
/** Added to its deadline: when nobody can be deleting any more. */
const DONE_WITHIN = 35_000;

/**
 * Deletes an approved file from the library. The library itself tells what became of an attempt, and deleting what is there in the
 * approved version again does no harm, so nothing here is ever unclear: it looks before each attempt, and the version has to be the
 * approved one. Throws OtherPolicy: whoever runs the policy in force deletes.
 */
export async function deleteFile(deps: Deps, requestId: string): Promise<void> {
  const request = await deps.store.transaction(async (tx) => {
    await holdPolicy(tx, deps.policy().hash);
    return tx.request(requestId);
  });
  if (request?.status !== 'approved' || request.deletion === undefined) return;
  const { deletion } = request;
  if (deps.clock.now() < deletion.notBefore || isUnderWay(deps, deletion)) return;
  if ((await isPaused(deps)) !== null) return waitOrEnd(deps, request, deletion, { waits: null, wait: PAUSED_FOR });
  try {
    await checkAndDelete(deps, request, deletion);
  } catch (error) {
    if (!(error instanceof DefenderError) && !(error instanceof ChatError)) throw error;
    await waitOrEnd(deps, request, deletion, { waits: error.message, wait: error.retryAfter });
  }
}

/**
 * Somebody paused, or nobody can be asked: it waits, but not beyond its time. Where an attempt may have deleted it, the look that would
 * tell is waited for a little longer.
 */
function waitOrEnd(
  deps: Deps,
  request: Request,
  deletion: Deletion,
  why: { waits: string | null; wait: number | null },
) {
  const { startWithin, policyHash } = evaluateDeletion(deps.policy(), deletion.fileName).terms;
  const { startBy, terms } = startingBy(request, startWithin);
  const until = deletion.attempt === 0 ? startBy : (startBy ?? 0) + LOOK_WITHIN;
  if (startBy === null || until === null || deps.clock.now() < until) return putOff(deps, request, why);
  const note = `${tooLate(terms?.startWithin ?? 0, why.waits)} ${nothingDeleted(deletion)}`;
  return end(deps, request, { outcome: 'cancelled', note: `Cancelled. ${note}` }, policyHash);
}

function tooLate(startWithin: number, why: string | null): string {
  const words = `It could not be deleted within ${duration(startWithin)} of the approval.`;
  if (why === null) return words;
  // A reason is written to follow “waits:”.
  const reason = withoutAdvice(why);
  return `${words} ${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
}

/** Another worker may still be in its call, which ends within 30 s of its deadline; clocks may differ a little. */
function isUnderWay(deps: Pick<Deps, 'clock'>, { deadline }: Deletion): boolean {
  return deadline !== null && deps.clock.now() < deadline + DONE_WITHIN;
}

async function checkAndDelete(deps: Deps, request: Request, deletion: Deletion): Promise<void> {
  const { requester, decisions } = await peopleNow(deps, request);
  // Last of all, since a file can change at any moment, also while people are looked up.
  const library = await deps.defender.library({ fresh: true, purpose: 'run' });
  const found = fileIn(library, deletion.fileName);
  if (found === null) return end(deps, request, { outcome: deletion.attempt > 0 ? 'deleted' : 'gone', note: null });
  // From here on nothing is waited for: one policy decides about all of it.
  const policy = deps.policy();
  const kept = (why: string) => notDeleted(deps, request, why, policy.hash);
  const verdict = evaluateDeletion(policy, deletion.fileName);
  const refuse = refusedNow(verdict, request.reason);
  if (refuse !== null) return kept(refuse);
  if (!mayStillRequest(policy, requester, verdict)) return kept(noLonger(requester));
  const file = versionOf(found);
  if (tellsNoVersion(file)) return kept(noVersion(file.fileName));
  const back = (note: string) =>
    sendBack(deps, request, { note, terms: verdict.terms, deletion: { ...deletion, file } });
  if (deletion.file === null || !sameVersion(deletion.file, file)) {
    return back(`${file.fileName} changed after it was approved, so it needs approval again.`);
  }
  if (!quorumReached(policy, { ...request, terms: verdict.terms }, decisions)) {
    const given = await deps.store.transaction((tx) => tx.decisionsOf(request.id));
    const { terms } = verdict;
    return back(whyAgain({ policy, request, terms, machine: null, given, counting: decisions }));
  }
  const { startBy, terms } = startingBy(request, verdict.terms.startWithin);
  if (startBy !== null && deps.clock.now() >= startBy) {
    return kept(tooLate(terms?.startWithin ?? 0, deletion.waits));
  }
  await attempt(deps, request, deletion, policy.hash);
}

/** What has just been seen to be in the library stays there. */
function notDeleted(deps: Deps, request: Request, why: string, policyHash: string): Promise<void> {
  return end(deps, request, { outcome: 'failed', note: `${why} It is still in the library.` }, policyHash);
}

async function attempt(deps: Deps, checked: Request, deletion: Deletion, policyHash: string): Promise<void> {
  const deadline = deps.clock.now() + SEND_WITHIN;
  const begun = await change(deps, checked, async (tx, request, current) => {
    await holdPolicy(tx, policyHash);
    if ((await tx.setting<Paused>(PAUSE)) !== null) return null;
    const trying = { ...current, attempt: current.attempt + 1, deadline, waits: null };
    await tx.audit({
      actor: 'bot',
      action: 'library.deleting',
      requestId: request.id,
      data: { file: current.file, attempt: trying.attempt, round: request.round },
    });
    return tx.saveRequest(request, { ...request, deletion: trying });
  });
  if (begun === null) return;
  // A process that was stopped and woke up late must not delete what may have been replaced or called off meanwhile.
  const removal = await deps.defender.deleteFile(deletion.file?.fileName ?? '', () => deps.clock.now() < deadline);
  deps.log.info({ request: begun.id, outcome: removal.outcome }, 'deletion of a library file ended');
  await settle(deps, begun, removal);
}

async function settle(deps: Deps, begun: Request, removal: Removal): Promise<void> {
  const first = begun.deletion?.attempt === 1;
  switch (removal.outcome) {
    case 'deleted':
      return end(deps, begun, { outcome: 'deleted', note: null });
    case 'not_found':
      return end(deps, begun, { outcome: first ? 'gone' : 'deleted', note: null });
    case 'refused':
      return end(deps, begun, { outcome: 'failed', note: removal.message });
    case 'throttled':
      return putOff(deps, begun, { waits: 'Defender asked us to slow down.', wait: removal.retryAfter, removal });
    case 'not_sent':
      return putOff(deps, begun, { waits: `It could not be sent: ${removal.why}.`, wait: null, removal });
    case 'unclear': {
      const waits = `${removal.why}. The library is looked at again.`;
      return putOff(deps, begun, { waits, wait: null, removal });
    }
  }
}

/** Later: no attempt is under way. `wait`: where it is said when; `removal`: how the attempt ended that was. */
async function putOff(
  deps: Deps,
  seen: Request,
  why: { waits: string | null; wait: number | null; removal?: Removal },
): Promise<void> {
  await change(deps, seen, async (tx, request, current) => {
    if (why.removal !== undefined) {
      const data = { attempt: current.attempt, ...why.removal };
      await tx.audit({ actor: 'bot', action: 'library.not_deleted', requestId: request.id, data });
    }
    const { wait, tries } = backOff(why.wait, current.tries);
    const notBefore = deps.clock.now() + wait;
    const after = await tx.saveRequest(request, {
      ...request,
      deletion: { ...current, waits: why.waits, tries, deadline: null, notBefore },
    });
    await wakeReport(tx, request);
    return after;
  });
}

/** `policyHash`: of the policy that says so, where one does. */
async function end(
  deps: Deps,
  seen: Request,
  how: Parameters<typeof endDeletion>[4],
  policyHash?: string,
): Promise<void> {
  await change(deps, seen, async (tx, request, current) => {
    if (policyHash !== undefined) await holdPolicy(tx, policyHash);
    await endDeletion(tx, deps, request, current, how);
    return request;
  });
}

async function sendBack(deps: Deps, seen: Request, changes: Parameters<typeof backToApprovers>[3]): Promise<void> {
  await change(deps, seen, async (tx, request) => {
    await holdPolicy(tx, changes.terms.policyHash);
    await backToApprovers(tx, deps, request, changes);
    return request;
  });
}

/** Changes the request only as it was seen: somebody who was faster has the say, and the next look starts from there. */
async function change(
  deps: Deps,
  seen: Request,
  work: (tx: Tx, request: Request, deletion: Deletion) => Promise<Request | null>,
): Promise<Request | null> {
  return retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const request = await tx.request(seen.id);
      if (request?.status !== 'approved' || request.deletion === undefined || request.version !== seen.version)
        return null;
      return work(tx, request, request.deletion);
    }),
  );
}
