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

/** One kind of delivery, at one of the two. */
export interface Acknowledged extends Spread {
  /** Not answered with 200 within Slack's three seconds. */
  lost: number;
  /** CPU of the process while the load lasted, milliseconds per delivery: what follows the acknowledgement included. */
  cpu: number;
}

/** The bot, bare Bolt right before it, and how many times longer the bot takes. */
export interface Acknowledgement {
  bot: Acknowledged;
  bareBolt: Acknowledged;
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
    const compare = comparison({ pid: bot.pid, url: bot.slackUrl }, { pid: bare.pid, url: bareUrl }, plan.perSecond);
    const commands = await compare(() => lines.map(typedBody));
    await pause(PREPARE);
    const ids = commands.sent.flatMap(({ body }) => /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? []);
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

interface Target {
  pid: number;
  url: string;
}

function comparison(bot: Target, bareBolt: Target, perSecond: number) {
  return async (bodies: () => string[]): Promise<{ row: Acknowledgement; sent: Sent[] }> => {
    const theirs = await measure(bareBolt, bodies(), perSecond);
    const ours = await measure(bot, bodies(), perSecond);
    const ratio = { p50: round(ours.row.p50 / theirs.row.p50), p99: round(ours.row.p99 / theirs.row.p99) };
    return { row: { bot: ours.row, bareBolt: theirs.row, ratio }, sent: ours.sent };
  };
}

async function measure({ pid, url }: Target, bodies: string[], perSecond: number) {
  const before = await cpuSeconds(pid);
  const sent = await drive({ url, bodies, perSecond, secret: SECRETS.signingSecret });
  const cpu = round((((await cpuSeconds(pid)) - before) * 1_000) / bodies.length);
  const lost = sent.filter(({ status }) => status !== 200).length;
  return { sent, row: { ...spread(sent.map(({ ms }) => ms)), lost, cpu } };
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
