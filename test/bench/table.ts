import type { Acknowledgement, BotRows, Plan } from './bot-rows.ts';
import type { Spread } from './numbers.ts';

/** One run of the bench, as its JSON has it. Times in milliseconds. */
export interface Results {
  date: string;
  node: string;
  machine: { cpus: number; model: string };
  /** The machine's load averages: other work makes all numbers worse, ratios least. */
  load: { before: number[]; after: number[] };
  plan: Plan;
  pglite: DatabaseRows;
  postgres: DatabaseRows;
}

interface DatabaseRows {
  bot: BotRows;
  enqueueToHandler: Spread;
}

/** The results for reading. */
export function table(results: Results): string {
  const { machine, load, plan } = results;
  return [
    `${results.date}  Node ${results.node}  ${machine.cpus} CPUs (${machine.model})`,
    `load average ${load.before.join(' ')} before, ${load.after.join(' ')} after; times in ms`,
    '',
    row('', ['n', 'p50', 'p99', 'max', 'lost', 'cpu each']),
    ...(['pglite', 'postgres'] as const).flatMap((name) => rowsOf(name, results[name], plan)),
  ].join('\n');
}

function rowsOf(name: string, { bot, enqueueToHandler }: DatabaseRows, plan: Plan): string[] {
  return [
    ...compared(`${name}: command acknowledged, ${plan.perSecond}/s`, bot.command),
    ...compared(`${name}: click acknowledged, ${plan.perSecond}/s`, bot.click),
    row(`${name}: acknowledgement to card posted`, cells(bot.acknowledgedToCard)),
    row(`${name}: approve click to the POST at Defender`, cells(bot.clickToDefender)),
    row(`${name}: enqueue to handler`, cells(enqueueToHandler)),
    `${name}: idle, CPU seconds a minute: ${bot.idleCpuSecondsPerMinute}`,
    '',
  ];
}

function compared(name: string, { bot, bareBolt, ratio }: Acknowledgement): string[] {
  return [
    row(name, [...cells(bot), String(bot.lost), bot.cpu.toFixed(1)]),
    row('  bare Bolt', [...cells(bareBolt), String(bareBolt.lost), bareBolt.cpu.toFixed(1)]),
    row('  times as long', ['', String(ratio.p50), String(ratio.p99), '']),
  ];
}

function cells({ n, p50, p99, max }: Spread): string[] {
  return [String(n), p50.toFixed(1), p99.toFixed(1), max.toFixed(1)];
}

function row(name: string, values: string[]): string {
  return name.padEnd(48) + values.map((value) => value.padStart(9)).join('');
}
