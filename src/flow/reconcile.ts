import { DefenderError } from '../errors.ts';
import { text } from '../model/notice.ts';
import { moveRun, type Request, type Run } from '../model/request.ts';
import { endOf, isAtDefender, isWord } from './action-words.ts';
import { backInLine, changeRun, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import { isOurs, since } from './ownership.ts';
import type { MachineAction } from './ports.ts';
import { markRunning } from './send.ts';
import { whichOf } from './told-apart.ts';
import { askWhetherItRan } from './unclear.ts';

/** Between two looks for one run: the longer it takes, the rarer, since all runs share the hourly reads. Milliseconds. */
const LOOK_EVERY = { least: 3_000, most: 30_000 };
/** A machine that is busy is asked again after this time, and twice as much each further time. */
const BUSY_WAIT = { least: 15_000, most: 300_000 };
/** Where Defender can't be asked for so long past the time of looking, only a person can say. */
const BLIND = 5 * 60_000;
/** Another instance may still be inside its last moment before the deadline; clocks may differ by this. */
const DEADLINE_GRACE = 5_000;
/** A call to Defender ends within this time, so until then its answer may still come, and it proves more than a look does. */
const CALL_WITHIN = 30_000;

/**
 * Finds out what became of a submission that nobody saw answered: one call per look, until the time in which Defender's lists may
 * lag has passed. It never sends.
 */
export async function reconcile(deps: Deps, runId: string): Promise<void> {
  const run = await takeOver(deps, runId);
  if (run?.status !== 'reconciling') return;
  const request = await deps.store.transaction((tx) => tx.request(run.requestId));
  if (request === null) return;
  const lookedAt = deps.clock.now();
  const found = await lookOrGiveUp(deps, run, request);
  if (found === 'blind') return giveUp(deps, run.id);
  if (found !== null) return adopt(deps, run.id, found);
  if (lookedAt < (run.lookUntil ?? 0)) return lookAgain(deps, run);
  return run.doubt === 'busy' ? waitForMachine(deps, run.id) : giveUp(deps, run.id);
}

/** A look, or `blind` when Defender could not be asked long past the time of looking. Throws while it is worth trying again. */
async function lookOrGiveUp(deps: Deps, run: Run, request: Request): Promise<MachineAction | null | 'blind'> {
  try {
    return await lookForOurs(deps, run, request);
  } catch (error) {
    if (!(error instanceof DefenderError) || deps.clock.now() < (run.lookUntil ?? 0) + BLIND) throw error;
    return 'blind';
  }
}

/** A submission whose deadline has passed belongs to whoever finds it: unsent it goes back in line, else it is looked for. */
async function takeOver(deps: Deps, runId: string): Promise<Run | null> {
  const changed = await changeRun(deps.store, runId, async (tx, run, request) => {
    const now = deps.clock.now();
    if (run.status !== 'submitting' || now < abandonedAt(run)) return null;
    const sent = run.sendStartedAt !== null;
    await tx.audit({
      actor: 'bot',
      action: sent ? 'run.reconciling' : 'run.requeued',
      requestId: request.id,
      runId: run.id,
      data: { attempt: run.attempt, why: sent ? 'no answer was recorded' : 'sending never began' },
    });
    if (!sent) {
      await backInLine(tx, deps, run, request, { notBefore: now });
      return null;
    }
    await wakeReport(tx, request);
    return moveRun(run, 'reconciling', { doubt: 'no_answer', lookUntil: now + deps.visibilityLag, notBefore: now });
  });
  return changed ?? deps.store.transaction((tx) => tx.run(runId));
}

/** From when on nobody can be working on this attempt any more. */
function abandonedAt(run: Run): number {
  const answered = run.sendStartedAt === null ? 0 : run.sendStartedAt + CALL_WITHIN;
  return Math.max(run.deadline ?? 0, answered) + DEADLINE_GRACE;
}

/** The action at Defender that is this run, or null. Any further one with our run id is stopped. */
export async function lookForOurs(deps: Deps, run: Run, request: Request): Promise<MachineAction | null> {
  const actions = await deps.defender.actionsOf(run.machine.id, since(run, request));
  const ours = actions
    .filter((action) => isOurs(action, run, request, deps.clientId))
    .sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
  const first = ours.find((action) => action.id === run.actionId) ?? ours[0] ?? null;
  for (const other of ours) if (other !== first) await stopSecond(deps, run, other);
  return first;
}

/** Where a person's word led to one more attempt, the earlier one may still show up at Defender while this one runs. */
export async function lookForSeconds(deps: Deps): Promise<void> {
  const settled = (await deps.store.runsBy({ status: ['running', 'unclear'] })).filter(
    (run) => isAtDefender(run) && run.settledBy !== null,
  );
  const unread: DefenderError[] = [];
  for (const run of settled) {
    const request = await deps.store.transaction((tx) => tx.request(run.requestId));
    try {
      if (request !== null) await lookForOurs(deps, run, request);
    } catch (error) {
      // One machine that can't be read, or one record's trouble, must not keep the others' from being looked at.
      if (error instanceof DefenderError) unread.push(error);
      else deps.log.error({ run: run.id, error }, 'a second action could not be looked for');
    }
  }
  const [first] = unread;
  if (first !== undefined)
    deps.log.warn({ runs: unread.length, code: first.code }, 'second actions could not be looked for');
}

/** There is never to be a second action with our run id. If there is one, it is stopped where it can be, and told. */
async function stopSecond(deps: Deps, run: Run, action: MachineAction): Promise<void> {
  const cancellation = isWord(action.status, 'Pending')
    ? await deps.defender.cancel(action.id, `[${run.id}] second action, stopped`)
    : null;
  const stopped = cancellation?.outcome === 'requested' || endOf(action.status) === 'cancelled';
  await changeRun(deps.store, run.id, async (tx, current, request) => {
    if (!(await tx.takeDelivery(`second:${action.id}:${stopped}`))) return null;
    deps.log.error({ run: run.id, action: action.id, status: action.status }, 'a second action carries our run id');
    await tx.audit({
      actor: 'bot',
      action: 'run.second_action',
      requestId: request.id,
      runId: run.id,
      data: { actionId: action.id, status: action.status, cancelled: cancellation?.outcome ?? 'not tried' },
    });
    const note = `Defender shows a second action for ${run.id}. ${
      stopped ? 'I asked Defender to cancel it.' : 'I could not stop it; look at it in the portal.'
    }`;
    await tx.insertReply({
      requestId: request.id,
      key: `second:${action.id}`,
      channel: request.channel,
      reply: {
        text: [text('‼ '), ...whichOf(request, current), text(note)],
        output: [],
        moreLines: 0,
        buttons: [],
      },
    });
    await wakeReport(tx, request);
    return { ...current, note };
  });
}

/** Found at Defender: it goes on as if its answer had arrived. */
export async function adopt(deps: Deps, runId: string, action: MachineAction): Promise<void> {
  await markRunning(deps, runId, action);
}

async function lookAgain(deps: Deps, looked: Run): Promise<void> {
  const now = deps.clock.now();
  const lookUntil = looked.lookUntil ?? now;
  const soFar = now - (lookUntil - deps.visibilityLag);
  const wait = Math.min(Math.max(Math.round(soFar / 2), LOOK_EVERY.least), LOOK_EVERY.most);
  // The last look is the one that counts: right when the time is over.
  const notBefore = Math.min(now + wait, Math.max(lookUntil, now + LOOK_EVERY.least));
  await changeRun(deps.store, looked.id, async (_tx, run) =>
    run.status === 'reconciling' ? { ...run, notBefore } : null,
  );
}

/** Busy with something that isn't ours: the machine is waited for, at most as long as the request may start. */
async function waitForMachine(deps: Deps, runId: string): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    if (run.status !== 'reconciling') return null;
    await tx.audit({
      actor: 'bot',
      action: 'run.requeued',
      requestId: request.id,
      runId: run.id,
      data: { attempt: run.attempt, why: 'the machine is busy with something that is not ours' },
    });
    const wait = Math.min(BUSY_WAIT.least * 2 ** Math.max(0, run.attempt - 1), BUSY_WAIT.most);
    const notBefore = deps.clock.now() + wait;
    await backInLine(tx, deps, run, request, { waits: { for: 'machine', runId: null }, notBefore });
    return null;
  });
}

/** Looked long enough and found nothing, but it may have run: only a person can say now. */
async function giveUp(deps: Deps, runId: string): Promise<void> {
  await changeRun(deps.store, runId, async (tx, run, request) => {
    if (run.status !== 'reconciling') return null;
    await tx.audit({
      actor: 'bot',
      action: 'run.unclear',
      requestId: request.id,
      runId: run.id,
      data: { attempt: run.attempt },
    });
    await askWhetherItRan(tx, deps, run, request);
    await wakeReport(tx, request);
    return moveRun(run, 'unclear');
  });
}
