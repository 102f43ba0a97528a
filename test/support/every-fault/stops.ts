import type { AuditEntry, Job, Tx } from '../../../src/flow/ports.ts';
import type { Run } from '../../../src/model/request.ts';
import type { World } from '../world.ts';

/** Where a process can die between the decision to send and the stored answer. */
export const CRASH_POINTS = [
  'before intent',
  'after intent',
  'before the first byte',
  'request sent',
  'answer received',
  'before commit',
  'after commit',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Where a process can be stopped (SIGSTOP) for longer than its attempt may last, and go on afterwards as if nothing were. */
export type Nap = 'before sending' | 'connected' | 'answer received';

/** `kept`: the engine still has the jobs, and runs the interrupted one again; else only the records are left. */
export type Stop = { dies: CrashPoint; jobs: 'lost' | 'kept' } | { sleeps: Nap; seconds: number };

export class Killed extends Error {
  constructor(point: CrashPoint) {
    super(`killed: ${point}`);
  }
}

/** The next stop of the process. */
export interface Stops {
  next: Stop | null;
  /** Set once the process has died, until it is restarted. */
  died: Extract<Stop, { dies: CrashPoint }> | null;
  /** Dies here, if it is to die here. */
  at(point: CrashPoint): void;
  isAt(point: CrashPoint): boolean;
  /** Seconds to sleep here. */
  nap(where: Nap): number;
}

export function createStops(): Stops {
  const stops: Stops = {
    next: null,
    died: null,
    isAt: (point) => stops.next !== null && 'dies' in stops.next && stops.next.dies === point,
    at(point) {
      if (stops.next === null || !('dies' in stops.next) || stops.next.dies !== point) return;
      stops.died = stops.next;
      stops.next = null;
      throw new Killed(point);
    },
    nap(where) {
      if (stops.next === null || !('sleeps' in stops.next) || stops.next.sleeps !== where) return 0;
      const { seconds } = stops.next;
      stops.next = null;
      return seconds;
    },
  };
  return stops;
}

/** Which step of sending a change of a run is. */
function stepOf(before: Run, after: Run): 'intent' | 'answer' | null {
  if (before.status === 'queued' && after.status === 'submitting') return 'intent';
  return before.status === 'submitting' && after.status !== 'submitting' ? 'answer' : null;
}

/** What a transaction changes, for whoever watches: each run that is saved, with the audit entries of the same transaction. */
export interface Change {
  before: Run;
  after: Run;
  audited: readonly AuditEntry[];
}

/** The world's transactions die where they are to die; what one of them is about to commit is shown to `watch` first. */
export function stopIn(world: World, stops: Stops, watch: (change: Change) => void, heard: AuditEntry[]): void {
  const { transaction } = world.store;
  world.store.transaction = async (work) => {
    let steps = new Set<string | null>();
    let audited: AuditEntry[] = [];
    const result = await transaction(async (tx) => {
      steps = new Set();
      audited = [];
      const saved: Omit<Change, 'audited'>[] = [];
      const seen: Tx = {
        ...tx,
        saveRun: async (before, after) => {
          steps.add(stepOf(before, after));
          saved.push({ before, after });
          return tx.saveRun(before, after);
        },
        audit: async (entry) => {
          audited.push(entry);
          return tx.audit(entry);
        },
      };
      const done = await work(seen);
      for (const change of saved) watch({ ...change, audited });
      if (steps.has('intent')) stops.at('before intent');
      if (steps.has('answer')) stops.at('before commit');
      return done;
    });
    heard.push(...audited);
    if (steps.has('intent')) stops.at('after intent');
    if (steps.has('answer')) stops.at('after commit');
    return result;
  };
}

/** Works off the jobs; where the process dies, what it had in memory is gone and it starts anew. */
export function restartIn(world: World, stops: Stops, restart: () => void): void {
  world.settle = async () => {
    let left = 3_000;
    for (let job = world.jobs.shift(); job !== undefined; job = world.jobs.shift()) {
      left -= 1;
      if (left === 0) throw new Error(`jobs go round in circles: ${JSON.stringify(job)}`);
      const done: Job = job;
      await world.work(done).catch((error: unknown) => world.failed.push({ job: done, error }));
      const died = stops.died;
      if (died === null) continue;
      stops.died = null;
      if (died.jobs === 'kept') world.jobs.unshift(done);
      else world.lose();
      restart();
    }
  };
}
