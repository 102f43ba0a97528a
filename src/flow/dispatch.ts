import { AppError, ChatError, DefenderError } from '../errors.ts';
import { moveRun, type Request, type Run } from '../model/request.ts';
import { backOff } from './back-off.ts';
import { type Binding, checkBinding, sendBack } from './binding.ts';
import { changeRun, endRun, putOff } from './changes.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';
import { callsFree, freeSessions, submissionLimits } from './line.ts';
import { lookAhead } from './look-ahead.ts';
import { nothingSent } from './nothing-sent.ts';
import { isPaused, PAUSE, type Paused } from './pause.ts';
import { holdPolicy } from './policy-in-force.ts';
import { adopt, lookForOurs } from './reconcile.ts';
import { bringForward, startingBy, startsBy } from './start-by.ts';
import { BLIND, type Blind, isBlind } from './unclear.ts';
import { withoutAgain } from './why-again.ts';

/** An attempt to send must have left within this time; then anybody may look for what became of it. Milliseconds. */
const SEND_WITHIN = 20_000;
/** The clock wakes the line once a second; what is due before is waited for here, so that the line moves at Defender's full pace. */
const SOON = 1_000;
/** What was checked before sending holds for so long; the checks themselves are calls of up to half a minute. */
const CHECK_HOLDS = 120_000;
/** So long past its time a run waits for a look that nobody gets: a right was taken away, or what Defender shows can't be understood. */
const BLIND_FOR = 5 * 60_000;

/**
 * Sends what may be sent, one run after the other in a fair order, until the budget is spent or nothing is due. Sending
 * itself is a job of its own (`submit`), so a slow answer holds up nobody else. Throws OtherPolicy: whoever runs the policy in force
 * sends.
 */
export async function dispatch(deps: Deps): Promise<void> {
  const seen = new Set<string>();
  for (;;) {
    const [run] = await deps.store.dispatchable(deps.clock.now(), 1);
    // One that comes back at once did not move; the next wake-up looks at it again.
    if (run === undefined || seen.has(run.id)) return;
    const next = await dispatchOne(deps, run);
    if (next === 'wait') return;
    if (next === 'next') seen.add(run.id);
    else await deps.sleep(next);
  }
}

/** A number: the line may move after so many milliseconds, sooner than anybody looks again. */
async function dispatchOne(deps: Deps, run: Run): Promise<'next' | 'wait' | number> {
  if (await isPaused(deps)) return 'wait';
  const wait = await callsFree(deps);
  if (wait > 0) return wait <= SOON ? wait : 'wait';
  // Before anything is read: while all sessions are busy, looking each second would eat the reads that watching needs.
  const free = await deps.store.transaction(async (tx) => {
    await holdPolicy(tx, deps.policy().hash);
    return freeSessions(deps, tx);
  });
  if (free === 0) return 'wait';
  try {
    return await prepareAndClaim(await lookAhead(deps, run), run);
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return 'next';
    if (!(error instanceof DefenderError) && !(error instanceof ChatError)) throw error;
    await putOffFor(deps, run, error);
    return 'next';
  }
}

/** Defender or the people's platform can't be asked: the run waits, and its card says why. What may never be looked at again doesn't wait beyond its time. */
async function putOffFor(deps: Deps, run: Run, error: DefenderError | ChatError): Promise<void> {
  const request = await deps.store.transaction((tx) => tx.request(run.requestId));
  const over = request?.startBy != null && deps.clock.now() >= request.startBy + BLIND_FOR;
  if (request !== null && over && isBlind(error.code)) {
    await changeRunToEnd(deps, run.id, `${tooLate(request, run)}${notLookedFor(run, error.code)}`);
    return;
  }
  const who = error instanceof ChatError ? 'people' : 'defender';
  await changeRun(deps.store, run.id, async (_tx, current) => {
    if (current.status !== 'queued') return null;
    const { wait, tries } = backOff(error.retryAfter, current.waits.for === who ? current.waits.tries : 0);
    return putOff(current, { for: who, why: error.message, tries }, deps.clock.now() + wait);
  });
}

