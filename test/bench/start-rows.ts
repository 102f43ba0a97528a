import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { startBot } from '../support/bot.ts';
import type { Plan } from './bot-rows.ts';
import { startFarEnds, WIDE_POLICY, withTeams } from './far-ends.ts';
import { round, type Spread, spread } from './numbers.ts';

/** A bot from its start on. */
export interface StartRow {
  /** From the start of the process to the first 200 of /readyz, milliseconds; looked at every 50. */
  ready: Spread;
  /** Resident memory of the process some seconds after it was ready, nothing having been asked of it. Megabytes. */
  memory: Spread;
}

/** The same bot with one platform and with both. */
export interface StartRows {
  slack: StartRow;
  both: StartRow;
  ratio: { ready: number; memory: number };
}

/** Milliseconds after which a bot that was started counts as idle. */
const UNTIL_IDLE = 10_000;

/** Starts the bot again and again on an embedded database that is there already, with each set of platforms in turn. */
export async function startRows(dataDir: string, plan: Plan): Promise<StartRows> {
  const ends = await startFarEnds();
  const start = async (env: NodeJS.ProcessEnv) => {
    const began = performance.now();
    const bot = await startBot({ ...ends, dataDir, policy: WIDE_POLICY, env: { LOG_LEVEL: 'warn', ...env } });
    const ready = performance.now() - began;
    await pause(UNTIL_IDLE);
    const memory = await residentMegabytes(bot.pid);
    await bot.sigterm();
    return { ready, memory };
  };
  const slack: Awaited<ReturnType<typeof start>>[] = [];
  const both: typeof slack = [];
  try {
    // The first one makes the database.
    await start({});
    for (let turn = 0; turn < plan.starts; turn++) {
      slack.push(await start({}));
      both.push(await start(withTeams(ends)));
    }
  } finally {
    await ends.close();
  }
  const rows = { slack: rowOf(slack), both: rowOf(both) };
  const times = (what: keyof StartRow) => Math.round((rows.both[what].p50 / rows.slack[what].p50) * 100) / 100;
  return { ...rows, ratio: { ready: times('ready'), memory: times('memory') } };
}

function rowOf(started: readonly { ready: number; memory: number }[]): StartRow {
  return {
    ready: spread(started.map(({ ready }) => ready)),
    memory: spread(started.map(({ memory }) => memory)),
  };
}

/** From Linux. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}
