import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import type { Inbox } from '../../../src/chat/inbox.ts';
import { createTeams, type Teams, type TeamsOptions } from '../../../src/chat/teams/index.ts';
import type { Click, Log, Metrics, TypedLine } from '../../../src/flow/ports.ts';
import type { Suggestion } from '../../../src/flow/suggest.ts';
import type { Card, PrivateAnswer } from '../../../src/model/notice.ts';
import { CONVERSATIONS, startTeamsChannel, type TeamsChannel } from '../../../src/playground/teams-channel/index.ts';

export const APP_ID = '11111111-2222-4333-8444-555555555555';
const PASSWORD = 'the secret of the tests, long enough';

/** What the edge handed to its inbox, and what the inbox answers next. */
export interface Recorded {
  lines: TypedLine[];
  clicks: Click[];
  told: { to: string; delivery: string; answer: PrivateAnswer }[];
  removed: string[];
  answers: {
    typed: PrivateAnswer | null;
    clicked: () => Promise<PrivateAnswer | null>;
    card: () => Promise<Card | null>;
    suggest: () => Promise<Suggestion[]>;
  };
}

/** The Teams edge on a server of its own, with the stand-in as its Teams and an inbox that records. */
export interface Edge {
  channel: TeamsChannel;
  teams: Teams;
  recorded: Recorded;
  /** Everything that was logged, as one text. */
  logged(): string;
  rejected: string[];
  url: string;
  /** What it remembers between restarts. */
  memory: Map<string, unknown>;
  /** Another instance that shares the memory. */
  restart(changes?: Partial<TeamsOptions>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the edge; `changes` overrides what it is created with. */
export async function startEdge(
  changes: Partial<TeamsOptions> = {},
  standIn: Partial<Parameters<typeof startTeamsChannel>[0]> = {},
  starts = true,
): Promise<Edge> {
  const channel = await startTeamsChannel({ appId: APP_ID, appPassword: PASSWORD, pace: 'off', ...standIn });
  const recorded: Recorded = {
    lines: [],
    clicks: [],
    told: [],
    removed: [],
    answers: { typed: null, clicked: async () => null, card: async () => null, suggest: async () => [] },
  };
  const inbox: Inbox = {
    typed: async (line) => {
      recorded.lines.push(line);
      return recorded.answers.typed;
    },
    clicked: async (click) => {
      recorded.clicks.push(click);
      return recorded.answers.clicked();
    },
    tell: async (said) => void recorded.told.push(said),
    cardFor: () => recorded.answers.card(),
    suggest: () => recorded.answers.suggest(),
    home: async () => null,
    removed: async (where) => void recorded.removed.push(where),
  };
  const memory = new Map<string, unknown>();
  const words: string[] = [];
  const write = (facts: object, message: string): void => {
    words.push(
      `${message} ${JSON.stringify(facts, (_key, value) => (value instanceof Error ? `${value.stack}` : value))}`,
    );
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const rejected: string[] = [];
  const metrics = {
    acknowledged() {},
    rejectedInbound: (_platform, why) => void rejected.push(why),
  } as Partial<Metrics> as Metrics;

  async function serve(more: Partial<TeamsOptions>): Promise<{ teams: Teams; server: Server; url: string }> {
    const router = Router();
    const teams = createTeams({
      appId: APP_ID,
      tenantId: channel.tenantId,
      credential: { kind: 'secret', secret: PASSWORD },
      loginUrl: channel.loginUrl,
      openIdMetadataUrl: channel.openIdMetadataUrl,
      graphUrl: channel.graphUrl,
      standIn: true,
      channels: () => [CONVERSATIONS.soc, CONVERSATIONS.socPrivate, CONVERSATIONS.socShared],
      entraGroups: () => [],
      router,
      inbox,
      memory: {
        read: async (key) => memory.get(key) ?? null,
        write: async (key, value) => void memory.set(key, value),
      },
      clock: { now: () => Date.now() },
      log,
      metrics,
      ...changes,
      ...more,
    });
    const server = createServer(express().use(router));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
    channel.setBotUrl(url);
    if (starts) teams.start();
    return { teams, server, url };
  }

  let running = await serve({});
  const end = async (): Promise<void> => {
    running.server.closeAllConnections();
    await new Promise((resolve) => running.server.close(resolve));
    await running.teams.stop();
    running.teams.close();
  };
  return {
    channel,
    recorded,
    rejected,
    memory,
    get teams() {
      return running.teams;
    },
    get url() {
      return running.url;
    },
    logged: () => words.join('\n'),
    async restart(more = {}) {
      await end();
      running = await serve(more);
    },
    async stop() {
      await end();
      await channel.stop();
    },
  };
}
