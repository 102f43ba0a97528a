import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createExchange,
  type Exchange,
  orDeadline,
  TransportError,
  withDeadline,
} from '../../src/outbound/exchange.ts';

describe('HTTP out', () => {
  const closing: (() => unknown)[] = [];
  let exchange: Exchange;
  const never = new AbortController().signal;

  beforeEach(() => {
    exchange = createExchange();
    closing.push(() => exchange.close());
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    closing.push(() => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const failed = (kind: TransportError['kind']) => (error: unknown) =>
    error instanceof TransportError && error.kind === kind;

  it('takes any status for an answer and follows no redirect', async () => {
    let asked = 0;
    const url = await serve((_req, res) => {
      asked += 1;
      res.writeHead(307, { Location: '/elsewhere', 'X-Some': 'thing' }).end('moved');
    });
    const { status, headers, body } = await exchange.send({
      method: 'POST',
      url,
      body: '{}',
      limit: 100,
      signal: never,
    });
    assert.deepEqual([status, headers['x-some'], body.toString(), asked], [307, 'thing', 'moved', 1]);
  });

  it('takes a body up to the limit, as it comes over the wire', async () => {
    const url = await serve((_req, res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'.repeat(10)));
    const all = await exchange.send({ method: 'GET', url, limit: 10, signal: never });
    assert.equal(all.body.toString(), 'x'.repeat(10), 'nothing is unpacked');
    await assert.rejects(exchange.send({ method: 'GET', url, limit: 9, signal: never }), failed('too_large'));
    const start = await exchange.fetchStart({ method: 'GET', url, limit: 4, signal: never });
    assert.deepEqual([start.body.toString(), start.cut], ['xxxx', true]);
  });

  it('ends a body that drips on', async () => {
    const url = await serve((_req, res) => {
      res.writeHead(200);
      const timer = setInterval(() => res.write(' '), 5);
      res.on('close', () => clearInterval(timer));
    });
    const dripping = withDeadline(80, (signal) => exchange.send({ method: 'GET', url, limit: 1_000_000, signal }));
    await assert.rejects(dripping, failed('deadline'));
  });

  it('goes around a proxy that the environment names', async () => {
    const url = await serve((_req, res) => res.end('direct'));
    const before = process.env.http_proxy;
    process.env.http_proxy = 'http://127.0.0.1:9';
    try {
      const { body } = await exchange.send({ method: 'GET', url, limit: 100, signal: never });
      assert.equal(body.toString(), 'direct');
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
  });

  it('fails with a code and nothing of the request in it', async () => {
    const url = await serve((req) => req.socket.destroy());
    const headers = { Authorization: 'Bearer hush-hush' };
    const error: unknown = await exchange
      .send({ method: 'GET', url, headers, limit: 100, signal: never })
      .catch((reason: unknown) => reason);
    assert.ok(failed('unreachable')(error));
    const everything = JSON.stringify(error, Object.getOwnPropertyNames(error));
    assert.ok(!everything.includes('hush-hush'), everything);
  });

  it('leaves a promise that cannot be stopped, once it is too late', async () => {
    const controller = new AbortController();
    const waiting = orDeadline(new Promise(() => undefined), controller.signal);
    controller.abort();
    await assert.rejects(waiting, failed('deadline'));
    assert.equal(await orDeadline(Promise.resolve(1), never), 1);
  });
});
