import { setTimeout as pause } from 'node:timers/promises';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import type { Comparison } from './acknowledge.ts';
import type { Database } from './bot-rows.ts';
import { drive } from './drive.ts';
import { type FarEnds, startFarEnds, WIDE_POLICY } from './far-ends.ts';

export const SETTLE = 5_000;

/** What is measured, and bare Bolt beside it. */
export interface Pair {
  /** Both, at so many deliveries a second. */
  both(perSecond: number): Comparison;
  close(): Promise<void>;
}

/** A fresh bot with Slack on the given database. */
export interface SlackPair extends Pair {
  ends: FarEnds;
  bot: Bot;
}

/** Starts both, and lets the bot settle. */
export async function startSlackPair(database: Database): Promise<SlackPair> {
  const ends = await startFarEnds();
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env: { LOG_LEVEL: 'warn' } });
  const bare = startChild(new URL('./bare-bolt.ts', import.meta.url), [SECRETS.signingSecret]);
  ends.slack.setBotUrl(bot.slackUrl);
  const bareUrl = await bare.says((line) => line.startsWith('http'));
  await pause(SETTLE);
  const proof = { slackSecret: SECRETS.signingSecret };
  return {
    ends,
    bot,
    both: (perSecond) => ({
      bot: { pids: [bot.pid], drive: (load) => drive({ ...load, url: bot.slackUrl, proof }) },
      bare: { pids: [bare.pid], drive: (load) => drive({ ...load, url: bareUrl, proof }) },
      perSecond,
    }),
    async close() {
      await Promise.all([bot.kill9(), bare.kill()]);
      await ends.close();
    },
  };
}
