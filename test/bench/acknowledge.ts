import { readFile } from 'node:fs/promises';
import type { Deliveries, Sent } from './drive.ts';
import { round, type Spread, spread } from './numbers.ts';

/** One kind of delivery, at one of the two. */
export interface Acknowledged extends Spread {
  /** Not answered with 200 within three seconds. */
  lost: number;
  /** CPU of the process while the load lasted, milliseconds per delivery: what follows the acknowledgement included. */
  cpu: number;
}

/** The bot, its platform's bare SDK right before it, and how many times longer the bot takes. */
export interface Acknowledgement {
  bot: Acknowledged;
  bare: Acknowledged;
  /** Null where the bare one took less than can be measured. */
  ratio: { p50: number | null; p99: number | null };
}

interface Target {
  /** Of all that answer. */
  pids: readonly number[];
  drive(deliveries: Deliveries): Promise<Sent[]>;
}

/** Sends the same deliveries to both, one after the other. */
export interface Comparison {
  bot: Target;
  bare: Target;
  perSecond: number;
}

/** Measures how both acknowledge; `bodies` gives each its own, which may be the same. `sent` is what the bot was sent. */
export async function compare(
  { bot, bare, perSecond }: Comparison,
  bodies: () => string[],
): Promise<{ row: Acknowledgement; sent: Sent[] }> {
  const measure = async ({ pids, drive }: Target) => {
    const load = { bodies: bodies(), perSecond };
    const before = await cpuOfAll(pids);
    const sent = await drive(load);
    const cpu = round((((await cpuOfAll(pids)) - before) * 1_000) / load.bodies.length);
    const lost = sent.filter(({ status }) => status !== 200).length;
    return { sent, row: { ...spread(sent.map(({ ms }) => ms)), lost, cpu } };
  };
  const theirs = await measure(bare);
  const ours = await measure(bot);
  const ratio = { p50: times(ours.row.p50, theirs.row.p50), p99: times(ours.row.p99, theirs.row.p99) };
  return { row: { bot: ours.row, bare: theirs.row, ratio }, sent: ours.sent };
}

/** A tenth of a millisecond is what is told of a time. */
const times = (ours: number, theirs: number): number | null => (theirs >= 0.1 ? round(ours / theirs) : null);

async function cpuOfAll(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(cpuSeconds));
  return each.reduce((sum, seconds) => sum + seconds, 0);
}

/** User and system time of a process, from Linux; hundredths of a second there. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
