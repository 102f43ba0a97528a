import { setTimeout as delay } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import type { Log } from '../../flow/ports.ts';
import { SLACK_USER } from '../../model/slack-ids.ts';
import { slackCode } from './failures.ts';

/** Where the bot is at home, as its token proves. */
export interface Home {
  team: string;
  enterprise: string | null;
  /** Null where Slack didn't say; then any call at the beginning of a mention is taken for the bot's. */
  botUser: string | null;
}

/** The bot's own workspace: learned in the background, since Slack may be away when the process starts. */
export interface Workspace {
  /** Null until Slack has answered. */
  known(): Home | null;
  /** Throws ChatError until Slack has answered. */
  home(): Home;
  /** The same, after a moment's wait for an answer that is under way: work left by a restart begins before Slack has answered. */
  soon(): Promise<Home>;
  /** Asks Slack until it answers. Returns at once. */
  start(): void;
  /** The token was refused: ask anew, and be degraded until it is accepted. */
  lost(): void;
  /** Ends the asking; resolves when it has ended. */
  stop(): Promise<void>;
}

const AuthTest = z.object({
  team_id: z.string().min(1),
  enterprise_id: z.string().nullish(),
  user_id: z.string().regex(SLACK_USER).nullish().catch(null),
});
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
const PATIENCE = 2_000;

/** Creates the watcher of the bot's identity; `wait` (milliseconds) is for tests. */
export function createWorkspace(deps: { client: WebClient; log: Log; firstWait?: number }): Workspace {
  let known: Home | null = null;
  let asking: Promise<void> | null = null;
  const stopped = new AbortController();

  async function ask(): Promise<void> {
    for (let wait = deps.firstWait ?? FIRST_WAIT; !stopped.signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        known = await whoAmI(deps.client);
        deps.log.info({ platform: 'slack', team: known.team }, 'Slack accepts the bot');
        return;
      } catch (error) {
        deps.log.warn({ platform: 'slack', code: slackCode(error), again: wait }, 'Slack does not accept the bot yet');
        await delay(wait, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  }

  function start(): void {
    asking ??= ask().finally(() => {
      asking = null;
    });
  }

  function home(): Home {
    if (known !== null) return known;
    throw new ChatError('chat_unreachable', "Slack hasn't told me yet which workspace I'm in. Try again in a minute.");
  }

  return {
    known: () => known,
    home,
    async soon() {
      if (known === null && asking !== null) await Promise.race([asking, delay(PATIENCE, undefined, { ref: false })]);
      return home();
    },
    start,
    lost() {
      known = null;
      if (!stopped.signal.aborted) start();
    },
    async stop() {
      stopped.abort();
      await asking;
    },
  };
}

async function whoAmI(client: WebClient): Promise<Home> {
  const { team_id, enterprise_id, user_id } = AuthTest.parse(await client.auth.test());
  return { team: team_id, enterprise: enterprise_id || null, botUser: user_id || null };
}
