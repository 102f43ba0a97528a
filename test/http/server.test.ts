import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import express, { Router } from 'express';
import sinon from 'sinon';
import type { Health } from '../../src/http/health.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createHttp, type HttpOptions, type HttpServer, type Listening } from '../../src/http/server.ts';
import { recordingLog } from './log.ts';

describe('The HTTP server', () => {
  const log = recordingLog();
  let health: () => Promise<Health>;
  let server: HttpServer;
  let listening: Listening;

  const at = (path: string): string => `http://127.0.0.1:${listening.port}${path}`;

  function create(changes: Partial<HttpOptions> = {}): HttpServer {
    const stats = async () => ({ requests: {}, runs: {}, jobs: [], reviews: { open: 0, overdue: 0 } });
    const metrics = createMetrics({ stats, log });
    const ports = { host: '127.0.0.1', port: 0, metricsPort: 0 };
    return createHttp({ ...ports, log, health: () => health(), metrics, results: Router(), ...changes });
  }

  beforeEach(async () => {
    log.lines.length = 0;
    health = async () => ({ ready: true, parts: { database: 'ok', jobs: 'ok', slack: 'degraded' } });
    server = create();
    listening = await server.listen();
  });

  afterEach(async () => {
    sinon.restore();
    await listening.close(0);
  });

  it('says that it lives', async () => {
    const answer = await fetch(at('/healthz'));
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'ok\n');
    assert.equal((await fetch(at('/healthz'), { method: 'HEAD' })).status, 200);
  });

  it('is ready while database and job engine are up, whatever a platform does, and names each part', async () => {
    const answer = await fetch(at('/readyz'));
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { database: 'ok', jobs: 'ok', slack: 'degraded' });
  });

  it('is not ready when a part that it needs is down, still naming each', async () => {
    health = async () => ({ ready: false, parts: { database: 'degraded', jobs: 'ok' } });
    const answer = await fetch(at('/readyz'));
    assert.equal(answer.status, 503);
    assert.deepEqual(await answer.json(), { database: 'degraded', jobs: 'ok' });
  });

  it('is not ready when the look at the parts fails', async () => {
    health = () => Promise.reject(new Error('gone'));
    assert.equal((await fetch(at('/readyz'))).status, 503);
  });

  it('is not ready when the look at the parts hangs', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let asked: () => void = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    health = () => {
      asked();
      return new Promise(() => {});
    };
    const pending = fetch(at('/readyz'));
    await wasAsked;
    clock.tick(3_000);
    clock.restore();
    assert.equal((await pending).status, 503);
  });

  it('tells metrics on the second port alone', async () => {
    assert.equal((await fetch(at('/metrics'))).status, 404);
    const metrics = await fetch(`http://127.0.0.1:${listening.metricsPort}/metrics`);
    assert.equal(metrics.status, 200);
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await metrics.text(), /^liveresponse_requests\{status="waiting"\} 0$/m);
    assert.equal((await fetch(`http://127.0.0.1:${listening.metricsPort}/healthz`)).status, 404);
  });

  it('has no second port when metrics are off', async () => {
    const without = await create({ metricsPort: null }).listen();
    assert.equal(without.metricsPort, null);
    await without.close(0);
  });

  it('refuses other methods of a probe', async () => {
    const answer = await fetch(at('/healthz'), { method: 'POST' });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'GET, HEAD');
  });

  it('carries what platforms mount', async () => {
    server.platforms.post('/slack/events', (_request, response) => void response.send('taken'));
    assert.equal(await (await fetch(at('/slack/events'), { method: 'POST' })).text(), 'taken');
  });

  it('says nothing about itself, neither in headers nor in what goes wrong', async () => {
    server.platforms.get('/boom/:secret', () => {
      throw new Error('inside knowledge');
    });
    const missing = await fetch(at('/nothing'));
    assert.equal(missing.status, 404);
    assert.equal(await missing.text(), 'Not found.\n');
    assert.equal(missing.headers.get('x-powered-by'), null);
    const failed = await fetch(at('/boom/hunter2'));
    assert.equal(failed.status, 500);
    assert.equal(await failed.text(), 'Something went wrong.\n');
    assert.deepEqual(log.lines, ['error A request failed route=GET /boom/:secret error=inside knowledge']);
  });

  it("keeps a client's mistake apart from its own, and out of the log", async () => {
    server.platforms.post('/json', express.json({ limit: 10 }), (_request, response) => void response.send('ok'));
    const post = (body: string) =>
      fetch(at('/json'), { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    assert.equal((await post('{')).status, 400);
    assert.equal((await post('{"a":"aaaaaaaaaaaaaaa"}')).status, 413);
    assert.equal((await fetch(at('/%'))).status, 404);
    assert.deepEqual(log.lines, []);
  });

  it('lets an answer under way finish when it closes, and takes nothing new', async () => {
    let finish: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      server.platforms.get('/slow', (_request, response) => {
        finish = () => void response.send('done');
        resolve();
      });
    });
    const pending = fetch(at('/slow'));
    await asked;
    const closed = listening.close(5_000);
    await assert.rejects(fetch(at('/healthz')));
    finish();
    assert.equal(await (await pending).text(), 'done');
    await closed;
  });

  it('cuts what is still open when its time to close is over', async () => {
    const asked = new Promise<void>((resolve) => {
      server.platforms.get('/never', () => resolve());
    });
    const pending = assert.rejects(fetch(at('/never')));
    await asked;
    await listening.close(20);
    await pending;
  });

  it('closes idle connections at once', async () => {
    const socket = connect(listening.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n');
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await listening.close(60_000);
    await ended;
  });

  it('frees the first port when the second is taken, and names the variable', async () => {
    const taken = listening.metricsPort;
    const message = `METRICS_PORT: ${taken} is taken: another program listens there. Stop that one or choose another port.`;
    await assert.rejects(create({ metricsPort: taken }).listen(), { code: 'config', message });
  });
});
