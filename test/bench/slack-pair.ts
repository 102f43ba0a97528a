import { setTimeout as pause } from 'node:timers/promises';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import type { Comparison } from './acknowledge.ts';
import type { Database } from './bot-rows.ts';
import { type FarEnds, startFarEnds, WIDE_POLICY } from './far-ends.ts';

export const SETTLE = 5_000;

/** A fresh bot with Slack on the given database, and bare Bolt beside it. */
export interface SlackPair {
  ends: FarEnds;
  bot: Bot;
  /** Both, at so many deliveries a second. */
  both(perSecond: number): Comparison;
  close(): Promise<void>;
}

/** Starts both, and lets the bot settle. */
export async function startSlackPair(database: Database): Promise<SlackPair> {
  const ends = await startFarEnds();
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env: { LOG_LEVEL: 'warn' } });
  const bare = startChild(new URL('./bare-bolt.ts', import.meta.url), [SECRETS.signingSecret]);
  ends.slack.setBotUrl(bot.slackUrl);
  const bareUrl = await bare.says((line) => line.startsWith('http'));
  await pause(SETTLE);
  return {
    ends,
    bot,
    both: (perSecond) => ({
      bot: { pid: bot.pid, url: bot.slackUrl },
      bare: { pid: bare.pid, url: bareUrl },
      perSecond,
      proof: () => ({ slackSecret: SECRETS.signingSecret }),
    }),
    async close() {
      await Promise.all([bot.kill9(), bare.kill()]);
      await ends.close();
    },
  };
}
