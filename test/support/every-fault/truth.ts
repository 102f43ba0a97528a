import { PAUSE } from '../../../src/flow/pause.ts';
import type { AuditEntry } from '../../../src/flow/ports.ts';
import { plain } from '../../../src/model/notice.ts';
import type { Run, RunStatus } from '../../../src/model/request.ts';
import type { DefenderTenant } from '../../../src/playground/defender-tenant/index.ts';
import type { World } from '../world.ts';
import type { Change } from './stops.ts';

const LEADS = ['U0LEA', 'U0LEO'];
/** Approvals that the policy of the tests asks for: two on what carries the tag tier0. */
const APPROVALS: Record<string, number> = { 'dc-01.contoso.com': 2 };

/** What Defender has to say of an action for a run to end so. */
const SAID: Partial<Record<RunStatus, string>> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  timed_out: 'TimeOut',
  cancelled: 'Cancelled',
};

/** The longest lag of the tests, and the time for which what was looked at before sending holds. Milliseconds. */
const SHOWN_FOR_SURE = 240_000;

/** Looks for what must never be, while it happens; what it finds stands in `lies`. */
export interface Truth {
  lies: Error[];
  watch(change: Change): void;
  /** A submission passes its gate right now. */
  leaves(comment: string): void;
  /** The client says that nothing came of it, which must be so. */
  cameBack(comment: string, nothingCame: boolean): void;
  /** One that left must have been allowed to. */
  mayHaveLeft(comment: string): Promise<void>;
  /** Whether Defender answered when it was last asked about the actions of a machine. */
  looked(machineId: string, answered: boolean): void;
  /** What must hold whenever nothing is going on. */
  check(): Promise<void>;
}

