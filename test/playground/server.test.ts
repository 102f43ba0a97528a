import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlaygroundServer } from '../../src/playground/server.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { startTeamsChannel, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

describe('The playground server', () => {
  let bot: Server;
  let heard: URLSearchParams[];
  let slack: SlackWorkspace;
  let teams: TeamsChannel;
  let server: Server;
  let port: number;
  let pageDir: string;
  let speed: number;
  const tenant = new EventEmitter<{ change: [] }>();

  beforeEach(async () => {
    heard = [];
    speed = 1;
    pageDir = mkdtempSync(join(tmpdir(), 'page-'));
    writeFileSync(join(pageDir, 'index.html'), '<title>page</title>');
    bot = createServer(async (incoming, outgoing) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      heard.push(new URLSearchParams(body));
      outgoing.end();
    });
    const botPort = await listen(bot);
    slack = await startSlackWorkspace({
      botToken: 't',
      signingSecret: 's',
      botUrl: `http://127.0.0.1:${botPort}/slack/events`,
    });
    teams = await startTeamsChannel({ appId: 'app', appPassword: 'p' });
    const defender = {
      state: () => ({
        settings: { speed },
        machines: ['many'],
        calls: [{ number: 1, path: '/api/machines', raw: '{ }', body: {} }],
      }),
      setSpeed: (next: number) => {
        speed = next;
        tenant.emit('change');
      },
      onChange: (listener: () => void) => {
        tenant.on('change', listener);
        return () => tenant.off('change', listener);
      },
    };
    server = createServer(createPlaygroundServer({ slack, teams, defender, pageDir }));
    port = await listen(server);
  });
  afterEach(async () => {
    await slack.stop();
    await teams.stop();
    for (const one of [bot, server]) {
      one.closeAllConnections();
      await new Promise((resolve) => one.close(resolve));
    }
    rmSync(pageDir, { recursive: true });
  });

  /** node:http, because fetch won't send a Host of our choice. */
  const ask = (method: string, path: string, options: { body?: object; headers?: Record<string, string> } = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', ...options.headers };
      const call = request({ port, host: '127.0.0.1', method, path, headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      call.on('error', reject);
      call.end(options.body ? JSON.stringify(options.body) : undefined);
    });
  const line = (text: string, more: object = {}) =>
    ask('POST', '/api/command', { body: { user: 'U0ANA', channel: 'C0SOC', text, ...more } });

  it('serves the page under a policy that lets nothing else in', async () => {
    const page = await ask('GET', '/');
    assert.match(page.body, /page/);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal((await ask('GET', '/nothing')).status, 404);
  });

  it('says what is missing while the page is not built', async () => {
    rmSync(join(pageDir, 'index.html'));
    const page = await ask('GET', '/');
    assert.equal(page.status, 503);
    assert.match(page.body, /npm run build/);
  });

  it('answers loopback names only, and no other origin', async () => {
    const status = async (headers: Record<string, string>) => (await ask('GET', '/api/state', { headers })).status;
    assert.equal(await status({ host: `localhost:${port}` }), 200);
    assert.equal(await status({ host: `[::1]:${port}` }), 200);
    assert.equal(await status({ host: 'evil.example:80' }), 403);
    assert.equal(await status({ host: '127.0.0.1.evil.example' }), 403);
    assert.equal(await status({ host: `127.0.0.1:${port}`, origin: 'https://evil.example' }), 403);
    assert.equal(await status({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` }), 200);
  });

  it('takes no plain forms, which any site could send', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await ask('POST', '/api/speed', { body: { speed: 60 }, headers });
    assert.equal(answer.status, 403);
    assert.equal(speed, 1);
  });

  it('hands a command to the bot without its name', async () => {
    const answer = await line('/liveresponse run a  b');
    assert.equal(answer.status, 200);
    assert.deepEqual([heard[0]?.get('command'), heard[0]?.get('text')], ['/liveresponse', 'run a  b']);
  });

  it('refuses what Slack would: other commands, and commands in threads', async () => {
    assert.match((await line('/remind me')).body, /not a command here/);
    assert.match((await line('/liveresponse status', { threadTs: '1.0' })).body, /no commands in threads/);
    assert.equal((await line('   ')).status, 400);
    assert.equal(heard.length, 0);
  });

  it('posts other words as a message, and mentions the app where it is named', async () => {
    await line('hello @Live Response');
    assert.equal(slack.state().messages[0]?.text, 'hello <@U0LIVE>');
  });

  it('explains a click that leads nowhere', async () => {
    const body = { user: 'U0LEA', channel: 'C0SOC', ts: '1.0', actionId: 'approve' };
    const answer = await ask('POST', '/api/click', { body });
    assert.equal(answer.status, 409);
    assert.match(answer.body, /no such message/);
  });

  it('keeps from the page what it never shows', async () => {
    const state = JSON.parse((await ask('GET', '/api/state')).body) as { defender: object; slack: object };
    assert.deepEqual(state.defender, {
      settings: { speed: 1 },
      calls: [{ number: 1, path: '/api/machines', body: {} }],
    });
    assert.equal('calls' in state.slack, false);
  });

  it('streams the state now and after changes, several of them at once', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/events`);
    const reader = response.body?.getReader() ?? assert.fail('no body');
    const next = async () => {
      const { value } = await reader.read();
      const text = new TextDecoder().decode(value);
      return JSON.parse(text.slice('data: '.length)) as {
        defender: { settings: { speed: number } };
        slack: { messages: unknown[] };
      };
    };
    assert.equal((await next()).defender.settings.speed, 1);
    await ask('POST', '/api/speed', { body: { speed: 60 } });
    await slack.say({ user: 'U0ANA', channel: 'C0SOC', text: 'one' });
    await slack.say({ user: 'U0ANA', channel: 'C0SOC', text: 'two' });
    const view = await next();
    assert.deepEqual([view.defender.settings.speed, view.slack.messages.length], [60, 2]);
    await reader.cancel();
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
