import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Clock, Log } from '../../flow/ports.ts';
import { mendFor, whyNot } from './socket-address.ts';
import { Gone, type Link, type LinkTimes, openLink } from './socket-link.ts';

/** How patient the connections are, in milliseconds. */
export interface SocketTimes extends LinkTimes {
  /** The wait after the first failure; each further one doubles it. */
  firstWait: number;
  longestWait: number;
  /** A connection that lived so long was a good one: the next is opened at once. */
  steady: number;
  /** How long one that Slack takes back may stay for what is still to be answered on it. */
  linger: number;
}

export const TIMES: SocketTimes = {
  hello: 10_000,
  beat: 5_000,
  goodbye: 1_000,
  firstWait: 1_000,
  longestWait: 60_000,
  steady: 30_000,
  linger: 10_000,
};

/** A connection being kept up. */
export interface Links {
  /** Opens it, and another whenever it ends. Returns at once. */
  start(): void;
  /** Opens no more, and closes what is open as soon as all that was taken there has been answered. */
  retire(): Promise<void>;
  isOpen(): boolean;
}

interface LinksDeps {
  /** Where the next one leads. Throws ChatError. */
  address(): Promise<string>;
  /** A frame that isn't the connection's own business; the promise ends when it has been answered. */
  take(frame: unknown, link: Link): Promise<void>;
  unreadable(): void;
  clock: Clock;
  log: Log;
  times: SocketTimes;
}

const Disconnect = z.object({ type: z.literal('disconnect'), reason: z.string().min(1).catch('disconnect') });

/** Reasons that are Slack's daily routine. */
const ROUTINE = ['warning', 'refresh_requested'];

/**
 * Keeps one connection to Slack open. The next one is there before the one that Slack takes back is closed, so nothing is missed
 * and what was taken is answered where it came from. After failures it waits: longer each time, never all instances at once.
 */
export function createLinks(deps: LinksDeps): Links {
  const { clock, log, times } = deps;
  const stopped = new AbortController();
  const stopping = new Promise<null>((resolve) => {
    stopped.signal.addEventListener('abort', () => resolve(null));
  });
  const open = new Set<Held>();
  let keeping: Promise<void> | null = null;

  async function keep(): Promise<void> {
    let failures = 0;
    while (!stopped.signal.aborted) {
      const began = clock.now();
      const { greeted, asked } = await once();
      failures = clock.now() - began >= times.steady ? 0 : failures + 1;
      // One that Slack let in may be followed at once, also when it didn't live long: but not again and again.
      const wait = Math.max(asked, backoff(greeted ? failures - 1 : failures, times));
      if (wait > 0) await delay(wait, undefined, { signal: stopped.signal }).catch(() => {});
    }
  }

  /** One connection, until another is needed: whether Slack let us in, and the wait that it asks for. */
  async function once(): Promise<{ greeted: boolean; asked: number }> {
    const opening = hold(deps, open);
    let held: Held | null;
    try {
      held = await Promise.race([opening, stopping]);
    } catch (error) {
      return { greeted: false, asked: refused(error) };
    }
    if (held === null) {
      // Nobody waits for one that comes too late.
      void opening.then((late) => late.retire()).catch(() => {});
      return { greeted: false, asked: 0 };
    }
    log.info({ platform: 'slack' }, 'Connected to Slack');
    // Whatever came before is no longer needed to hear anything.
    for (const older of open) if (older !== held) void older.retire();
    const why = await Promise.race([held.over, stopping]);
    if (why !== null) ended(why);
    return { greeted: true, asked: 0 };
  }

  function ended(why: string): void {
    const mend = mendFor(why);
    if (mend !== null) log.error({ platform: 'slack', code: why, mend }, 'Slack ended the connection');
    else if (ROUTINE.includes(why)) log.info({ platform: 'slack', why }, 'Slack renews the connection');
    else log.warn({ platform: 'slack', why }, 'The connection to Slack broke');
  }

  function refused(error: unknown): number {
    const { code, mend } = whyNot(error);
    if (mend !== null) log.error({ platform: 'slack', code, mend }, 'No connection to Slack');
    else log.warn({ platform: 'slack', code }, 'No connection to Slack');
    return (error instanceof ChatError && error.retryAfter) || 0;
  }

  return {
    start() {
      keeping ??= keep();
    },
    async retire() {
      stopped.abort();
      await keeping;
      await Promise.all([...open].map((held) => held.retire()));
    },
    isOpen: () => [...open].some(({ link }) => link.isOpen()),
  };
}

/** A connection with what was taken on it. */
interface Held {
  link: Link;
  /** Resolves when it has ended or Slack wants it to: why. */
  over: Promise<string>;
  /** Closes it when nothing waits for an answer on it any more; resolves then. */
  retire(): Promise<void>;
}

async function hold({ address, take, unreadable, times }: LinksDeps, open: Set<Held>): Promise<Held> {
  const unanswered = new Set<Promise<void>>();
  let reason: string | null = null;
  let dismiss: (reason: string) => void = () => {};
  const dismissal = new Promise<string>((resolve) => {
    dismiss = resolve;
  });
  const heard = (frame: unknown, link: Link): void => {
    const { data } = Disconnect.safeParse(frame);
    if (data !== undefined) {
      reason = data.reason;
      dismiss(reason);
      return;
    }
    const answered = take(frame, link).finally(() => unanswered.delete(answered));
    unanswered.add(answered);
  };
  const link = await openLink(await address(), { heard, unreadable }, times).catch((error: unknown) => {
    throw reason === null ? error : new Gone(reason);
  });
  const held: Held = {
    link,
    over: Promise.race([dismissal, link.gone]),
    async retire() {
      const late = delay(times.linger, 'late', { ref: false });
      let outcome: unknown;
      while (unanswered.size > 0 && link.isOpen() && outcome !== 'late') {
        outcome = await Promise.race([Promise.all(unanswered), late, link.gone]);
      }
      await link.close();
    },
  };
  open.add(held);
  void link.gone.then(() => open.delete(held));
  return held;
}

/** Doubles with each failure, and is anything from half of that to all of it. */
function backoff(failures: number, { firstWait, longestWait }: SocketTimes): number {
  if (failures <= 0) return 0;
  const full = Math.min(firstWait * 2 ** Math.min(failures - 1, 20), longestWait);
  return full * (0.5 + Math.random() / 2);
}
