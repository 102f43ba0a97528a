import { DefenderError } from '../errors.ts';
import { moveRun, type Request, type Run } from '../model/request.ts';
import { backInLine, changeRun, endRun, retryConflicts, wakeReport } from './changes.ts';
import { commentFor } from './comment.ts';
import type { Deps } from './deps.ts';
import { isOthersAtWork, isOurs, wireCommands } from './ownership.ts';
import { PAUSE, type Paused } from './pause.ts';
import type { MachineAction, Submission, Tx } from './ports.ts';

const PUT_OFF = 5_000;
const PUT_OFF_AT_MOST = 60_000;
/**
 * After a 429 without a word on how long: the sessions of a tenant free up slowly, its call budget within a minute. A word
 * that is out of all measure must not stop everybody for days.
 */
const THROTTLED = { calls: 15_000, sessions: 60_000, most: 900_000 };

/**
 * Steps two and three of sending: `sendStartedAt` is committed just before the bytes may leave, the deadline is looked at once more
 * with the connection open, and the answer is read for what it proves. Called again after a kill it sends nothing: whatever
 * has `sendStartedAt` is left to `reconcile`.
 */
export async function send(deps: Deps, runId: string, attempt: number): Promise<void> {
  if (!(await signedIn(deps, runId, attempt))) return;
  const started = await startSending(deps, runId, attempt);
  if (started === null) return;
  const { run, request, comment } = started;
  const deadline = run.deadline ?? 0;
  const submission = await deps.defender.submit(
    run.machine.id,
    { Commands: wireCommands(request), Comment: comment },
    // A process that was stopped and woke up late must not send what somebody else has taken over.
    () => deps.clock.now() < deadline,
  );
  await settle(deps, run, request, submission);
}

/** Signs in before anything counts as sent: an Entra that hangs or refuses leaves no doubt about the machine. */
async function signedIn(deps: Deps, runId: string, attempt: number): Promise<boolean> {
  try {
    await deps.defender.signIn();
    return true;
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    await changeRun(deps.store, runId, async (tx, run, request) => {
      if (run.status !== 'submitting' || run.attempt !== attempt || run.sendStartedAt !== null) return null;
      const notBefore = deps.clock.now() + Math.min(Math.max(error.retryAfter ?? 0, PUT_OFF), PUT_OFF_AT_MOST);
      await noteAttempt(tx, run, 'run.requeued', { outcome: 'not_sent', why: error.message });
      await backInLine(tx, deps, run, request, { waits: { for: 'defender', why: error.message }, notBefore });
      return null;
    });
    return false;
  }
}

async function startSending(
  deps: Deps,
  runId: string,
  attempt: number,
): Promise<{ run: Run; request: Request; comment: string } | null> {
  let comment = '';
  let owner: Request | null = null;
  const run = await changeRun(deps.store, runId, async (tx, current, request) => {
    const now = deps.clock.now();
    if (current.status !== 'submitting' || current.attempt !== attempt || current.sendStartedAt !== null) return null;
    if (current.deadline === null || now >= current.deadline) return null;
    if (current.cancel !== null || (await tx.setting<Paused>(PAUSE)) !== null) {
      const why = current.cancel === null ? 'paused' : 'somebody cancelled';
      await noteAttempt(tx, current, 'run.requeued', { outcome: 'not_sent', why });
      await backInLine(tx, deps, current, request, { notBefore: now });
      return null;
    }
    const decisions = (await tx.decisionsOf(request.id)).filter(
      (d) => d.round === request.round && d.verdict !== 'deny',
    );
    const how = decisions.some((d) => d.verdict === 'break_glass') ? 'break-glass' : 'approved';
    comment = commentFor(
      current,
      request,
      decisions.map((d) => d.person),
      how,
    );
    owner = request;
    await tx.callMade('defender_submit', current.intentAt ?? now);
    return { ...current, sendStartedAt: now };
  });
  return run === null || owner === null ? null : { run, request: owner, comment };
}

/** What the answer proves, stored. Losing this to a kill is safe: `reconcile` finds the run by its deadline. */
async function settle(deps: Deps, sent: Run, request: Request, submission: Submission): Promise<void> {
  deps.log.info({ run: sent.id, attempt: sent.attempt, outcome: submission.outcome }, 'submission ended');
  switch (submission.outcome) {
    case 'accepted':
      if (isOurs(submission.action, sent, request, deps.clientId)) return markRunning(deps, sent.id, submission.action);
      return doubt(deps, sent, doubtAbout(submission.action, sent), `Defender answered with ${submission.action.id}`);
    case 'refused':
      return refuse(deps, sent, submission.message);
    case 'throttled':
      return throttled(deps, sent, submission);
    case 'not_sent':
      return requeue(deps, sent, { outcome: 'not_sent', why: submission.why }, PUT_OFF);
    case 'busy':
      return doubt(deps, sent, 'busy', submission.message);
    case 'unclear':
      return doubt(deps, sent, 'no_answer', submission.why);
  }
}

