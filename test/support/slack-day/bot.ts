import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Router } from 'express';
import { createSlack, type Slack } from '../../../src/chat/slack/index.ts';
import type { Deps } from '../../../src/flow/deps.ts';
import { clicked, typed } from '../../../src/flow/inbox.ts';
import type { Job, Log, Queue } from '../../../src/flow/ports.ts';
import { tick, watchInTurn } from '../../../src/flow/tick.ts';
import { stage } from '../../../src/work.ts';
import { quiet, quietMetrics, type World } from '../world.ts';
import type { Crew, DayClock } from './clock.ts';

export const BOT_TOKEN = 'xoxb-day';
export const SIGNING_SECRET = 'the secret of the day';

/** Jobs of a queue at a time, as one instance works; dispatching is one at a time. */
const AT_ONCE: Record<string, number> = { dispatch: 1, report: 4 };
const OTHERWISE = 6;
const LONGEST_WAIT = 30;

/** The bot's process: the adapter that production uses, and its workers, on the clock of the day. */
export interface Bot {
  /** Where Slack sends what people do. */
  url: string;
  deps(): Deps;
  /** What nobody foresaw. */
  errors: unknown[];
  start(): Promise<void>;
  /** Dies where it stands; the engine's jobs are lost with it. */
  kill(): void;
  /** Of the process that runs. */
  crew(): Crew;
  /** Whether there is nothing left to do at this moment. */
  isIdle(): boolean;
  close(): Promise<void>;
}

interface Process {
  crew: Crew;
  slack: Slack;
  router: Router;
  deps: Deps;
}

export async function createBot(options: {
  world: World;
  clock: DayClock;
  apiUrl: () => string;
  every: () => number;
}): Promise<Bot> {
  const { world, clock } = options;
  const errors: unknown[] = [];
  const slacks: Slack[] = [];
  let running: Process | null = null;
  const server = createServer((request, response) => {
    if (running === null) response.writeHead(503).end();
    else express().use(running.router)(request, response);
  });
  const url = await listening(server);
  const at = (): Process => running ?? assertRunning();

  async function start(): Promise<void> {
    const crew = clock.crew();
    const router = express.Router();
    const log: Log = { ...quiet, error: (...said: unknown[]) => void (crew.isDead || errors.push(said)) };
    const chats = new Map();
    const workers = createWorkers(world, clock, crew, errors);
    const store = mortal({ ...world.store, revive: workers.revive }, crew, workers.wake);
    const deps: Deps = { ...world.deps, store, chats, log, sleep: crew.sleep, clock };
    const slack = createSlack({
      ...{ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, apiUrl: options.apiUrl(), router, clock, log },
      channels: () => deps.policy().channels.slack,
      userGroups: () => [],
      metrics: quietMetrics,
      inbox: {
        typed: (line) => typed(deps, line),
        clicked: (click) => clicked(deps, click),
        tell: async () => undefined,
        suggest: async () => [],
        home: async () => null,
      },
    });
    chats.set('slack', slack.chat);
    slacks.push(slack);
    slack.start();
    // It answers as soon as Slack has said who the bot is.
    await slack.chat.lookUp({ id: 'U0LEA', tenant: '' }, { fresh: false }).catch(() => undefined);
    running = { crew, slack, router, deps };
    workers.start(deps);
    everySoOften(crew, () => goByTheClock(deps, workers));
  }

  function everySoOften(crew: Crew, work: () => Promise<void>): void {
    if (crew.isDead) return;
    crew.run(work);
    clock.at(clock.now() + options.every(), () => everySoOften(crew, work));
  }

  function kill(): void {
    running?.crew.kill();
    running = null;
    world.lose();
  }

  return {
    url: `${url}/slack/events`,
    deps: () => at().deps,
    errors,
    start,
    kill,
    crew: () => at().crew,
    isIdle: () => world.jobs.length === 0,
    async close() {
      await Promise.all(slacks.map((slack) => slack.stop()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function assertRunning(): never {
  throw new Error('the bot is down');
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

async function goByTheClock(deps: Deps, workers: Workers): Promise<void> {
  await tick(deps);
  await watchInTurn(deps);
  workers.wake();
}

/** What a process that was killed asks of the database is never answered; what it had asked before may be done all the same. */
function mortal<T extends object>(store: T, crew: Crew, wake: () => void): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return mortal(value, crew, wake);
      if (typeof value !== 'function') return value;
      return async (...asked: unknown[]) => {
        if (crew.isDead) await new Promise(() => undefined);
        try {
          return await value.apply(target, asked);
        } finally {
          if (crew.isDead) await new Promise(() => undefined);
          wake();
        }
      };
    },
  });
}

interface Workers {
  start(deps: Deps): void;
  wake(): void;
  revive(now: number): Promise<number>;
}

/** The engine: so many jobs of a queue at a time, failed ones again a while later, none twice for the sweeper. */
function createWorkers(world: World, clock: DayClock, crew: Crew, errors: unknown[]): Workers {
  const active = new Map<string, number>();
  const live = new Map<string, number>();
  const failures = new Map<string, number>();
  let deps: Deps | null = null;

  const queueOf = (queue: Queue): string => queue.split('.')[0] ?? queue;
  const count = (map: Map<string, number>, key: string, by: number): void =>
    void map.set(key, (map.get(key) ?? 0) + by);

  function wake(): void {
    if (deps === null || crew.isDead) return;
    for (let index = 0; index < world.jobs.length; ) {
      const job = world.jobs[index] as Job;
      const queue = queueOf(job.queue);
      if ((active.get(queue) ?? 0) >= (AT_ONCE[queue] ?? OTHERWISE)) index += 1;
      else {
        world.jobs.splice(index, 1);
        begin(job, deps);
      }
    }
  }

  function begin(job: Job, with_: Deps): void {
    const key = JSON.stringify(job);
    count(active, queueOf(job.queue), 1);
    count(live, key, 1);
    crew.run(async () => {
      try {
        await stage(with_, job);
        failures.delete(key);
        count(live, key, -1);
      } catch (error) {
        failed(job, key, error);
      } finally {
        count(active, queueOf(job.queue), -1);
        wake();
      }
    });
  }

  function failed(job: Job, key: string, error: unknown): void {
    if (!isExpected(error)) errors.push({ job, error });
    const before = failures.get(key) ?? 0;
    failures.set(key, before + 1);
    clock.at(clock.now() + Math.min(2 ** before, LONGEST_WAIT) * 1_000, () => {
      if (crew.isDead) return;
      count(live, key, -1);
      if (!world.jobs.some((one) => JSON.stringify(one) === key)) world.jobs.push(job);
      wake();
    });
  }

  /** The sweeper reads the engine's table, which is empty here: what is live shows in our counts. */
  async function revive(now: number): Promise<number> {
    const before = new Set(world.jobs);
    await world.store.revive(now);
    const kept = world.jobs.filter((job) => before.has(job) || (live.get(JSON.stringify(job)) ?? 0) === 0);
    world.jobs.splice(0, world.jobs.length, ...kept);
    return kept.length - before.size;
  }

  return {
    wake,
    revive,
    start(given) {
      deps = given;
      wake();
    },
  };
}

/** Slack's trouble is what the day is about; a job that met it is tried again. */
const isExpected = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('chat_');