async function prepareAndClaim(deps: Deps, run: Run): Promise<'next' | 'wait'> {
  const request = await deps.store.transaction((tx) => tx.request(run.requestId));
  if (request === null || request.status !== 'approved') return 'next';
  if (run.cancel !== null) {
    await changeRunToEnd(deps, run.id, `Cancelled by ${run.cancel.by.name}. ${nothingSent(run)}`);
    return 'next';
  }
  const checkedAt = deps.clock.now();
  // It may be running there already: after an attempt that nobody saw end, a restart, or a backup that was restored.
  const found = await lookForOurs(deps, run, request);
  if (found !== null) {
    await adopt(deps, run.id, found);
    return 'next';
  }
  if (request.startBy !== null && deps.clock.now() >= request.startBy) {
    await changeRunToEnd(deps, run.id, tooLate(request, run));
    return 'next';
  }
  const binding = await checkBinding(deps, request, run);
  if (binding.kind === 'changed') {
    const back = await sendBack(deps, request.id, binding);
    if (back !== 'done') await endAlone(deps, run, binding, back);
    return 'next';
  }
  if (binding.kind === 'impossible') {
    await changeRunToEnd(deps, run.id, binding.note, binding.policyHash);
    return 'next';
  }
  const { startWithin, policyHash } = binding;
  const startBy = startsBy(request, startWithin);
  if (startBy !== null && deps.clock.now() >= startBy) {
    await changeRunToEnd(deps, run.id, tooLate(startingBy(request, startWithin), run), policyHash);
    return 'next';
  }
  return claim(deps, { run, request, startWithin, policyHash, at: checkedAt });
}

/** What changed on one machine while the request was under way on others: approved as it is no more, and nobody can be asked anew. */
async function endAlone(
  deps: Deps,
  run: Run,
  { note, terms }: Extract<Binding, { kind: 'changed' }>,
  others: 'others_started' | 'others_ended',
): Promise<void> {
  const why = others === 'others_started' ? 'is under way on other machines' : 'has ended on other machines';
  const rest = `The request ${why}, so it isn’t asked for again here.`;
  await changeRunToEnd(deps, run.id, `${withoutAgain(note)} ${rest} ${nothingSent(run)}`, terms.policyHash);
}

/** An earlier attempt may be at Defender, where nobody can look: “nothing more” is then only half of it. */
function notLookedFor(run: Run, code: Blind): string {
  return run.settledBy === null
    ? ''
    : ` Whether the earlier attempt is at Defender I couldn’t see: ${BLIND[code]}. Look at it in the portal.`;
}

/** The note of a run that was approved but could not be sent in time. */
export function tooLate(request: Request, run: Run): string {
  const within = duration(request.terms?.startWithin ?? 0);
  return `It did not start within ${within} of the approval. ${nothingSent(run)}`;
}

/** `policyHash`: of the policy that says so, where one does. */
async function changeRunToEnd(deps: Deps, runId: string, note: string, policyHash?: string): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (policyHash !== undefined) await holdPolicy(tx, policyHash);
    const run = await tx.run(runId);
    const request = run === null ? null : await tx.request(run.requestId);
    if (run?.status === 'queued' && request !== null) await endRun(tx, deps, run, request, 'cancelled', { note });
  });
}

/**
 * Step one of sending: budget, session and machine are taken and the intent is committed, all or nothing. The store refuses
 * a second run in flight on one machine.
 */
async function claim(deps: Deps, checked: Checked): Promise<'next' | 'wait'> {
  let verdict: 'next' | 'wait' = 'next';
  const taken = await changeRun(deps.store, checked.run.id, async (tx, run, request) => {
    verdict = 'next';
    await holdPolicy(tx, checked.policyHash);
    const now = deps.clock.now();
    if (!stillHolds(checked, run, request, now) || (await tx.setting<Paused>(PAUSE)) !== null) return null;
    if ((await freeSessions(deps, tx)) === 0 || (await tx.takeCall('defender_submit', submissionLimits(deps))) > 0) {
      verdict = 'wait';
      return null;
    }
    const claimed = moveRun(run, 'submitting', {
      attempt: run.attempt + 1,
      intentAt: now,
      deadline: now + SEND_WITHIN,
      sendStartedAt: null,
      doubt: null,
      waits: { for: 'turn' },
    });
    await tx.audit({
      actor: 'bot',
      action: 'run.submitting',
      requestId: request.id,
      runId: run.id,
      data: { attempt: claimed.attempt, machine: run.machine.id, round: request.round },
    });
    await tx.enqueue({ queue: 'send', id: run.id, attempt: claimed.attempt });
    await bringForward(tx, request, checked.startWithin);
    return claimed;
  });
  if (taken?.status === 'submitting') {
    deps.metrics.dispatchWait((deps.clock.now() - (taken.queuedAt ?? deps.clock.now())) / 1000);
  }
  return verdict;
}

/** What was looked at, in which versions, and when. */
interface Checked {
  run: Run;
  request: Request;
  /** What the policy in force gives it. */
  startWithin: number;
  /** Of the policy that let it pass. */
  policyHash: string;
  at: number;
}

/** Whether what was checked is what would be sent: a process that was stopped in between checks again. */
function stillHolds(checked: Checked, run: Run, request: Request, now: number): boolean {
  const startBy = startsBy(request, checked.startWithin);
  return (
    run.status === 'queued' &&
    run.version === checked.run.version &&
    request.version === checked.request.version &&
    now - checked.at < CHECK_HOLDS &&
    (startBy === null || now < startBy)
  );
}
