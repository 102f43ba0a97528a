import { sql } from 'kysely';
import type { Deps } from '../../src/flow/deps.ts';
import { clicked, typed } from '../../src/flow/inbox.ts';
import type { Click, Job, Log, Metrics, Store, Tx } from '../../src/flow/ports.ts';
import { tick, watchInTurn } from '../../src/flow/tick.ts';
import { type Card, type PrivateAnswer, plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { type Database, openPglite, openPostgres } from '../../src/store/database.ts';
import { type OpenStore, openStoreOn } from '../../src/store/open.ts';
import { findStranded } from '../../src/store/revive.ts';
import { stage } from '../../src/work.ts';
import { type FakeChat, fakeChat } from './fake-chat.ts';
import { CLIENT_ID, type FakeDefender, fakeDefender } from './fake-defender.ts';
import { startPostgres } from './postgres.ts';

export const T0 = Date.UTC(2026, 10, 24, 9);

export const POLICY = `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { users: [U0ANA, U0GUS] } }
  leads: { slack: { users: [U0LEA, U0LEO] } }
requesters: [analysts, leads]
approvers: [leads]
rules:
  - name: Domain controllers
    match: { machineTags: [tier0] }
    approvals: 2
    reason: "^INC-[0-9]+"
default: { approvals: 1, expireAfter: 8h, startWithin: 8h, breakGlass: true }
breakGlass: { allowed: [leads], reviewWithin: 24h }
`;

/** So many jobs at once mean that they go round in circles. */
const MANY = 2_000;

/** A log that keeps nothing. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * The spine on a real database (PGlite), with Chat and Defender behind their ports and a clock that tests move. Jobs are
 * taken in the order they were enqueued, only when their transaction committed, by `settle`: no worker runs by itself.
 */
export interface World {
  deps: Deps;
  store: Store;
  chat: FakeChat;
  defender: FakeDefender;
  now(): number;
  advance(milliseconds: number): void;
  policy(text: string): void;
  /** Runs jobs until none is left. Jobs that throw are collected in `failed` and not tried again by themselves. */
  settle(): Promise<void>;
  /** Runs one job now, out of turn; it throws where the job does. */
  work(job: Job): Promise<void>;
  /** Forgets the jobs that wait, as a crash of the engine's queue would; `tick` brings back what is due. */
  lose(): void;
  failed: { job: Job; error: unknown }[];
  /** Jobs that wait for `settle`. */
  jobs: Job[];
  /** What goes by the clock, once, and then `settle`. */
  tick(): Promise<void>;
  /** What the bot removes once an hour because its time is over. */
  upkeep(): Promise<void>;
  type(
    user: string,
    text: string,
    changes?: { channel?: string | null; thread?: string; delivery?: string },
  ): Promise<PrivateAnswer | null>;
  click(user: string, action: Click['action'], id: string, changes?: Partial<Click>): Promise<void>;
  /** Types, settles, and returns the request that was got. */
  ask(user: string, text: string): Promise<Request>;
  request(id: string): Promise<Request>;
  run(id: string): Promise<Run>;
  /** The newest state of the request's card. */
  card(id: string): Card;
  audit(): Promise<{ action: string; data: Record<string, unknown>; actor: unknown }[]>;
}

let shared: Promise<{ database: Database; opened: OpenStore; clock: { time: number } }> | null = null;

async function sharedStore() {
  shared ??= (async () => {
    const clock = { time: T0 };
    const database = await openDatabase();
    const opened = await openStoreOn(database, {
      auditKey: 'k'.repeat(32),
      clock: { now: () => clock.time },
      log: quiet,
    });
    return { database, opened, clock };
  })();
  return shared;
}

/** Closes the database of all worlds. */
export async function closeWorlds(): Promise<void> {
  if (shared !== null) await (await shared).opened.close();
  shared = null;
}

// The bench has worlds too, and no mocha.
if (typeof after === 'function') after(closeWorlds);

/** WORLDS_ON=postgres: on a real server, where transactions of two instances run at the same time. */
async function openDatabase(): Promise<Database> {
  if (process.env.WORLDS_ON !== 'postgres') return openPglite('memory://', quiet, () => undefined);
  return openPostgres(await (await startPostgres()).createDatabase(), quiet);
}

async function emptied(database: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'
    and tablename not like 'kysely%' and tablename not like '%migration%'`.execute(database.db);
  await sql.raw(`truncate ${rows.map((row) => `"${row.name}"`).join(', ')}`).execute(database.db);
  await sql`delete from pgboss.job`.execute(database.db);
}

/** A fresh world: an empty database, one machine, one script, the policy above. */
export async function createWorld(): Promise<World> {
  const { database, opened, clock } = await sharedStore();
  await emptied(database);
  clock.time = T0;
  const jobs: Job[] = [];
  const chat = fakeChat();
  const defender = fakeDefender({ now: () => clock.time });
  let policy = loadPolicy(POLICY, { platforms: ['slack'] });
  let count = 0;
  const store = capturing(opened.store, jobs, () => findStranded(database.db, clock.time));
  const deps: Deps = {
    store,
    chats: new Map([['slack', chat]]),
    defender,
    policy: () => policy,
    clock: { now: () => clock.time },
    sleep: async (milliseconds) => {
      clock.time += milliseconds;
    },
    log: quiet,
    metrics: quietMetrics,
    publicUrl: 'https://bot.example.com',
    clientId: CLIENT_ID,
    visibilityLag: 120_000,
  };
  const world: World = {
    deps,
    store,
    chat,
    defender,
    jobs,
    failed: [],
    now: () => clock.time,
    advance: (milliseconds) => {
      clock.time += milliseconds;
    },
    policy: (words) => {
      policy = loadPolicy(words, { platforms: ['slack'] });
    },
    settle: async () => {
      let left = MANY;
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        left -= 1;
        if (left === 0) throw new Error(`jobs go round in circles: ${JSON.stringify([job, ...jobs.slice(0, 5)])}`);
        try {
          await stage(deps, job);
        } catch (error) {
          world.failed.push({ job, error });
        }
      }
    },
    work: (job) => stage(deps, job),
    lose: () => {
      jobs.length = 0;
    },
    tick: async () => {
      await tick(deps);
      await watchInTurn(deps);
      await world.settle();
    },
    upkeep: () => opened.prune(clock.time, policy.retention),
    type: (user, words, changes = {}) => {
      const channel = changes.channel === undefined ? 'C0SOC' : changes.channel;
      count += 1;
      return typed(deps, {
        delivery: changes.delivery ?? `typed-${count}`,
        person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user },
        channel,
        place: channel,
        thread: changes.thread ?? null,
        text: words,
        replyTo: `to-${user}`,
      });
    },
    click: async (user, action, id, changes = {}) => {
      count += 1;
      await clicked(deps, {
        delivery: `click-${count}`,
        person: { platform: 'slack', id: user, tenant: 'T0CONTOSO', name: user },
        channel: 'C0SOC',
        action,
        id,
        words: null,
        openUntil: null,
        replyTo: `to-${user}`,
        ...changes,
      });
      await world.settle();
    },
    ask: async (user, words) => {
      const got = await world.type(user, words);
      await world.settle();
      const id = /LR-\w{6}/.exec(got?.lines.map(plain).join(' ') ?? '')?.[0];
      if (id === undefined || got?.buttons.length !== 0) throw new Error(`nothing was asked: ${JSON.stringify(got)}`);
      return world.request(id);
    },
    request: async (id) => {
      const request = await store.transaction((tx) => tx.request(id));
      if (request === null) throw new Error(`no request ${id}`);
      return request;
    },
    run: async (id) => {
      const run = await store.transaction((tx) => tx.run(id.includes('.') ? id : `${id}.1`));
      if (run === null) throw new Error(`no run ${id}`);
      return run;
    },
    card: (id) => {
      const message = chat.posts.findLast(({ card }) => card.requestId === id)?.posted.message ?? '';
      const card = chat.cards.get(message);
      if (card === undefined) throw new Error(`no card of ${id}`);
      return card;
    },
    audit: async () => {
      const { rows } = await sql<{
        action: string;
        data: Record<string, unknown>;
        actor: unknown;
      }>`select action, data, actor
        from audit order by id`.execute(database.db);
      return rows;
    },
  };
  return world;
}

/** Jobs go into our list when their transaction has committed, instead of into the engine. */
function capturing(store: Store, jobs: Job[], stranded: () => Promise<Job[]>): Store {
  const add = (job: Job): void => {
    if (!jobs.some((one) => JSON.stringify(one) === JSON.stringify(job))) jobs.push(job);
  };
  return {
    ...store,
    revive: async () => {
      const found = await stranded();
      found.forEach(add);
      return found.length;
    },
    transaction: async (work) => {
      const mine: Job[] = [];
      const result = await store.transaction((tx) => {
        const captured: Tx = {
          ...tx,
          enqueue: async (job) => {
            if (!mine.some((one) => JSON.stringify(one) === JSON.stringify(job))) mine.push(job);
          },
        };
        return work(captured);
      });
      mine.forEach(add);
      return result;
    },
  };
}

/** Metrics that count nothing. */
export const quietMetrics: Metrics = {
  command() {},
  acknowledged() {},
  rejectedInbound() {},
  defenderCall() {},
  throttled() {},
  dispatchWait() {},
  reportLag() {},
  policyValid() {},
  policyInForce() {},
};
