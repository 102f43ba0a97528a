import { setTimeout as pause } from 'node:timers/promises';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import type { Database } from './bot-rows.ts';
import type { Deliveries, Sent } from './drive.ts';
import { startFarEnds, WIDE_POLICY } from './far-ends.ts';
import { type Pair, SETTLE } from './slack-pair.ts';

const APP_TOKEN = 'xapp-1-A0LIVE-0123456789-bench';

/** Starts instances of the bot in Socket Mode, each with its own connection, and bare Bolt in a workspace of its own. */
export async function startSocketPair(database: Database, instances: number): Promise<Pair> {
  const [ends, slack, bareSlack] = await Promise.all([startFarEnds(), startSlack(), startSlack()]);
  const env = { LOG_LEVEL: 'warn', SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: undefined };
  const bots: Bot[] = [];
  // One after the other: the first makes the tables.
  while (bots.length < instances) {
    bots.push(await startBot({ ...database, slack, defender: ends.defender, policy: WIDE_POLICY, env }));
  }
  const bare = startChild(new URL('./bare-bolt-socket.ts', import.meta.url), [bareSlack.apiUrl, APP_TOKEN]);
  await bare.says('connected');
  await pause(SETTLE);
  return {
    both: (perSecond) => ({
      bot: { pids: bots.map(({ pid }) => pid), drive: slack.drive },
      bare: { pids: [bare.pid], drive: bareSlack.drive },
      perSecond,
    }),
    async close() {
      await Promise.all([...bots.map((bot) => bot.kill9()), bare.kill()]);
      await Promise.all([slack.kill(), bareSlack.kill(), ends.close()]);
    },
  };
}

/** Slack in a process of its own. */
async function startSlack() {
  const child = startChild(new URL('./socket-slack.ts', import.meta.url), [SECRETS.botToken, APP_TOKEN]);
  const apiUrl = await child.says((line) => line.startsWith('http'));
  return {
    apiUrl,
    kill: child.kill,
    /** One load at a time. */
    async drive(deliveries: Deliveries): Promise<Sent[]> {
      const answered = child.lines.length;
      child.send(JSON.stringify(deliveries));
      await child.says((line) => child.lines.indexOf(line) >= answered);
      return JSON.parse(child.lines[answered] ?? '') as Sent[];
    },
  };
}
