import type { Acknowledgement } from './acknowledge.ts';
import type { BotRows, Plan } from './bot-rows.ts';
import type { FloodRow } from './flood-row.ts';
import type { LineRow } from './line-row.ts';
import type { Spread } from './numbers.ts';
import type { OptionsRow } from './options-row.ts';
import type { PaceRow } from './pace-row.ts';
import type { PolicyRow } from './policy-row.ts';
import type { ReadsRow } from './reads-row.ts';
import type { StartRows } from './start-rows.ts';
import type { TeamsRows } from './teams-rows.ts';

/** What the bench measures, part by part. Times in milliseconds. */
export interface Parts {
  /** On the embedded database. */
  start: StartRows;
  /** In simulated time, on the embedded database in memory. */
  reads: ReadsRow[];
  line: LineRow;
  /** Of the policy alone, without any record. */
  policy: PolicyRow;
  /** Far more commands and clicks than people make. */
  flood: Record<'pglite' | 'postgres', FloodRow>;
  /** The same in Socket Mode on PostgreSQL: one instance, and two that share the deliveries. */
  'flood-socket': Record<'one' | 'two', FloodRow>;
  /** On the embedded database: cards that follow many commands at once, and choices while somebody types. */
  pace: PaceRow[];
  options: OptionsRow;
  pglite: DatabaseRows;
  postgres: DatabaseRows;
}

interface DatabaseRows {
  /** With Slack alone. */
  bot: BotRows;
  /** With Teams alone. */
  teams: TeamsRows;
  enqueueToHandler: Spread;
}

/** When and where a part was measured. */
interface Measured {
  date: string;
  node: string;
  machine: { cpus: number; model: string };
  /** The machine's load averages: other work makes all numbers worse, ratios least. */
  load: { before: number[]; after: number[] };
  plan: Plan;
}

/** The latest of each part, as the JSON has it. */
export interface Results {
  parts: Partial<Parts>;
  measured: { [Part in keyof Parts]?: Measured };
}

/** The results for reading. */
export function table({ parts, measured }: Results): string {
  const shown = {
    start: startOf,
    reads: (rows: ReadsRow[]) => rows.flatMap((one) => readsOf(one)),
    line: lineOf,
    policy: policyOf,
    flood: floodOf,
    'flood-socket': floodSocketOf,
    pace: (rows: PaceRow[]) => [...rows.flatMap((one) => paceOf(one)), ''],
    options: optionsOf,
    pglite: (rows: DatabaseRows, plan: Plan) => rowsOf('pglite', rows, plan),
    postgres: (rows: DatabaseRows, plan: Plan) => rowsOf('postgres', rows, plan),
  };
  const lines = Object.entries(measured).flatMap(([name, where]) => {
    const part = name as keyof Parts;
    const render = shown[part] as (rows: unknown, plan: Plan) => string[];
    return [headOf(part, where), ...render(parts[part], where.plan)];
  });
  return [row('times in ms', ['n', 'p50', 'p99', 'max', 'lost', 'cpu each']), '', ...lines].join('\n');
}

function headOf(part: string, { date, node, machine, load }: Measured): string {
  const busy = `load average ${load.before.join(' ')} before, ${load.after.join(' ')} after`;
  return `${part}: ${date}  Node ${node}  ${machine.cpus} CPUs (${machine.model})  ${busy}`;
}

function startOf({ slack, both, ratio }: StartRows): string[] {
  return [
    row('start to ready, Slack alone', cells(slack.ready)),
    row('start to ready, Slack and Teams', cells(both.ready)),
    row('  times as long', ['', ratio.ready.toFixed(2)]),
    row('idle memory in MB, Slack alone', cells(slack.memory)),
    row('idle memory in MB, Slack and Teams', cells(both.memory)),
    row('  times as much', ['', ratio.memory.toFixed(2)]),
    '',
  ];
}

/** The lag in simulated milliseconds. */
function readsOf({ running, bot, pollers, ratio }: ReadsRow): string[] {
  return [
    row(`${running} actions running, simulated: the bot’s lag`, cells(bot.lag)),
    row('  of one poller for each, every 10 s', cells(pollers.lag)),
    `  in 2 min ${bot.reads} reads, the pollers’ ${pollers.reads}: ${ratio.reads} for each of ours; ${ratio.lag} times their lag`,
  ];
}

