import { setTimeout as delay } from 'node:timers/promises';
import type { Tokens } from '../../entra/index.ts';
import { AppError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { withDeadline } from '../../outbound/exchange.ts';

/** Whether Entra takes the bot for itself: asked in the background, since it may be away when the process starts. */
export interface Account {
  accepted(): boolean;
  /** Asks until there is a token. Returns at once. */
  start(): void;
  /** The token was refused: ask anew, and be degraded until there is one. */
  lost(): void;
  /** Ends the asking; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
const ASK_TIMEOUT = 20_000;

/** Creates the watcher. */
export function createAccount(deps: { tokens: Tokens; log: Log; firstWait?: number }): Account {
  let accepted = false;
  let asking: Promise<void> | null = null;
  const stopped = new AbortController();

  async function ask(): Promise<void> {
    for (let wait = deps.firstWait ?? FIRST_WAIT; !stopped.signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        await withDeadline(ASK_TIMEOUT, (signal) => deps.tokens.get({ rejected: null, signal }));
        accepted = true;
        deps.log.info({ platform: 'teams' }, 'Teams accepts the bot');
        return;
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'unreachable';
        deps.log.warn({ platform: 'teams', code, again: wait }, 'The bot can’t sign in for Teams yet');
        await delay(wait, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  }

  function start(): void {
    asking ??= ask().finally(() => {
      asking = null;
    });
  }

  return {
    accepted: () => accepted,
    start,
    lost() {
      accepted = false;
      if (!stopped.signal.aborted) start();
    },
    async stop() {
      stopped.abort();
      await asking;
    },
  };
}
