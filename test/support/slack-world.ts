import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import { createSlack } from '../../src/chat/slack/index.ts';
import { clicked, typed } from '../../src/flow/inbox.ts';
import { type Message, type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { clock, memoryLog, memoryMetrics, until } from '../chat/slack/fake-slack.ts';
import { createWorld, POLICY, type World } from './world.ts';

const SECRETS = { botToken: 'xoxb-secret', signingSecret: 'a-signing-secret' };

/** The spine with the adapter that production uses, on a stand-in for Slack, over HTTP. The world's clock begins now, since Slack's is real. */
export interface SlackWorld {
  world: World;
  slack: SlackWorkspace;
  log: ReturnType<typeof memoryLog>;
  /** Asked by Ana in #soc; what comes of it is done. */
  ask(line: string): Promise<string>;
  /** A click on this message, or the newest card, by Lea. */
  click(id: string, action: string, message?: Message): Promise<void>;
  /** Time passes, and what it brings is done. */
  pass(milliseconds: number): Promise<void>;
  /** The messages that are cards of the request, oldest first. */
  cards(id: string): Message[];
  replies(id: string): Message[];
  /** What Ana was told privately besides “Got it”. */
  told(): string[];
  /** How often this method was called. */
  calls(method: string): number;
  close(): Promise<void>;
}

/** Creates both. */
export async function createSlackWorld(): Promise<SlackWorld> {
  const world = await createWorld();
  world.advance(Date.now() - world.now());
  world.policy(POLICY);
  const slack = await startSlackWorkspace({ ...SECRETS, pace: 'off' });
  const log = memoryLog();
  const router = Router();
  const adapter = createSlack({
    ...{ ...SECRETS, apiUrl: slack.apiUrl, router, clock, log, metrics: memoryMetrics() },
    channels: () => ['C0SOC'],
    userGroups: () => [],
    inbox: {
      typed: (line) => typed(world.deps, line),
      clicked: (click) => clicked(world.deps, click),
      tell: async () => undefined,
      suggest: async () => [],
      home: async () => null,
    },
  });
  const server = createServer(express().use(router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  slack.setBotUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  (world.deps.chats as Map<string, unknown>).set('slack', adapter.chat);
  world.deps.log = log;
  adapter.start();
  await until(() => adapter.health() === 'ok');
  const messages = () => slack.state().messages;
  const cards = (id: string) => messages().filter((one) => one.threadTs === null && requestOf(one) === id);
  return {
    world,
    slack,
    log,
    cards,
    async ask(line) {
      const delivery = await slack.command({ user: 'U0ANA', channel: 'C0SOC', text: line });
      await world.settle();
      return /LR-\w{6}/.exec(delivery.body)?.[0] ?? '';
    },
    async click(id, action, message = cards(id).at(-1)) {
      if (message === undefined) throw new Error(`${id} has no card`);
      const { channel, ts } = message;
      await slack.click({ user: 'U0LEA', channel, ts, actionId: `lr:${action}` });
      await world.settle();
    },
    async pass(milliseconds) {
      world.advance(milliseconds);
      await world.tick();
    },
    replies(id) {
      const threads = cards(id).map(({ ts }) => ts);
      return messages().filter(({ threadTs }) => threadTs !== null && threads.includes(threadTs));
    },
    told: () =>
      slack
        .state()
        .ephemerals.filter(({ to, text }) => to === 'U0ANA' && !text.startsWith('Got it'))
        .map(({ text }) => text),
    calls: (method) => slack.state().calls.filter((call) => call.method === method).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await adapter.stop();
      await slack.stop();
    },
  };
}

function requestOf({ metadata }: Message): string | null {
  const known = metadata as { event_payload?: { request_id?: string } } | null;
  return known?.event_payload?.request_id ?? null;
}
