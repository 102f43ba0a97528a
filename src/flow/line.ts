import type { Run } from '../model/request.ts';
import type { Deps } from './deps.ts';
import { isPaused } from './pause.ts';
import type { Tx } from './ports.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Counted is the moment right before the sending; the first call may reach Defender so much later than the one that follows a
 * minute on. Less than a hundredth of the window, so that hardly any of what Defender allows is given away.
 */
const ON_THE_WAY = 500;
const MINUTE = 60_000;

/** How many submissions Defender allows in which time. */
export function submissionLimits(deps: Pick<Deps, 'policy'>) {
  return [{ count: deps.policy().limits.callsPerMinute, within: MINUTE + ON_THE_WAY }];
}

/** Sessions that Defender has left for us, as far as we know. */
export async function freeSessions(deps: Pick<Deps, 'policy'>, tx: Tx): Promise<number> {
  return Math.max(0, deps.policy().limits.concurrentSessions - (await tx.countSessions()));
}

class Peek extends Error {
  readonly wait: number;
  constructor(wait: number) {
    super('peek');
    this.wait = wait;
  }
}

/** How long the submission budget makes us wait, without taking from it. */
export function callsFree(deps: Pick<Deps, 'store' | 'policy'>): Promise<number> {
  return peek(deps, submissionLimits(deps));
}

async function peek({ store }: Pick<Deps, 'store'>, limits: ReturnType<typeof submissionLimits>): Promise<number> {
  try {
    return await store.transaction(async (tx): Promise<number> => {
      throw new Peek(await tx.takeCall('defender_submit', limits));
    });
  } catch (error) {
    if (error instanceof Peek) return error.wait;
    throw error;
  }
}

/** What holds up all of the line just now. */
export async function holdUps(deps: Deps): Promise<Pick<Surroundings, 'paused' | 'freeSessions' | 'slowUntil'>> {
  const slow = await peek(deps, []);
  return {
    paused: await isPaused(deps),
    freeSessions: await deps.store.transaction((tx) => freeSessions(deps, tx)),
    // In whole minutes: a card isn't edited for a second more or less.
    slowUntil: slow === 0 ? null : Math.ceil((deps.clock.now() + slow) / MINUTE) * MINUTE,
  };
}

type Line = Pick<Surroundings, 'place' | 'blockedBy' | 'paused' | 'freeSessions' | 'slowUntil'>;

/** Where a run stands in line, and what it waits for besides its turn. */
export async function lineOf(deps: Deps, run: Run): Promise<Line> {
  const inFlight = await deps.store.runsBy({ status: ['submitting', 'reconciling', 'running', 'unclear'] });
  return {
    ...(await holdUps(deps)),
    place: await deps.store.placeInLine(run),
    blockedBy: inFlight.find(({ machine }) => machine.id === run.machine.id)?.requestId ?? null,
  };
}
