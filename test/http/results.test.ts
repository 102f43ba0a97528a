import assert from 'node:assert/strict';
import { request } from 'node:http';
import express from 'express';
import sinon from 'sinon';
import { AppError } from '../../src/errors.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createResults } from '../../src/http/results.ts';
import { createHttp, type Listening } from '../../src/http/server.ts';
import type { Results } from '../../src/model/results.ts';
import { recordingLog } from './log.ts';
import { aView } from './view.ts';

const TOKEN = 'kq8Yw0r2VxJm4N7pZt3sLbHdGfUcEaQi';
const PUBLIC = 'https://bot.example.com';
const LINK = 'https://data.blob.core.windows.net/x?se=2026&sig=a%2Bb%3D';

describe('The results routes', () => {
  const log = recordingLog();
  const results = { open: sinon.stub<[string, (number | null)?]>(), file: sinon.stub<[string, number]>() };
  let listening: Listening;

  const at = (path: string): string => `http://127.0.0.1:${listening.port}/results${path}`;
  const download = (path: string, headers: Record<string, string>): Promise<globalThis.Response> =>
    fetch(at(path), { method: 'POST', redirect: 'manual', headers });
  const fromPage = { 'sec-fetch-site': 'same-origin', origin: 'null' };

  beforeEach(async () => {
    log.lines.length = 0;
    results.open.reset();
    results.file.reset();
    results.open.resolves({ kind: 'page', page: aView() });
    results.file.resolves({ kind: 'link', url: LINK });
    const router = createResults({
      results: results as unknown as Results,
      publicUrl: PUBLIC,
      downloadHosts: ['https://*.blob.core.windows.net'],
      log,
    });
    const metrics = createMetrics({
      stats: async () => ({ requests: {}, runs: {}, jobs: [], reviews: { open: 0, overdue: 0 } }),
      log,
    });
    const health = async () => ({ ready: true, parts: {} });
    const ports = { host: '127.0.0.1', port: 0, metricsPort: null };
    listening = await createHttp({ ...ports, log, health, metrics, results: router }).listen();
  });

  afterEach(() => listening.close(0));

  it('show the page of a token', async () => {
    const answer = await fetch(at(`/${TOKEN}`));
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /ws-042\.contoso\.com/);
    sinon.assert.calledOnceWithExactly(results.open, TOKEN, null);
    sinon.assert.notCalled(results.file);
  });

  it('show one of several machines, and nothing for what is no number', async () => {
    assert.equal((await fetch(at(`/${TOKEN}?machine=12`))).status, 200);
    sinon.assert.calledOnceWithExactly(results.open, TOKEN, 12);
    for (const odd of ['machine=-1', 'machine=1e3', 'machine=x', 'machine=1234', 'machine='])
      assert.equal((await fetch(at(`/${TOKEN}?${odd}`))).status, 404, odd);
    sinon.assert.calledOnce(results.open);
  });

  it('answer HEAD like GET, without a body', async () => {
    const answer = await fetch(at(`/${TOKEN}`), { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), '');
  });

  it('let nothing be cached, framed, indexed, referred to or run', async () => {
    for (const answer of [await fetch(at(`/${TOKEN}`)), await download(`/${TOKEN}/files/0`, fromPage)]) {
      const csp = answer.headers.get('content-security-policy') ?? '';
      assert.match(csp, /default-src 'none'; style-src 'sha256-[\w+/]+={0,2}'; /);
      assert.match(
        csp,
        /form-action 'self' https:\/\/\*\.blob\.core\.windows\.net; frame-ancestors 'none'; base-uri 'none'/,
      );
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.match(answer.headers.get('x-robots-tag') ?? '', /noindex/);
      assert.match(answer.headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/);
      assert.equal(answer.headers.get('etag'), null);
    }
  });

  it('promise https only where there is https', async () => {
    const app = express();
    const local = createResults({ results, publicUrl: 'http://127.0.0.1:3000', downloadHosts: [], log } as never);
    const answer = await new Promise<globalThis.Response>((resolve, reject) => {
      const server = app.use('/results', local).listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        fetch(`http://127.0.0.1:${port}/results/${TOKEN}`)
          .then(resolve, reject)
          .finally(() => server.close());
      });
    });
    assert.equal(answer.headers.get('strict-transport-security'), null);
  });

  it('lead to a fresh link with 303 and write it nowhere else', async () => {
    const answer = await download(`/${TOKEN}/files/1`, fromPage);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), LINK);
    assert.equal(await answer.text(), '');
    sinon.assert.calledOnceWithExactly(results.file, TOKEN, 1);
    assert.deepEqual(log.lines, []);
  });

  it('refuse a download that the page of another site asks for', async () => {
    const refused: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: PUBLIC },
      { 'sec-fetch-site': 'same-site', origin: PUBLIC },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    ];
    for (const headers of refused) {
      const answer = await download(`/${TOKEN}/files/1`, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.match(await answer.text(), /Start from the results page/);
    }
    sinon.assert.notCalled(results.file);
    for (const headers of [{ origin: PUBLIC }, { 'sec-fetch-site': 'same-origin' }, fromPage, {}]) {
      assert.equal((await download(`/${TOKEN}/files/1`, headers)).status, 303);
    }
  });

  it('take a download by a program, which no page of another site can have sent', async () => {
    const port = listening.port;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = { host: '127.0.0.1', port, path: `/results/${TOKEN}/files/1`, method: 'POST' };
      request(asked, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    assert.equal(status, 303);
    sinon.assert.calledOnceWithExactly(results.file, TOKEN, 1);
  });

  it('answer 404, 410 and 403 with a clear page', async () => {
    const cases = [
      [{ kind: 'unknown' }, 404, /isn(?:'|&#39;)t valid/],
      [{ kind: 'expired' }, 410, /has ended/],
      [{ kind: 'refused', sentence: 'You left the analysts.' }, 403, /You left the analysts\./],
    ] as const;
    for (const [answer, status, words] of cases) {
      results.open.resolves(answer);
      results.file.resolves(answer);
      for (const got of [await fetch(at(`/${TOKEN}`)), await download(`/${TOKEN}/files/0`, fromPage)]) {
        assert.equal(got.status, status);
        const page = await got.text();
        assert.match(page, words);
        assert.ok(!page.includes(TOKEN));
      }
    }
  });

  it('say when a file is not ready, not to be asked for, or gone, with the way back', async () => {
    for (const [kind, status] of [
      ['not_ready', 404],
      ['trouble', 503],
      ['gone', 410],
    ] as const) {
      results.file.resolves({ kind, sentence: 'Defender has nothing here.' });
      const answer = await download(`/${TOKEN}/files/0`, fromPage);
      assert.equal(answer.status, status);
      const page = await answer.text();
      assert.match(page, /Defender has nothing here\./);
      assert.ok(page.includes(`href="/results/${TOKEN}"`));
    }
  });

  it("don't ask anybody about what can't be a token or an index", async () => {
    for (const path of [
      '/short',
      `/${'a'.repeat(129)}`,
      '/..%2F..%2Fetc%2Fpasswd%00xxxxxxxxxxxxx',
      '/%3Cscript%3Exxxxxxxxxxxxxxxxxxxxx',
    ]) {
      assert.equal((await fetch(at(path))).status, 404, path);
    }
    for (const path of [`/${TOKEN}/files/-1`, `/${TOKEN}/files/1e2`, `/${TOKEN}/files/9999`, '/short/files/0']) {
      assert.equal((await download(path, fromPage)).status, 404, path);
    }
    assert.equal((await fetch(at(''))).status, 404);
    sinon.assert.notCalled(results.open);
    sinon.assert.notCalled(results.file);
  });

  it('refuse other methods', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(at(`/${TOKEN}`), { method });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.get('allow'), 'GET, HEAD');
    }
    const answer = await fetch(at(`/${TOKEN}/files/0`));
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'POST');
    sinon.assert.notCalled(results.file);
  });

  it('say in words of ours what went wrong, and keep token and link out of the log', async () => {
    results.file.rejects(new AppError('defender_throttled', 'Defender asks to wait a minute.'));
    const known = await download(`/${TOKEN}/files/0`, fromPage);
    assert.equal(known.status, 503);
    assert.match(await known.text(), /Defender asks to wait a minute\./);
    results.open.rejects(new Error('relation "links" does not exist'));
    const unknown = await fetch(at(`/${TOKEN}`));
    assert.equal(unknown.status, 500);
    assert.ok(!(await unknown.text()).includes('relation'));
    assert.equal(log.lines.length, 2);
    assert.ok(log.lines[0]?.includes('route=POST /results/:token/files/:index'), log.lines[0]);
    assert.ok(!log.lines.join('\n').includes(TOKEN));
  });

  it("refuse a download host that isn't one, before they serve anything", () => {
    for (const host of ['https://a.example; script-src *', 'blob:', '*']) {
      assert.throws(
        () => createResults({ results, publicUrl: PUBLIC, downloadHosts: [host], log } as never),
        TypeError,
      );
    }
  });
});
