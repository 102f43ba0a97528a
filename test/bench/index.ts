import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../support/postgres.ts';
import { closeWorlds } from '../support/world.ts';
import { botRows, type Plan } from './bot-rows.ts';
import { engineRow } from './engine-row.ts';
import { lineRow } from './line-row.ts';
import { policyRow } from './policy-row.ts';
import { readsRow } from './reads-row.ts';
import { startRows } from './start-rows.ts';
import { type Results, table } from './table.ts';
import { teamsRows } from './teams-rows.ts';

/** `npm run bench`: the performance table. `--quick` tries the bench itself; its numbers mean little. */
const quick = process.argv.includes('--quick');
const plan: Plan = quick
  ? { perSecond: 20, loadSeconds: 2, journeys: 2, idleSeconds: 3, starts: 1, readRounds: 1, line: 60 }
  : { perSecond: 20, loadSeconds: 15, journeys: 15, idleSeconds: 30, starts: 5, readRounds: 4, line: 1_000 };

const folder = await mkdtemp(join(tmpdir(), 'liveresponse-bench-'));
const load = { before: loadavg().map(Math.round), after: [] as number[] };
const postgres = await startPostgres();
const jobs = quick ? 20 : 300;
const results: Results = {
  date: new Date().toISOString(),
  node: process.version,
  machine: { cpus: availableParallelism(), model: cpus()[0]?.model ?? 'unknown' },
  load,
  plan,
  start: await startRows(join(folder, 'start'), plan),
  reads: [await readsRow(25, plan.readRounds), await readsRow(50, plan.readRounds)],
  line: await lineRow(plan.line),
  policy: policyRow(500, 5_000, quick ? 100 : 5_000),
  pglite: {
    bot: await botRows({ dataDir: join(folder, 'bot') }, plan),
    teams: await teamsRows({ dataDir: join(folder, 'teams') }, plan),
    enqueueToHandler: await engineRow({ dataDir: join(folder, 'engine') }, jobs),
  },
  postgres: {
    bot: await botRows({ databaseUrl: await postgres.createDatabase() }, plan),
    teams: await teamsRows({ databaseUrl: await postgres.createDatabase() }, plan),
    enqueueToHandler: await engineRow({ databaseUrl: await postgres.createDatabase() }, jobs),
  },
};
load.after = loadavg().map(Math.round);
await closeWorlds();
await postgres.stop();
await rm(folder, { recursive: true, force: true });

process.stdout.write(`${table(results)}\n`);
if (!quick) {
  const into = fileURLToPath(new URL('./results/', import.meta.url));
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
}
