import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import { createSlack } from '../../../src/chat/slack/index.ts';
import type { Click, TypedLine } from '../../../src/flow/ports.ts';
import type { PrivateAnswer } from '../../../src/model/notice.ts';
import { APP, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { clock, memoryLog, memoryMetrics, SECRET, until } from '../../chat/slack/fake-slack.ts';
import type { Subject, Trouble, Who } from './subject.ts';

const CHANNEL = 'C0SOC';
const IDS: Record<Who, string> = { ana: 'U0ANA', lea: 'U0LEA', gus: 'U0GUS', eve: 'U0EVE' };

/** Starts Slack, which delivers over HTTP or, in Socket Mode, over a connection of the bot's. */
export async function slackSubject(socketMode = false): Promise<Subject> {
  const tokens = { botToken: 'xoxb-secret', signingSecret: SECRET, ...(socketMode ? { appToken: 'xapp-secret' } : {}) };
  const workspace = await startSlackWorkspace({ ...tokens, pace: 'off' });
  const lines: TypedLine[] = [];
  const clicks: Click[] = [];
  let said: PrivateAnswer | null = null;
  const router = Router();
  const slack = createSlack({
    ...tokens,
    apiUrl: workspace.apiUrl,
    channels: () => [CHANNEL],
    userGroups: () => [],
    router,
    inbox: {
      typed: async (line) => {
        lines.push(line);
        return null;
      },
      clicked: async (click) => {
        clicks.push(click);
        return said;
      },
      tell: async () => {},
      suggest: async () => [],
      home: async () => null,
    },
    clock,
    log: memoryLog(),
    metrics: memoryMetrics(),
  });
  const server = createServer(express().use(router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  workspace.setBotUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  slack.start();
  await until(() => slack.health() === 'ok');
  const tsOf = (message: string): string => message.split(':')[1] ?? '';
  const ephemerals = (who: Who) => workspace.state().ephemerals.filter(({ to }) => to === IDS[who]);
  return {
    chat: slack.chat,
    channel: CHANNEL,
    id: (who) => IDS[who],
    lines,
    clicks,
    answerClicks: (next) => {
      said = next;
    },
    async type(who, words, thread) {
      const before = lines.length;
      if (thread === undefined) await workspace.command({ user: IDS[who], channel: CHANNEL, text: words });
      else {
        const text = `<@${APP.userId}> ${words}`;
        await workspace.say({ user: IDS[who], channel: CHANNEL, text, threadTs: tsOf(thread) });
      }
      await until(() => lines.length > before);
      return lines[before] as TypedLine;
    },
    async click(who, message, label) {
      const posted = workspace.state().messages.find(({ ts }) => ts === tsOf(message));
      const found = JSON.stringify(posted?.blocks ?? []);
      const id = [...found.matchAll(/"action_id":"([^"]+)","text":\{[^}]*?"text":"([^"]+)"/g)].find(
        ([, , text]) => text === label,
      )?.[1];
      const shown = ephemerals(who).length;
      const channel = message.split(':')[0] ?? CHANNEL;
      await workspace.click({ user: IDS[who], channel, ts: tsOf(message), actionId: id ?? '' });
      if (said !== null) await until(() => ephemerals(who).length > shown);
      return ephemerals(who).at(shown)?.text ?? '';
    },
    seen: () =>
      workspace
        .state()
        .messages.filter(({ user, channel }) => user === APP.userId && channel === CHANNEL)
        .map(({ ts, text, blocks, threadTs, edits }) => ({
          words: text,
          raw: JSON.stringify({ text, blocks }),
          thread: `${CHANNEL}:${threadTs ?? ts}`,
          edits,
        })),
    privately: (who) => {
      const { messages, channels } = workspace.state();
      const chat = channels.find(({ kind, members }) => kind === 'im' && members.includes(IDS[who]));
      return JSON.stringify([ephemerals(who), messages.filter(({ channel }) => channel === chat?.id)]);
    },
    trouble(on, trouble) {
      const method = on === 'post' ? 'chat.postMessage' : 'chat.update';
      workspace.fault({ method, ...faultOf(trouble) });
    },
    mentions: (raw) => [...new Set(mentionsIn(JSON.parse(raw)))],
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await slack.stop();
      await workspace.stop();
    },
  };
}

/** Who is called: by name in what is markup, by element in rich text, where nothing is markup. */
function mentionsIn(message: unknown, key = ''): string[] {
  if (Array.isArray(message)) return message.flatMap((item) => mentionsIn(item));
  if (typeof message === 'string')
    return key === 'text' ? [...message.matchAll(/<@(\w+)>/g)].map(([, id]) => id ?? '') : [];
  if (typeof message !== 'object' || message === null) return [];
  if ('type' in message && message.type === 'user' && 'user_id' in message) return [String(message.user_id)];
  const isMarkup = !('type' in message) || message.type === 'mrkdwn';
  return Object.entries(message).flatMap(([name, value]) => mentionsIn(value, isMarkup ? name : ''));
}

function faultOf(trouble: Trouble) {
  switch (trouble.kind) {
    case 'wait':
      return { kind: 'rate_limited', retryAfter: trouble.milliseconds / 1000 } as const;
    case 'stumbles':
      return { kind: 'status', status: 503, applied: trouble.done } as const;
    case 'cut off':
      return { kind: 'reset', applied: trouble.done } as const;
    case 'gone':
      return { kind: 'error', error: 'message_not_found' } as const;
    case 'taken out':
      return { kind: 'error', error: 'not_in_channel' } as const;
  }
}
