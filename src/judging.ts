import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './flow/ports.ts';

/** The first pause before another try, and the longest. Milliseconds. */
const PAUSE = { first: 2_000, longest: 5 * 60_000 };

/** Has everything that is open judged by the policy in force, in the background: neither the start nor a new policy waits for it. */
export interface Judging {
  /** By this policy in force, until it has been done once. What is under way for another one is given up. */
  by(inForce: string): void;
  /** What is left is done after the next start. */
  stop(): void;
}

/** Creates it. `work` throws where something is left to be done. */
export function createJudging(options: {
  work(stopping: AbortSignal): Promise<void>;
  log: Pick<Log, 'error'>;
  pause?: { first: number; longest: number };
}): Judging {
  const { first, longest } = options.pause ?? PAUSE;
  let judgedBy: string | null = null;
  let running = new AbortController();

  async function untilDone(stopping: AbortSignal): Promise<void> {
    for (let pause = first; !stopping.aborted; pause = Math.min(2 * pause, longest)) {
      try {
        return await options.work(stopping);
      } catch (error) {
        if (stopping.aborted) return;
        options.log.error({ error }, 'not all that is open could be judged by the policy in force; trying again');
      }
      await sleep(pause, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
  }

  return {
    by(inForce) {
      if (inForce === judgedBy) return;
      judgedBy = inForce;
      running.abort();
      running = new AbortController();
      void untilDone(running.signal);
    },
    stop: () => running.abort(),
  };
}
