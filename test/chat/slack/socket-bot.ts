import { Router } from 'express';
import { createSlack, type SlackOptions } from '../../../src/chat/slack/index.ts';
import type { Click, TypedLine } from '../../../src/flow/ports.ts';
import { answer, type PrivateAnswer } from '../../../src/model/notice.ts';
import { startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { clock, memoryLog, memoryMetrics } from './fake-slack.ts';

export const APP_TOKEN = 'xapp-1-A0LIVE-secret';
const TOKENS = { botToken: 'xoxb-secret', appToken: APP_TOKEN };

/** Waits a thousand times shorter than usual. */
export const QUICK = { firstWait: 2, longestWait: 40, steady: 30_000, beat: 500, linger: 2_000, goodbye: 100 };

/** A workspace whose app is in Socket Mode; an event that isn't acknowledged comes again at once, then later. */
export function startWorkspace(patience = 3_000) {
  return startSlackWorkspace({
    ...TOKENS,
    signingSecret: 'not needed',
    pace: 'off',
    socketTimes: { patience, retries: [0, 40, 400, 1_000], ping: 1_000 },
  });
}

export type Bot = ReturnType<typeof createBot>;

/** Slack's side of a bot with an inbox that records and answers as told. */
export function createBot(apiUrl: string, changes: Partial<SlackOptions> = {}) {
  const lines: TypedLine[] = [];
  const clicks: Click[] = [];
  const log = memoryLog();
  const metrics = memoryMetrics();
  const bot = {
    lines,
    clicks,
    log,
    metrics,
    router: Router(),
    typed: async (_line: TypedLine): Promise<PrivateAnswer | null> => answer('Got it, LR-8K3F2Q.'),
    clicked: async (_click: Click): Promise<PrivateAnswer | null> => null,
  };
  const slack = createSlack({
    ...TOKENS,
    signingSecret: null,
    apiUrl,
    channels: () => ['C0SOC'],
    userGroups: () => [],
    router: bot.router,
    inbox: {
      typed(line) {
        lines.push(line);
        return bot.typed(line);
      },
      clicked(click) {
        clicks.push(click);
        return bot.clicked(click);
      },
      tell: async () => {},
      suggest: async () => [],
      home: async () => null,
    },
    clock,
    log,
    metrics,
    socketTimes: QUICK,
    ...changes,
  });
  return Object.assign(bot, { slack });
}
