import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../support/postgres.ts';
import { closeWorlds } from '../support/world.ts';
import { botRows, type Database, type Plan } from './bot-rows.ts';
import { engineRow } from './engine-row.ts';
import { floodRow } from './flood-row.ts';
import { lineRow } from './line-row.ts';
import { optionsRow } from './options-row.ts';
import { paceRow } from './pace-row.ts';
import { policyRow } from './policy-row.ts';
import { readsRow } from './reads-row.ts';
import { startSlackPair } from './slack-pair.ts';
import { startSocketPair } from './socket-pair.ts';
import { startRows } from './start-rows.ts';
import { type Parts, type Results, table } from './table.ts';
import { teamsRows } from './teams-rows.ts';

/**
 * `npm run bench`: the performance table. `npm run bench -- reads flood` measures these parts anew and keeps the others as they were
 * measured last. `--quick` tries the bench itself; its numbers mean little and are not kept.
 */
const words = process.argv.slice(2);
const quick = words.includes('--quick');
const plan: Plan = quick
  ? {
      perSecond: 20,
      loadSeconds: 2,
      journeys: 2,
      idleSeconds: 3,
      starts: 1,
      readRounds: 1,
      line: 60,
      jobs: 20,
      flood: 2,
      cards: 30,
    }
  : {
      perSecond: 20,
      loadSeconds: 15,
      journeys: 15,
      idleSeconds: 30,
      starts: 5,
      readRounds: 4,
      line: 1_000,
      jobs: 300,
      flood: 10,
      cards: 60,
    };

const folder = await mkdtemp(join(tmpdir(), 'liveresponse-bench-'));
const postgres = await startPostgres();
const embedded = (name: string): Database => ({ dataDir: join(folder, name) });
const server = async (): Promise<Database> => ({ databaseUrl: await postgres.createDatabase() });

/** One after the other, never two at once. */
const parts: { [Part in keyof Parts]: () => Promise<Parts[Part]> } = {
  start: () => startRows(join(folder, 'start'), plan),
  reads: async () => [await readsRow(25, plan.readRounds), await readsRow(50, plan.readRounds)],
  line: () => lineRow(plan.line),
  policy: async () => policyRow(500, 5_000, quick ? 100 : 5_000),
  flood: async () => ({
    pglite: await floodRow(await startSlackPair(embedded('flood')), 200, plan.flood),
    postgres: await floodRow(await startSlackPair(await server()), 200, plan.flood),
  }),
  'flood-socket': async () => ({
    one: await floodRow(await startSocketPair(await server(), 1), 200, plan.flood),
    two: await floodRow(await startSocketPair(await server(), 2), 200, plan.flood),
  }),
  pace: async () => [
    await paceRow(embedded('pace-one'), { channels: 1, cards: plan.cards, way: 0 }),
    await paceRow(embedded('pace-ten'), { channels: 10, cards: plan.cards / 10, way: 0 }),
    await paceRow(embedded('pace-far'), { channels: 1, cards: plan.cards / 3, way: 50 }),
  ],
  options: () => optionsRow(embedded('options'), { machines: 50_000, files: 500 }, { ...plan, way: 100 }),
  pglite: async () => ({
    bot: await botRows(embedded('bot'), plan),
    teams: await teamsRows(embedded('teams'), plan),
    enqueueToHandler: await engineRow(embedded('engine'), plan.jobs),
  }),
  postgres: async () => ({
    bot: await botRows(await server(), plan),
    teams: await teamsRows(await server(), plan),
    enqueueToHandler: await engineRow(await server(), plan.jobs),
  }),
};

const latest = fileURLToPath(new URL('./results/latest.json', import.meta.url));
const results: Results = quick ? { parts: {}, measured: {} } : (JSON.parse(await readFile(latest, 'utf8')) as Results);
const asked = words.filter((word) => !word.startsWith('-'));
const unknown = asked.find((word) => !(word in parts));
if (unknown !== undefined)
  throw new Error(`The bench has no part “${unknown}”. Its parts: ${Object.keys(parts).join(', ')}`);

for (const name of Object.keys(parts) as (keyof Parts)[]) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const before = loadavg().map(Math.round);
  Object.assign(results.parts, { [name]: await parts[name]() });
  results.measured[name] = {
    date: new Date().toISOString(),
    node: process.version,
    machine: { cpus: availableParallelism(), model: cpus()[0]?.model ?? 'unknown' },
    load: { before, after: loadavg().map(Math.round) },
    plan,
  };
  if (!quick) {
    await mkdir(join(latest, '..'), { recursive: true });
    await writeFile(latest, `${JSON.stringify(results, null, 2)}\n`);
  }
}
await closeWorlds();
await postgres.stop();
await rm(folder, { recursive: true, force: true });

process.stdout.write(`${table(results)}\n`);
