import { AsyncLocalStorage } from 'node:async_hooks';

/** One thing that goes on: it works, or it waits for the clock. */
interface Task {
  waiting: boolean;
}

/** Those whose work ends together: a process, which can be killed, or the people. */
export interface Crew {
  /** Lets so many milliseconds pass. For a call that the other side leaves hanging it is the other side that waits. */
  sleep(milliseconds: number): Promise<void>;
  /** Something that goes on by itself: time stands still while it does anything but sleep. */
  run(work: () => Promise<void>): void;
  /** What was going on is never heard of again. */
  kill(): void;
  readonly isDead: boolean;
}

/** Simulated time with many things going on at once: when all that goes on sleeps, it leaps to whoever wakes up next. */
export interface DayClock {
  now(): number;
  crew(): Crew;
  /** Does it at that time, at the earliest now. */
  at(time: number, work: () => void): void;
  /** Plays until then, or until `done` says so when all that goes on sleeps. */
  play(until: number, done?: () => boolean): Promise<void>;
}

/** `move`: has the clock of the world show this time. */
export function createDayClock(now: () => number, move: (time: number) => void): DayClock {
  const current = new AsyncLocalStorage<Task>();
  const tasks = new Set<Task>();
  const held = new Set<object>();
  const later: { time: number; work: () => void }[] = [];
  let settled = (): void => undefined;
  let looking = false;

  const isQuiet = (): boolean => [...tasks].filter((task) => !task.waiting).length <= held.size;

  /** What has just ended may have begun something else, so look once that has had its turn. */
  function look(): void {
    if (looking) return;
    looking = true;
    setImmediate(() => {
      looking = false;
      if (isQuiet()) settled();
    });
  }

  function at(time: number, work: () => void): void {
    const due = Math.max(time, now());
    const after = later.findIndex((one) => one.time > due);
    later.splice(after < 0 ? later.length : after, 0, { time: due, work });
  }

  const quiet = (): Promise<void> =>
    new Promise((resolve) => {
      settled = resolve;
      look();
    });

  function crew(): Crew {
    const mine = new Set<Task | object>();
    let isDead = false;
    const gone = (one: Task | object): void => {
      mine.delete(one);
      tasks.delete(one as Task);
      held.delete(one);
      look();
    };
    return {
      get isDead() {
        return isDead;
      },
      sleep(milliseconds) {
        const task = current.getStore();
        const call = {};
        if (task === undefined) {
          mine.add(call);
          held.add(call);
        } else task.waiting = true;
        look();
        return new Promise((resolve) => {
          at(now() + milliseconds, () => {
            if (task === undefined) gone(call);
            else task.waiting = false;
            if (!isDead) resolve();
          });
        });
      },
      run(work) {
        if (isDead) return;
        const task: Task = { waiting: false };
        mine.add(task);
        tasks.add(task);
        void current.run(task, work).finally(() => gone(task));
      },
      kill() {
        isDead = true;
        for (const one of [...mine]) gone(one);
      },
    };
  }

  async function play(until: number, done = () => false): Promise<void> {
    for (;;) {
      await quiet();
      const next = later[0];
      if (done() || next === undefined || next.time > until) return;
      later.shift();
      if (next.time > now()) move(next.time);
      next.work();
    }
  }

  return { now, crew, at, play };
}
