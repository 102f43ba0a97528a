import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { createMetrics } from '../../src/http/metrics.ts';
import { createResults } from '../../src/http/results.ts';
import { createHttp, type Listening } from '../../src/http/server.ts';
import type { Results } from '../../src/model/results.ts';
import { recordingLog } from './log.ts';
import { aCommand, aView } from './view.ts';

const TOKEN = 'kq8Yw0r2VxJm4N7pZt3sLbHdGfUcEaQi';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A port that was free a moment ago: the bot must know its own address before it listens. */
async function freePort(): Promise<number> {
  const { port, close } = await serve(createServer());
  await close();
  return port;
}

async function serve(server: Server): Promise<{ port: number; close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('The results page in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let blobs: Awaited<ReturnType<typeof serve>>;
  let listening: Listening | undefined;
  const referrers: (string | undefined)[] = [];

  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: QUIET });
    blobs = await serve(
      createServer((request, response) => {
        if (request.url === '/file') referrers.push(request.headers.referer);
        response.setHeader('Connection', 'close').end('the file');
      }),
    );
  });

  after(async () => {
    await browser?.close();
    await blobs?.close();
  });

  afterEach(() => listening?.close(0));

  /** Serves a page whose downloads lead to the blob server, which is allowed as a target or not; gives its address. */
  async function open(wide: string, allowed: boolean): Promise<string> {
    const page = aView({ commands: [aCommand({ file: 'collected', output: wide })] });
    const blobUrl = `http://127.0.0.1:${blobs.port}/file`;
    const results: Results = {
      open: async () => ({ kind: 'page', page }),
      file: async () => ({ kind: 'link', url: blobUrl }),
    };
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const downloadHosts = allowed ? [`http://127.0.0.1:${blobs.port}`] : [];
    const log = recordingLog();
    const router = createResults({ results, publicUrl, downloadHosts, log });
    const metrics = createMetrics({
      stats: async () => ({ requests: {}, runs: {}, jobs: [], reviews: { open: 0, overdue: 0 } }),
      log,
    });
    const health = async () => ({ ready: true, parts: {} });
    const ports = { host: '127.0.0.1', port, metricsPort: null };
    listening = await createHttp({ ...ports, log, health, metrics, results: router }).listen();
    return `${publicUrl}/results/${TOKEN}`;
  }

  it('downloads through its button: the redirect passes the policy, and the page is not told on', async () => {
    const page = await browser.newPage();
    await page.goto(await open('ok', true));
    await page.getByRole('button', { name: /Download the file/ }).click();
    await page.waitForURL(/\/file$/);
    assert.equal(await page.textContent('body'), 'the file');
    assert.deepEqual(referrers.splice(0), [undefined]);
    await page.close();
  });

  it('is kept by the browser from leading anywhere else', async () => {
    const page = await browser.newPage();
    const address = await open('ok', false);
    const blocked = page.waitForEvent('console', { predicate: (message) => /form-action/.test(message.text()) });
    await page.goto(address);
    await page.getByRole('button', { name: /Download the file/ }).click();
    await blocked;
    assert.deepEqual(referrers, []);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`keeps wide output in its box on a phone, and can wrap it without a script (${colorScheme})`, async () => {
      const context = await browser.newContext({
        colorScheme,
        javaScriptEnabled: false,
        viewport: { width: 360, height: 740 },
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(await open('wide '.repeat(200), true));
      const pageWidth = await page.locator('main').evaluate((main) => main.scrollWidth);
      assert.ok(pageWidth <= 360, `the page is ${pageWidth} px wide`);
      const box = page.locator('pre.box');
      const overflow = (): Promise<number> => box.evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok((await overflow()) > 1_000);
      await page.getByLabel('Wrap long lines').check();
      assert.equal(await overflow(), 0);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
});
