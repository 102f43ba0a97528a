import { createHash } from 'node:crypto';
import { watchInTurn } from '../../src/flow/tick.ts';
import type { TenantOptions } from '../../src/playground/defender-tenant/index.ts';
import { fillLine, machinesOfLine } from '../support/line.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { POLICY } from '../support/world.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { type Spread, spread } from './numbers.ts';
import { addMachines } from './tenant-machines.ts';

/** How one way of watching did: calls that the tenant counted in two minutes while all actions were running, and how late it knew. */
export interface Watching {
  reads: number;
  /** From a change at the tenant to the knowledge of it, simulated milliseconds. */
  lag: Spread;
}

/** The same actions watched by the bot, and by one poller for each of them. */
export interface ReadsRow {
  running: number;
  bot: Watching;
  pollers: Watching;
  /** The pollers' reads for each of the bot's; the bot's lag as a part of theirs, by p50. */
  ratio: { reads: number; lag: number };
}

/** The clock of the bot wakes once a second; another integration asks about each action every ten. Milliseconds. */
const TICK = 1_000;
const POLL = 10_000;
/** All of the tenant's actions are on their way so long, and all have ended after the other. */
const COUNTED = 120_000;
const LIFE = 260_000;
/** The tenant would not let the pollers do what they do: 25 of them ask 9,000 times an hour, where it allows 1,500. */
const NO_LIMITS = { submissionsPerMinute: 10_000, readsPerMinute: 10_000, readsPerHour: 100_000, sessions: 10_000 };

/** Sending fifty at once spends the reads of a whole minute, so they wait that much longer for their machines than recorded ones. */
const AFTER_SENDING = 60_000;
const TIMINGS = {
  total: [137_000 + AFTER_SENDING, 201_000 + AFTER_SENDING],
  perCommand: 12_000,
  pending: [10_000 + AFTER_SENDING, 25_000 + AFTER_SENDING],
  tail: [37_000, 46_000],
} satisfies TenantOptions['timings'];

/** Somebody who watches: when the next look is due, and the look. */
interface Watcher {
  due(): number;
  look(ledger: Ledger): Promise<void>;
}

/**
 * Simulated time, real HTTP: the client and the watching of production with its database, and a simulated tenant whose actions live
 * the same lives each time, as long as recorded ones. Each collects a file; scripts would add one look at the library each 30 s to
 * the bot's reads, whatever their number.
 */
export async function readsRow(running: number, rounds: number): Promise<ReadsRow> {
  const bot = await watched(running, rounds, botOf);
  const pollers = await watched(running, rounds, pollersOf);
  const part = (one: number, other: number) => Math.round((one / other) * 100) / 100;
  return {
    running,
    bot,
    pollers,
    ratio: { reads: part(pollers.reads, bot.reads), lag: part(bot.lag.p50, pollers.lag.p50) },
  };
}

async function watched(running: number, rounds: number, watcherOf: typeof botOf): Promise<Watching> {
  const lags: number[] = [];
  let reads = 0;
  for (let round = 0; round < rounds; round++) {
    const open = await createTenantWorld({ limits: NO_LIMITS, timings: TIMINGS, random: randomOf(round) });
    try {
      const ids = await start(open, running);
      const ledger = createLedger(open.tenant);
      reads += await watchThrough(open, ledger, watcherOf(open, ids));
      lags.push(...ledger.lags());
    } finally {
      await open.close();
    }
  }
  return { reads: reads / rounds, lag: spread(lags) };
}

/** Sends all of them at once, as far as the clock is concerned; the ids of their actions. */
async function start({ world, tenant, advance }: TenantWorld, running: number): Promise<string[]> {
  world.policy(`${POLICY}limits: { callsPerMinute: 600, concurrentSessions: 600, pollEvery: 5s }\n`);
  const machines = machinesOfLine(running);
  addMachines(tenant, machines);
  const runs = await fillLine(world, machines);
  await world.work({ queue: 'dispatch', id: 'next' });
  await world.settle();
  advance(AFTER_SENDING);
  const sent = await Promise.all(runs.map((id) => world.run(id)));
  if (sent.some(({ status }) => status !== 'running')) throw new Error('Not all of them are running.');
  return sent.flatMap(({ actionId }) => actionId ?? []);
}

/** From look to look until all have ended; how many reads of actions the tenant counted in the first two minutes. */
async function watchThrough(
  { world, tenant, advance }: TenantWorld,
  ledger: Ledger,
  watcher: Watcher,
): Promise<number> {
  const began = world.now();
  const before = tenant.state().calls.length;
  let counted = 0;
  for (let due = watcher.due(); due < began + LIFE; due = watcher.due()) {
    advance(due - world.now());
    await watcher.look(ledger);
    if (world.now() < began + COUNTED) counted = readsSince(tenant, before);
  }
  ledger.close();
  return counted;
}

function readsSince(tenant: TenantWorld['tenant'], before: number): number {
  const calls = tenant.state().calls.slice(before);
  return calls.filter(({ server, method }) => server === 'api' && method === 'GET').length;
}

/** The bot: what its clock does, and then what its records know. */
function botOf({ world }: TenantWorld, _ids: readonly string[]): Watcher {
  let next = world.now();
  return {
    due: () => next,
    async look(ledger) {
      next += TICK;
      await watchInTurn(world.deps);
      const status = ['running', 'succeeded', 'failed', 'timed_out', 'cancelled'] as const;
      for (const run of await world.store.runsBy({ status: [...status] })) {
        if (run.actionId === null || run.actionStatus === null) continue;
        ledger.knows(run.actionId, { status: run.actionStatus, command: run.commands[0]?.raw ?? '' }, world.now());
      }
    },
  };
}

/** One poller for each action, begun one after the other, which stops once it has seen the end. */
function pollersOf({ world, tenant }: TenantWorld, ids: readonly string[]): Watcher {
  const turns = ids.map((id, index) => ({ id, at: world.now() + (index * POLL) / ids.length }));
  let token: Promise<string> | null = null;
  const earliest = () => turns.reduce((first, turn) => (turn.at < first.at ? turn : first), NEVER);
  return {
    due: () => earliest().at,
    async look(ledger) {
      const turn = earliest();
      token ??= signIn(tenant);
      const response = await fetch(`${tenant.apiUrl}/api/machineactions/${turn.id}`, {
        headers: { Authorization: `Bearer ${await token}` },
      });
      const action = (await response.json()) as { status: string; commands: { commandStatus: string }[] };
      ledger.knows(turn.id, { status: action.status, command: action.commands[0]?.commandStatus ?? '' }, world.now());
      turn.at = action.status === 'Succeeded' ? Number.POSITIVE_INFINITY : turn.at + POLL;
    },
  };
}

const NEVER = { id: '', at: Number.POSITIVE_INFINITY };

async function signIn(tenant: TenantWorld['tenant']): Promise<string> {
  const form = { client_id: tenant.clientId, client_secret: tenant.clientSecret, scope: tenant.scope };
  const response = await fetch(`${tenant.loginUrl}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, grant_type: 'client_credentials' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** The same numbers for the same round. */
function randomOf(round: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash('sha256').update(`${round} ${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
}