/** What a call to Defender came to, also where the run has gone on without it. */
async function noteAttempt(tx: Tx, run: Run, action: string, said: { outcome: string; why: string }): Promise<void> {
  const { id: runId, requestId, attempt } = run;
  await tx.audit({ actor: 'bot', action, requestId, runId, data: { attempt, ...said } });
}

/** The run goes on at Defender under this action. */
export async function markRunning(deps: Deps, runId: string, action: MachineAction): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    return ['submitting', 'reconciling', 'queued', 'unclear'].includes(run.status)
      ? runningAs(tx, deps, run, request, action)
      : null;
  });
}

/** The run as it goes on under an action, not stored yet; a cancel that was remembered goes out. */
export async function runningAs(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  run: Run,
  request: Request,
  action: MachineAction,
): Promise<Run> {
  await tx.audit({
    actor: 'bot',
    action: 'run.running',
    requestId: request.id,
    runId: run.id,
    data: { outcome: 'accepted', actionId: action.id, attempt: run.attempt, from: run.status },
  });
  await wakeReport(tx, request);
  if (run.cancel !== null && !run.cancel.sent) await tx.enqueue({ queue: 'cancel', id: run.id });
  return moveRun(run, 'running', {
    actionId: action.id,
    actionStatus: action.status,
    sentAt: run.sentAt ?? run.sendStartedAt ?? deps.clock.now(),
    doubt: null,
    ...withoutQuestion(run),
  });
}

/** Why people were asked is no news of a run that goes on. */
function withoutQuestion({ note, asks }: Run): Partial<Run> {
  if (asks == null) return { note };
  return { note: note?.replace(asks, '').trim() || null, asks: null, missingSince: null };
}

async function refuse(deps: Deps, sent: Run, message: string): Promise<void> {
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const run = await tx.run(sent.id);
      const request = run === null ? null : await tx.request(run.requestId);
      if (run === null || request === null) return;
      const still = sameAttempt(run, sent);
      await noteAttempt(tx, sent, still ? 'run.refused' : 'run.late_answer', { outcome: 'refused', why: message });
      if (still) await endRun(tx, deps, run, request, 'failed', { note: message });
    }),
  );
}

async function throttled(deps: Deps, sent: Run, answer: Extract<Submission, { outcome: 'throttled' }>): Promise<void> {
  const named = answer.retryAfter ?? (answer.sessions ? THROTTLED.sessions : THROTTLED.calls);
  const wait = Math.min(named, THROTTLED.most);
  deps.metrics.throttled();
  await deps.store.transaction((tx) => tx.blockBudget('defender_submit', deps.clock.now() + wait));
  await requeue(deps, sent, { outcome: 'throttled', why: 'Defender asked us to slow down' }, wait);
}

/**
 * Nothing was executed, that is certain: back into the line. Whoever slept over its deadline knows so too, of an attempt that
 * others are looking for by now.
 */
async function requeue(deps: Deps, sent: Run, said: { outcome: string; why: string }, wait: number): Promise<void> {
  await changeRun(deps.store, sent.id, async (tx, run, request) => {
    const lookedFor = run.status === 'reconciling' && run.attempt === sent.attempt;
    const late = !sameAttempt(run, sent) && !lookedFor;
    await noteAttempt(tx, sent, late ? 'run.late_answer' : 'run.requeued', said);
    if (late) return null;
    const notBefore = deps.clock.now() + wait;
    await backInLine(tx, deps, run, request, { waits: { for: 'defender', why: said.why }, notBefore });
    return null;
  });
}

function doubtAbout(answered: MachineAction, sent: Run): 'busy' | 'unproved' {
  return isOthersAtWork(answered, sent) ? 'busy' : 'unproved';
}

/** Nobody knows whether it runs: from here on it is only looked for. */
async function doubt(deps: Deps, sent: Run, kind: 'busy' | 'no_answer' | 'unproved', why: string): Promise<void> {
  await changeRun(deps.store, sent.id, async (tx, run, request) => {
    const late = !sameAttempt(run, sent);
    await noteAttempt(tx, sent, late ? 'run.late_answer' : 'run.reconciling', { outcome: kind, why });
    if (late) return null;
    const now = deps.clock.now();
    await tx.enqueue({ queue: 'reconcile', id: run.id });
    await wakeReport(tx, request);
    return moveRun(run, 'reconciling', { doubt: kind, lookUntil: now + deps.visibilityLag, notBefore: now });
  });
}

function sameAttempt(run: Run, sent: Run): boolean {
  return run.status === 'submitting' && run.attempt === sent.attempt;
}