function lineOf({ runs, minutes, makespanPercent, busiestMinute, throttled, busiestHourOfReads }: LineRow): string[] {
  return [
    `${runs} runs at 10 a minute took ${minutes} simulated min, ${makespanPercent} % of what the limit allows`,
    `  at most ${busiestMinute} in any minute, ${throttled} times 429, at most ${busiestHourOfReads} reads in any hour`,
    '',
  ];
}

function floodOf(flood: Parts['flood']): string[] {
  const rows = (['pglite', 'postgres'] as const).flatMap((name) => {
    const { perSecond, command, click } = flood[name];
    return [
      ...compared(`${name}: Slack command acknowledged, ${perSecond}/s`, 'bare Bolt', command),
      ...compared(`${name}: Slack click acknowledged, ${perSecond}/s`, 'bare Bolt', click),
    ];
  });
  return [...rows, ''];
}

function floodSocketOf({ one, two }: Parts['flood-socket']): string[] {
  const rows = ([one, two] as const).flatMap(({ perSecond, command, click }, index) => {
    const name = `Socket Mode, ${index === 0 ? '1 instance' : '2 instances'}:`;
    return [
      ...compared(`${name} command, ${perSecond}/s`, 'bare Bolt, one', command),
      ...compared(`${name} click, ${perSecond}/s`, 'bare Bolt, one', click),
    ];
  });
  return [...rows, ''];
}

function paceOf({ channels, cards, way, percent, throttled, repliesBefore, decision }: PaceRow): string[] {
  const where = channels === 1 ? 'one channel' : `each of ${channels} channels`;
  return [
    `${cards} commands at once in ${where}, Slack ${2 * way} ms away: cards used ${percent.least} to ${percent.most} % of the channel’s limit`,
    `  ${throttled} times 429, ${repliesBefore} replies before a card`,
    row('  approve click to the edit that shows it, meanwhile', cells(decision)),
  ];
}

function optionsOf({ machines, files, perSecond, way, cold, warm }: OptionsRow): string[] {
  const offered = (name: string, { empty, most, reads, ...took }: OptionsRow['cold']) => [
    row(name, cells(took)),
    `  at most ${most} choices, ${empty} without any, ${reads} reads at Defender`,
  ];
  return [
    `choices of ${machines} machines and ${files} files, ${perSecond}/s, Defender ${2 * way} ms away`,
    ...offered('  what nobody typed before', cold),
    ...offered('  the same again', warm),
    '',
  ];
}

function policyOf({ rules, people, decided, refused }: PolicyRow): string[] {
  return [
    row(`a decision by ${rules} rules and ${people} people a group`, cells(decided)),
    row('  a refusal, with the names of those who may', cells(refused)),
    '',
  ];
}

function rowsOf(name: string, { bot, teams, enqueueToHandler }: DatabaseRows, plan: Plan): string[] {
  const often = `${plan.perSecond}/s`;
  return [
    ...compared(`${name}: Slack command acknowledged, ${often}`, 'bare Bolt', bot.command),
    ...compared(`${name}: Slack click acknowledged, ${often}`, 'bare Bolt', bot.click),
    ...compared(`${name}: Teams command acknowledged, ${often}`, 'bare botbuilder', teams.command),
    ...compared(`${name}: Teams click answered, ${often}`, 'bare botbuilder', teams.click),
    `  with the outcome: ${teams.clicksDone} of ${teams.click.bot.n}; the others with “still checking it”`,
    row(`${name}: acknowledgement to card posted`, cells(bot.acknowledgedToCard)),
    row(`${name}: approve click to the POST at Defender`, cells(bot.clickToDefender)),
    row(`${name}: enqueue to handler`, cells(enqueueToHandler)),
    `${name}: idle, CPU seconds a minute: ${bot.idleCpuSecondsPerMinute}`,
    '',
  ];
}

function compared(name: string, other: string, { bot, bare, ratio }: Acknowledgement): string[] {
  return [
    row(name, [...cells(bot), String(bot.lost), bot.cpu.toFixed(1)]),
    row(`  ${other}`, [...cells(bare), String(bare.lost), bare.cpu.toFixed(1)]),
    row('  times as long', ['', String(ratio.p50 ?? ''), String(ratio.p99 ?? ''), '']),
  ];
}

function cells({ n, p50, p99, max }: Spread): string[] {
  return [String(n), p50.toFixed(1), p99.toFixed(1), max.toFixed(1)];
}

function row(name: string, values: string[]): string {
  return name.padEnd(52) + values.map((value) => value.padStart(9)).join('');
}
