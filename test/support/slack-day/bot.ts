import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Router } from 'express';
import { createSlack, type Slack } from '../../../src/chat/slack/index.ts';
import type { Deps } from '../../../src/flow/deps.ts';
import { clicked, typed } from '../../../src/flow/inbox.ts';
import type { Log } from '../../../src/flow/ports.ts';
import { tick, watchInTurn } from '../../../src/flow/tick.ts';
import { quiet, quietMetrics, type World } from '../world.ts';
import type { Crew, DayClock } from './clock.ts';
import { createWorkers, type Workers } from './workers.ts';

export const BOT_TOKEN = 'xoxb-day';
export const SIGNING_SECRET = 'the secret of the day';

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
