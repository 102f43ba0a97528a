import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import { createSlack } from '../../../src/chat/slack/index.ts';
import type { Click, TypedLine } from '../../../src/flow/ports.ts';
import type { Suggestion } from '../../../src/flow/suggest.ts';
import type { Home } from '../../../src/model/home.ts';
import { answer, type PrivateAnswer } from '../../../src/model/notice.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { clock, memoryLog, memoryMetrics, until } from './fake-slack.ts';

export const SIGNING_SECRET = 'a-signing-secret';
const TOKENS = { botToken: 'xoxb-secret', signingSecret: SIGNING_SECRET };

/** What the inbox of the bot answers, until a test says otherwise. */
export interface Answers {
  typed(line: TypedLine): Promise<PrivateAnswer | null>;
  clicked(click: Click): Promise<PrivateAnswer | null>;
  home(asked: { delivery: string; person: { id: string }; offset: number }): Promise<Home | null>;
  suggest(asked: { subject: string; query: string; limit: number; person: { id: string } }): Promise<Suggestion[]>;
}

/** Slack's part of the bot, in the simulated workspace, with an inbox that records. */
export interface FormBot {
  workspace: SlackWorkspace;
  answers: Answers;
  lines: TypedLine[];
  clicks: Click[];
  told: { to: string; delivery: string; answer: PrivateAnswer }[];
  log: string[];
  stop(): Promise<void>;
}

export const FORM_OFFERED: PrivateAnswer = {
  ...answer('Tell me what to run, and where.'),
  output: ['run'],
  form: true,
};

/**
 * Starts both; answers to words without a line are the form, to any other “Got it”. With `appToken` the app is in Socket Mode, without it
 * Slack delivers over HTTP.
 */
export async function startFormBot(
  channels: string[] = ['C0SOC', 'C0PRIVATE'],
  more: { appToken?: string } = {},
): Promise<FormBot> {
  const workspace = await startSlackWorkspace({ ...TOKENS, ...more, pace: 'off' });
  const log = memoryLog();
  const router = Router();
  const bot: Omit<FormBot, 'stop'> = {
    workspace,
    answers: {
      typed: async ({ text }) => (text === '' ? FORM_OFFERED : answer('Got it, LR-8K3F2Q.')),
      clicked: async () => null,
      home: async () => null,
      suggest: async () => [],
    },
    lines: [],
    clicks: [],
    told: [],
    log: log.lines,
  };
  const slack = createSlack({
    ...TOKENS,
    ...more,
    apiUrl: workspace.apiUrl,
    channels: () => channels,
    userGroups: () => [],
    router,
    inbox: {
      typed(line) {
        bot.lines.push(line);
        return bot.answers.typed(line);
      },
      clicked(click) {
        bot.clicks.push(click);
        return bot.answers.clicked(click);
      },
      tell: async (said) => void bot.told.push(said),
      suggest: (asked) => bot.answers.suggest(asked),
      home: (asked) => bot.answers.home(asked),
    },
    clock,
    log,
    metrics: memoryMetrics(),
    ackBy: 300,
  });
  const server = createServer(express().use(router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  workspace.setBotUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  slack.start();
  await until(() => slack.health() === 'ok' && slack.chat.channelName('C0SOC') === '#soc');
  return {
    ...bot,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await slack.stop();
      await workspace.stop();
    },
  };
}
