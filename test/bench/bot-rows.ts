import { setTimeout as pause } from 'node:timers/promises';
import type { Bot } from '../support/bot.ts';
import { type Acknowledgement, compare, cpuSeconds } from './acknowledge.ts';
import { approvalBody, typedBody } from './deliveries.ts';
import { lineOf } from './far-ends.ts';
import { journeys } from './journeys.ts';
import { round, type Spread } from './numbers.ts';
import { startSlackPair } from './slack-pair.ts';

/** How much is measured. */
export interface Plan {
  perSecond: number;
  loadSeconds: number;
  journeys: number;
  idleSeconds: number;
  /** How often the bot is started with each set of platforms. */
  starts: number;
  /** How often the actions of the row of reads are watched through, and how many runs stand in the long line. */
  readRounds: number;
  line: number;
  /** Through the engine. */
  jobs: number;
  /** Seconds. */
  flood: number;
  /** Commands at once that are to have cards. */
  cards: number;
}

/** What was measured of one bot on one database. */
export interface BotRows {
  idleCpuSecondsPerMinute: number;
  acknowledgedToCard: Spread;
  clickToDefender: Spread;
  command: Acknowledgement;
  click: Acknowledgement;
}

/** Where a bot keeps its records. */
export type Database = { dataDir: string } | { databaseUrl: string };

/** Time for what was asked to be prepared before anybody clicks. Milliseconds. */
export const PREPARE = 8_000;

/** Measures a fresh bot with Slack on the given database, next to bare Bolt. */
export async function botRows(database: Database, plan: Plan): Promise<BotRows> {
  const pair = await startSlackPair(database);
  const { ends, bot } = pair;
  try {
    const idleCpuSecondsPerMinute = await idleCpu(bot, plan.idleSeconds);
    const { acknowledgedToCard, clickToDefender } = await journeys(ends, plan.journeys);
    const lines = Array.from({ length: plan.perSecond * plan.loadSeconds }, (_, index) => lineOf(index));
    const both = pair.both(plan.perSecond);
    const commands = await compare(both, () => lines.map((line) => typedBody(line)));
    await pause(PREPARE);
    const ids = commands.sent.flatMap(({ body }) => /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? []);
    const clicks = await compare(both, () => ids.map((id) => approvalBody(id)));
    return {
      idleCpuSecondsPerMinute,
      acknowledgedToCard,
      clickToDefender,
      command: commands.row,
      click: clicks.row,
    };
  } finally {
    await pair.close();
  }
}

async function idleCpu(bot: Bot, seconds: number): Promise<number> {
  const before = await cpuSeconds(bot.pid);
  await pause(seconds * 1_000);
  return round(((await cpuSeconds(bot.pid)) - before) * (60 / seconds));
}
