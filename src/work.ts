import { decide } from './flow/approve.ts';
import { cancelAtDefender } from './flow/cancel.ts';
import { collect } from './flow/collect.ts';
import { deleteFile } from './flow/delete-file.ts';
import type { Deps } from './flow/deps.ts';
import { dispatch } from './flow/dispatch.ts';
import { tellOpenCall } from './flow/open-call.ts';
import { OtherPolicy } from './flow/policy-in-force.ts';
import type { Job, PerPlatform, Queue } from './flow/ports.ts';
import { lookUp } from './flow/questions.ts';
import { reconcile } from './flow/reconcile.ts';
import { deliver } from './flow/report/deliver.ts';
import { report } from './flow/report.ts';
import { send } from './flow/send.ts';
import { prepare } from './flow/submit.ts';
import { leaveClock, tick, watchInTurn } from './flow/tick.ts';
import type { Platform } from './model/person.ts';
import { anchorWords } from './store/audit-chain.ts';
import { inBackground } from './store/lanes.ts';
import type { OpenStore } from './store/open.ts';

const TICK = 1_000;
const SEAL_EVERY = 2_000;
const SEALED_AT_ONCE = 1_000;
const NOTE_HEAD_EVERY = 3_600_000;
const PRUNE_EVERY = 3_600_000;

/** How many jobs of each queue one instance works on at a time. */
const CONCURRENCY: Record<Base<Queue>, number> = {
  prepare: 6,
  decide: 6,
  look_up: 4,
  dispatch: 1,
  send: 6,
  reconcile: 4,
  cancel: 2,
  collect: 4,
  delete: 1,
  // Each is a channel's one sender, which spends nearly all of its time waiting for the channel's next second.
  report: 16,
  answer: 6,
};

/** Starts the workers of the stages and what goes by the clock; `agree`: on the policy, with other instances. */
export async function startWork(
  deps: Deps,
  opened: OpenStore,
  agree: () => Promise<void>,
): Promise<{ stop(within: number): Promise<void> }> {
  for (const queue of queuesFor([...deps.chats.keys()])) {
    await opened.jobs.work(queue, { concurrency: CONCURRENCY[baseOf(queue)] }, (job) => stage(deps, job));
  }
  const seal = sealer(deps, opened);
  const loops = [
    every(TICK, deps, 'tick', () => tick(deps)),
    every(TICK, deps, 'policy', agree),
    every(TICK, deps, 'watch', () => watchInTurn(deps)),
    every(SEAL_EVERY, deps, 'seal', () => seal(false)),
    every(PRUNE_EVERY, deps, 'prune', () => opened.prune(deps.clock.now(), deps.policy().retention)),
  ];
  return {
    stop: async (within) => {
      await Promise.all([...loops.map((loop) => loop.stop()), opened.jobs.stop(within)]);
      await seal(true).catch(() => undefined);
    },
  };
}

/**
 * Seals, and now and then writes the trail's head into the log, which is kept elsewhere: what somebody cuts off or replaces in the
 * database later shows by it.
 */
function sealer({ clock, log }: Pick<Deps, 'clock' | 'log'>, { audit }: Pick<OpenStore, 'audit'>) {
  let due = clock.now();
  return async (atEnd: boolean): Promise<void> => {
    await audit.seal(SEALED_AT_ONCE);
    const head = audit.head();
    if (head === null || (clock.now() < due && !atEnd)) return;
    due = clock.now() + NOTE_HEAD_EVERY;
    log.info({ head: anchorWords(head) }, 'the audit trail is sealed up to here');
  };
}

/** A queue's name without its platform. */
type Base<Q extends Queue> = Q extends `${infer Name}.${Platform}` ? Name : Q;

function baseOf(queue: Queue): Base<Queue> {
  return queue.split('.')[0] as Base<Queue>;
}

/** The queues to work on: of a platform that is off, none, so that what waits there waits until it is on again. */
function queuesFor(platforms: readonly Platform[]): Queue[] {
  const common: Queue[] = ['dispatch', 'send', 'reconcile', 'cancel', 'collect', 'delete'];
  const perPlatform: PerPlatform[] = ['prepare', 'decide', 'look_up', 'report', 'answer'];
  return [...common, ...platforms.flatMap((platform) => perPlatform.map((name): Queue => `${name}.${platform}`))];
}

/** Does one job. Level-triggered: it reads the record and does what its state asks for, so doing it twice does no harm. */
export async function stage(deps: Deps, job: Job): Promise<void> {
  try {
    await work(deps, job);
  } catch (error) {
    if (!(error instanceof OtherPolicy)) throw error;
    // No failure, whose pauses grow: the record stays due, so the clock enqueues it each second until an instance may do it.
    deps.log.debug({ queue: job.queue, id: job.id }, 'left to whoever runs the policy in force');
    await leaveClock(deps);
  }
}

function work(deps: Deps, job: Job): Promise<void> {
  switch (baseOf(job.queue)) {
    case 'prepare':
      return prepare(deps, job.id);
    case 'decide':
      return decide(deps, job.id).finally(() => tellOpenCall(job.id));
    case 'look_up':
      return lookUp(deps, job.id);
    case 'dispatch':
      return dispatch(deps);
    case 'send':
      return job.queue === 'send' ? send(deps, job.id, job.attempt) : Promise.resolve();
    case 'reconcile':
      return reconcile(deps, job.id);
    case 'cancel':
      return cancelAtDefender(deps, job.id);
    case 'collect':
      return collect(deps, job.id);
    case 'delete':
      return deleteFile(deps, job.id);
    case 'report':
      return report(deps, job.id);
    case 'answer':
      return deliver(deps, job.id);
  }
}

/** Does something again and again, the next time so long after the last one ended. */
function every(
  milliseconds: number,
  deps: Deps,
  name: string,
  work: () => Promise<unknown>,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    try {
      await inBackground(work);
    } catch (error) {
      deps.log.error({ duty: name, error }, 'a periodic duty failed');
    }
    if (!stopped) timer = setTimeout(start, milliseconds);
  };
  const start = (): void => {
    running = round();
  };
  start();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
