import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CONVERSATIONS,
  startTeamsChannel,
  type TeamsChannel,
  type TeamsChannelOptions,
} from '../../../src/playground/teams-channel/index.ts';

export const APP_ID = '6f1d2c3b-4a59-4e87-8c6d-0b1a2f3e4d5c';
export const PASSWORD = 'a-secret-of-the-tests-only';

/** What came back. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
}

/** What reached the bot. */
export interface Inbound {
  authorization: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever arrived
  activity: any;
}

/** A channel that goes by its own clock, a bot that answers what it is told to, and calls with the bot's token. */
export interface Caller {
  channel: TeamsChannel;
  /** Milliseconds since 1970; the test moves it. */
  now: number;
  inbound: Inbound[];
  /** How the bot answers from now on; or not at all, leaving the connection open or cutting it. */
  answer: { status: number; body?: unknown; instead?: 'hang' | 'reset' };
  token: string;
  last(): Inbound;
  signIn(form?: Record<string, string>, tenantId?: string): Promise<Reply>;
  send(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** `path` after `v3/conversations`. */
  connector(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Posts to a conversation, whose id may have a thread. */
  post(conversation: string, activity: unknown): Promise<Reply>;
  /** Posts a card to #soc and gives its id. */
  postCard(card: unknown, conversation?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startCaller(options: Partial<TeamsChannelOptions> = {}): Promise<Caller> {
  const bot = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    caller.inbound.push({ authorization: request.headers.authorization ?? '', activity: parse(text) });
    const { status, body, instead } = caller.answer;
    if (instead === 'reset') request.socket.destroy();
    if (instead !== undefined) return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const botUrl = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/api/messages`;
  const caller = { now: Date.now(), inbound: [], answer: { status: 200 }, token: '' } as unknown as Caller;
  const channel = await startTeamsChannel({
    appId: APP_ID,
    appPassword: PASSWORD,
    botUrl,
    pace: 'off',
    now: () => caller.now,
    ...options,
  });
  Object.assign(caller, methods(caller, channel, bot));
  const signedIn = await caller.signIn();
  assert.equal(signedIn.status, 200, signedIn.text);
  caller.token = signedIn.body.access_token;
  return caller;
}

function methods(caller: Caller, channel: TeamsChannel, bot: Server): Partial<Caller> {
  return {
    channel,
    last: () => caller.inbound.at(-1) ?? assert.fail('nothing arrived'),
    async signIn(form = {}, tenantId = channel.tenantId) {
      const whole = {
        grant_type: 'client_credentials',
        client_id: APP_ID,
        client_secret: PASSWORD,
        scope: 'https://api.botframework.com/.default',
        ...form,
      };
      const body = new URLSearchParams(Object.entries(whole).filter(([, value]) => value !== ''));
      return read(await fetch(`${channel.loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body }));
    },
    async send(method, url, body, headers = {}) {
      const init = {
        method,
        headers: { authorization: `Bearer ${caller.token}`, 'content-type': 'application/json', ...headers },
      };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return read(await fetch(url, body === undefined ? init : { ...init, body: text }));
    },
    connector: (method, path, body) => caller.send(method, `${channel.serviceUrl}v3/conversations${path}`, body),
    post: (conversation, activity) =>
      caller.connector('POST', `/${encodeURIComponent(conversation)}/activities`, activity),
    async postCard(content, conversation = CONVERSATIONS.soc) {
      const posted = await caller.post(conversation, { type: 'message', attachments: [attachment(content)] });
      assert.equal(posted.status, 201, posted.text);
      return String(posted.body.id);
    },
    async close() {
      await channel.stop();
      bot.closeAllConnections();
      await new Promise((resolve) => bot.close(resolve));
    },
  };
}

/** An Adaptive Card as an attachment. */
export const attachment = (content: unknown) => ({ contentType: 'application/vnd.microsoft.card.adaptive', content });

/** A card of version 1.5 with these parts. */
export const card = (body: unknown[], more: object = {}) => ({ type: 'AdaptiveCard', version: '1.5', body, ...more });

export const line = (text: string) => ({ type: 'TextBlock', text, wrap: true });

export const execute = (title: string, verb: string, more: object = {}) => ({
  type: 'Action.Execute',
  title,
  verb,
  ...more,
});

/** Asserts a refusal of the Connector or of Graph, with status and code. */
export function assertRefused(reply: Reply, status: number, code: string): void {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.body?.error?.code, code, reply.text);
  assert.equal(typeof reply.body.error.message, 'string');
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
