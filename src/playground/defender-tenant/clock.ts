/** A timer's undo. */
type Stop = () => void;

/** The two clocks of the tenant. */
export interface TenantClock {
  /** What stands in answers (timestamps, tokens, quotas): the real time, plus what `advance` skipped. Milliseconds. */
  time(): number;
  /** Simulated milliseconds since the start, at the speed of the moment: lives of actions, lag and link expiry. */
  elapsed(): number;
  /** Simulated milliseconds for each real one; 0 stands still. */
  speed: number;
  /** Runs `work` once so many simulated milliseconds have gone by. */
  after(ms: number, work: () => void): Stop;
  /** Skips ahead; what falls due on the way runs in its order, before this returns. */
  advance(ms: number): void;
  stop(): void;
}

interface Timer {
  due: number;
  work: () => void;
}

/**
 * A clock whose speed can change while timers wait on it. Timestamps keep to the real time at any speed, because the bot
 * compares them with its own clock.
 */
export function createTenantClock(options: { wall?: () => number; speed?: number } = {}): TenantClock {
  const wall = options.wall ?? Date.now;
  const timers = new Set<Timer>();
  let speed = options.speed ?? 1;
  let skipped = 0;
  let base = { wall: wall(), elapsed: 0 };
  let handle: NodeJS.Timeout | undefined;

  const elapsed = () => base.elapsed + (wall() - base.wall) * speed;

  function earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  }

  function run(timer: Timer): void {
    timers.delete(timer);
    timer.work();
  }

  function plan(): void {
    clearTimeout(handle);
    const next = earliest();
    if (next === undefined || speed === 0) return;
    handle = setTimeout(fire, Math.min(Math.max(1, (next.due - elapsed()) / speed), 2 ** 30));
    handle.unref();
  }

  function fire(): void {
    for (let next = earliest(); next !== undefined && next.due <= elapsed(); next = earliest()) run(next);
    plan();
  }

  function skip(ms: number): void {
    const step = Math.max(0, ms);
    base.elapsed += step;
    skipped += step;
  }

  return {
    time: () => Math.round(wall() + skipped),
    elapsed,
    get speed() {
      return speed;
    },
    set speed(value: number) {
      base = { wall: wall(), elapsed: elapsed() };
      speed = Math.max(0, value);
      plan();
    },
    after(ms, work) {
      const timer = { due: elapsed() + Math.max(0, ms), work };
      timers.add(timer);
      plan();
      return () => {
        timers.delete(timer);
      };
    },
    advance(ms) {
      const target = elapsed() + ms;
      for (let next = earliest(); next !== undefined && next.due <= target; next = earliest()) {
        skip(next.due - elapsed());
        run(next);
      }
      skip(target - elapsed());
      plan();
    },
    stop() {
      timers.clear();
      clearTimeout(handle);
    },
  };
}
