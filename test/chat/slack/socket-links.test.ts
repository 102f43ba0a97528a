import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebClient } from '@slack/web-api';
import WebSocket from 'ws';
import { askForAddress } from '../../../src/chat/slack/socket-address.ts';
import { createLinks, TIMES } from '../../../src/chat/slack/socket-links.ts';
import { ChatError } from '../../../src/errors.ts';
import { clock, memoryLog, until } from './fake-slack.ts';

const QUICK = { ...TIMES, firstWait: 4, longestWait: 32, hello: 50, beat: 20, goodbye: 20 };
const ATTEMPTS = 7;

describe('The connections to Slack', () => {
  /** Times at which a connection was asked for, until there are some of them. */
  async function attempts(address: () => Promise<string>): Promise<number[]> {
    const times: number[] = [];
    const log = memoryLog();
    const links = createLinks({
      address() {
        times.push(performance.now());
        return address();
      },
      take: async () => {},
      unreadable() {},
      clock,
      log,
      times: QUICK,
    });
    links.start();
    await until(() => times.length === ATTEMPTS);
    await links.retire();
    assert.ok(!log.lines.some((line) => line.includes('ws:')), 'no address in the log');
    return times.slice(1).map((time, i) => time - (times[i] ?? 0));
  }

  /** Half of what doubles from 4 to 32, less a millisecond of the timer. */
  const LEAST = [2, 4, 8, 16, 16, 16].map((wait) => wait - 1);
  const grow = (waits: number[]): void =>
    assert.ok(
      waits.every((wait, i) => wait >= (LEAST[i] ?? 0)),
      String(waits),
    );
  /** The same, but for one chance at once. */
  const growLater = ([, ...waits]: number[]): void => grow(waits);

  it('are asked for at growing intervals where Slack refuses them', async () => {
    grow(await attempts(() => Promise.reject(new ChatError('chat_unreachable', 'away'))));
    grow(await attempts(() => Promise.reject(new Error('not foreseen'))));
  });

  it('are not asked for before the time that Slack names', async () => {
    const waits = await attempts(() => Promise.reject(new ChatError('chat_throttled', 'wait', { retryAfter: 20 })));
    assert.ok(Math.min(...waits) >= 19, String(waits));
  });

  /** What a server does with each connection. */
  async function against(greet: (link: WebSocket) => void): Promise<number[]> {
    const server = new WebSocket.Server({ port: 0, host: '127.0.0.1' });
    server.on('connection', greet);
    await once(server, 'listening');
    const waits = await attempts(async () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (const link of server.clients) link.terminate();
    server.close();
    return waits;
  }
  const hello = (link: WebSocket) => link.send('{"type":"hello"}');

  it('never spin where each ends as soon as it is there', async () => {
    grow(await against((link) => link.terminate()));
    grow(await against((link) => link.close(1000)));
    growLater(
      await against((link) => {
        hello(link);
        link.close(1000);
      }),
    );
    growLater(
      await against((link) => {
        hello(link);
        link.send('{"type":"disconnect","reason":"refresh_requested"}');
      }),
    );
  });

  it('are given up where nobody says hello', async () => {
    const waits = await against(() => {});
    assert.ok(Math.min(...waits) > 48, String(waits));
  });

  it('lead to Slack alone, and on this machine to a stand-in on it', async () => {
    const leads = (url: unknown, apiUrl: string) => {
      const client = { apps: { connections: { open: async () => ({ ok: true, url }) } } } as unknown as WebClient;
      return askForAddress(client, apiUrl);
    };
    const real = 'https://slack.com/api/';
    const local = 'http://127.0.0.1:4001/api/';
    for (const [url, apiUrl] of [
      ['wss://wss-primary.slack.com/link/?ticket=1&app_id=2', real],
      ['ws://127.0.0.1:4001/link/?ticket=1', local],
    ] as const)
      assert.equal(await leads(url, apiUrl), url);
    for (const [url, apiUrl] of [
      ['ws://wss-primary.slack.com/link/', real],
      ['wss://slack.com.evil.example/link/', real],
      ['wss://evilslack.com/link/', real],
      ['wss://me:pw@wss.slack.com/link/', real],
      ['wss://127.0.0.1/link/', real],
      ['https://wss.slack.com/', real],
      ['ws://192.0.2.1/link/', local],
      ['nonsense', real],
      [7, real],
    ] as const)
      await assert.rejects(leads(url, apiUrl), { code: 'chat_refused' }, String(url));
  });
});