export function createTruth(world: World, tenant: DefenderTenant, heard: readonly AuditEntry[]): Truth {
  const lies: Error[] = [];
  const blind = new Map<string, boolean>();
  const attempts = new Map<string, Run>();
  /** Attempts that left, and of which nobody can say that nothing came of them. */
  const out = new Set<string>();
  const must = (holds: boolean, what: string): void => {
    if (!holds) lies.push(new Error(what));
  };

  function watch({ before, after, audited }: Change): void {
    if (before.status === after.status) return;
    if (after.status === 'submitting') attempts.set(after.id, after);
    const move = `${after.id} ${before.status} → ${after.status}`;
    if (after.status === 'running')
      must(actionOf(tenant, after)?.runId === after.id, `${move} under an action not its own`);
    const isOut = out.has(attemptOf(before)) && before.doubt !== 'busy';
    if (['submitting', 'reconciling'].includes(before.status) && after.status === 'queued')
      must(!isOut, `${move} on a guess`);
    if (before.status === 'unclear') must(settledBySomebody(after, audited), `${move} by nobody's word`);
    if (after.status === 'unclear' && before.doubt === 'busy')
      must(blind.get(after.machine.id) === true, `${move}, but the machine was only busy`);
    if (after.status in SAID && after.status !== before.status) ended(move, before, after);
  }

  function ended(move: string, before: Run, after: Run): void {
    const status = actionOf(tenant, after)?.action.status;
    const untouched = tenant.executions(after.id) === 0 || after.settledBy !== null;
    if (before.status === 'unclear' && after.status === 'succeeded') return;
    if (after.actionId !== null) must(status === SAID[after.status], `${move}, but Defender says ${status}`);
    else must(untouched && ['failed', 'cancelled'].includes(after.status), `${move}, but Defender has it`);
  }

  function leaves(comment: string): void {
    const run = attempts.get(runIn(comment));
    const now = world.now();
    must(run !== undefined && now < (run.deadline ?? 0), `${runIn(comment)} left after its deadline`);
    if (run !== undefined) out.add(attemptOf(run));
    const earlier = tenant.state().actions.filter(({ runId }) => runId === run?.id);
    const long = earlier.some(({ action }) => Date.parse(String(action.creationDateTimeUtc)) < now - SHOWN_FOR_SURE);
    must(!long, `${runIn(comment)} left again, though Defender shows it`);
  }

  function cameBack(comment: string, nothingCame: boolean): void {
    must(nothingCame, `${runIn(comment)} was taken for refused, but Defender has it`);
    const run = attempts.get(runIn(comment));
    if (run !== undefined) out.delete(attemptOf(run));
  }

  async function mayHaveLeft(comment: string): Promise<void> {
    const runId = runIn(comment);
    const request = await world.request(runId.replace(/\.\d+$/, ''));
    const run = await world.run(runId);
    const decisions = await world.store.transaction((tx) => tx.decisionsOf(request.id));
    const approvers = decisions.flatMap(({ round, verdict, person }) =>
      round === request.round &&
      verdict === 'approve' &&
      LEADS.includes(person.id) &&
      person.id !== request.requester.id
        ? [person.id]
        : [],
    );
    const broke = decisions.some(
      ({ round, verdict, person }) =>
        round === request.round &&
        verdict === 'break_glass' &&
        person.id === request.requester.id &&
        LEADS.includes(person.id),
    );
    const needed = APPROVALS[run.machine.name] ?? (broke ? 0 : 1);
    must(new Set(approvers).size >= needed, `${runId} left with ${approvers.length} approvals of ${needed}`);
    must(request.status === 'approved', `${runId} left while its request was ${request.status}`);
    must((await world.store.transaction((tx) => tx.setting(PAUSE))) === null, `${runId} left in a pause`);
  }

  async function check(): Promise<void> {
    for (const [runId, count] of Object.entries(tenant.state().executions)) {
      const said = heard.filter((one) => one.runId === runId && one.action === 'run.settled_not_ran').length;
      must(count <= 1 + said, `${runId} was executed ${count} times; ${said} times a person said that it didn’t run`);
    }
    const inFlight = await world.store.runsBy({ status: ['submitting', 'reconciling', 'running', 'unclear'] });
    must(new Set(inFlight.map((run) => run.machine.id)).size === inFlight.length, 'two runs in flight on one machine');
    for (const { id, words } of shown(world)) {
      if (!/Nothing was sent/.test(words)) continue;
      must(tenant.executions(`${id}.1`) === 0, `${id} says “${words}”, but it was executed`);
    }
    const [lie] = lies;
    if (lie !== undefined) throw lie;
  }

  return { lies, watch, leaves, cameBack, mayHaveLeft, looked: (id, answered) => void blind.set(id, !answered), check };
}

const attemptOf = (run: Run): string => `${run.id} ${run.attempt}`;
const runIn = (comment: string): string => /^\[([^\]]+)\]/.exec(comment)?.[1] ?? '';

function actionOf(tenant: DefenderTenant, run: Run) {
  return tenant.state().actions.find(({ action }) => action.id === run.actionId);
}

/** An unclear run is watched because Defender shows it by now, or goes by the word of somebody who may approve. */
function settledBySomebody(after: Run, audited: readonly AuditEntry[]): boolean {
  if (after.status === 'running') return audited.some((one) => one.action === 'run.running');
  const word = after.status === 'queued' ? 'run.settled_not_ran' : 'run.settled_ran';
  const entry = audited.find(
    (one) => one.action === word || (after.status === 'cancelled' && one.action === 'run.settled_not_ran'),
  );
  return entry !== undefined && typeof entry.actor === 'object' && LEADS.includes(entry.actor.id);
}

/** What people read about each request: its cards as they are now, and everything that was said in its threads. */
function shown(world: World): { id: string; words: string }[] {
  const cards = [...world.chat.cards.values()].map((card) => ({ id: card.requestId, words: plain(card.state.words) }));
  const said = world.chat.replies.flatMap(({ thread, reply }) => {
    const post = world.chat.posts.find(({ posted }) => posted.thread === thread);
    return post === undefined ? [] : [{ id: post.card.requestId, words: plain(reply.text) }];
  });
  return [...cards, ...said];
}
