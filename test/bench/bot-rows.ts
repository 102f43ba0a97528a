import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import { approvalBody, typedBody } from './deliveries.ts';
import { drive, type Sent } from './drive.ts';
import { MACHINES, startFarEnds, WIDE_POLICY } from './far-ends.ts';
import { journeys } from './journeys.ts';
import { round, type Spread, spread } from './numbers.ts';

/** How much is measured. */
export interface Plan {
  perSecond: number;
  loadSeconds: number;
  journeys: number;
  idleSeconds: number;
}

/** One kind of delivery: the bot, bare Bolt right before it, and how many times longer the bot takes. */
export interface Acknowledgement {
  bot: Spread;
  bareBolt: Spread;
  ratio: { p50: number; p99: number };
}

/** What was measured of one bot on one database. */
export interface BotRows {
  idleCpuSecondsPerMinute: number;
  acknowledgedToCard: Spread;
  clickToDefender: Spread;
  command: Acknowledgement;
  click: Acknowledgement;
}

/** Time for what was asked to be prepared before anybody clicks. Milliseconds. */
const PREPARE = 8_000;
const SETTLE = 5_000;

/** Measures a fresh bot on the given database, next to bare Bolt. */
export async function botRows(database: { dataDir: string } | { databaseUrl: string }, plan: Plan): Promise<BotRows> {
  const ends = await startFarEnds();
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env: { LOG_LEVEL: 'warn' } });
  const bare = startChild(new URL('./bare-bolt.ts', import.meta.url), [SECRETS.signingSecret]);
  try {
    ends.slack.setBotUrl(bot.slackUrl);
    const bareUrl = await bare.says((line) => line.startsWith('http'));
    await pause(SETTLE);
    const idleCpuSecondsPerMinute = await idleCpu(bot, plan.idleSeconds);
    const { acknowledgedToCard, clickToDefender } = await journeys(ends, plan.journeys);
    const lines = Array.from({ length: plan.perSecond * plan.loadSeconds }, (_, index) => lineOf(index));
    const compare = comparison(bot, bareUrl, plan.perSecond);
    const commands = await compare(() => lines.map(typedBody));
    await pause(PREPARE);
    const ids = commands.sent.map(({ body }) => /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? failed(body));
    const clicks = await compare(() => ids.map(approvalBody));
    return {
      idleCpuSecondsPerMinute,
      acknowledgedToCard,
      clickToDefender,
      command: commands.row,
      click: clicks.row,
    };
  } finally {
    await Promise.all([bot.kill9(), bare.kill()]);
    await ends.close();
  }
}

/** No line is the same as another, which the bot would ask about. */
function lineOf(index: number): string {
  return `run bench-${index % MACHINES} minidump.ps1 Process${index} then get C:\\windows\\TEMP\\Process${index}.dmp.zip`;
}

function comparison(bot: Bot, bareUrl: string, perSecond: number) {
  return async (bodies: () => string[]): Promise<{ row: Acknowledgement; sent: Sent[] }> => {
    const load = { secret: SECRETS.signingSecret, perSecond };
    const bare = await drive({ ...load, url: bareUrl, bodies: bodies() });
    const sent = await drive({ ...load, url: bot.slackUrl, bodies: bodies() });
    const [ours, theirs] = [spread(sent.map(({ ms }) => ms)), spread(bare.map(({ ms }) => ms))];
    const ratio = { p50: round(ours.p50 / theirs.p50), p99: round(ours.p99 / theirs.p99) };
    return { row: { bot: ours, bareBolt: theirs, ratio }, sent };
  };
}

async function idleCpu(bot: Bot, seconds: number): Promise<number> {
  const before = await cpuSeconds(bot.pid);
  await pause(seconds * 1_000);
  return round(((await cpuSeconds(bot.pid)) - before) * (60 / seconds));
}

/** User and system time of a process, from Linux; hundredths of a second there. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function failed(body: string): never {
  throw new Error(`A command was answered otherwise: ${body}`);
}
