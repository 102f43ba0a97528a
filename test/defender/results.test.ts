import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, it } from 'mocha';
import { DefenderError } from '../../src/errors.ts';
import { ACTION_ID, clientOf, type Handler, json, refusal, startStandIn, wireAction } from './stand-in.ts';

const LIMIT = 64 * 1024;

describe('results of commands', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function setUp(handler: Handler, more: Parameters<typeof clientOf>[1] = {}) {
    const standIn = await startStandIn(handler);
    const setup = clientOf(standIn.url, more);
    closing.push(() => setup.client.close(), standIn.close);
    return { standIn, ...setup };
  }

  /** Reads a result whose file is this. */
  async function resultOf(file: (res: ServerResponse) => void, more: Parameters<typeof clientOf>[1] = {}) {
    const setup = await setUp((seen, res) => {
      if (seen.path.startsWith('/blob')) file(res);
      else json(res, 200, { value: `${setup.standIn.url}/blob?sig=very-secret` });
    }, more);
    return { ...setup, result: () => setup.client.scriptResult(ACTION_ID, 1, LIMIT) };
  }
  const read = async (content: string | Buffer) => (await resultOf((res) => res.end(content))).result();

  const envelope = (more: object = {}) =>
    JSON.stringify({ script_name: 'a.ps1', exit_code: 0, script_output: 'fine', script_errors: '', ...more });

  async function failure(work: Promise<unknown>): Promise<DefenderError> {
    const error = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DefenderError, String(error));
    return error;
  }

  it('are read through a fresh link, without our token', async () => {
    const { result, standIn, counted, logged } = await resultOf((res) => res.end(envelope({ exit_code: 3 })));
    const content = envelope({ exit_code: 3 });
    assert.deepEqual(await result(), {
      exitCode: 3,
      output: 'fine',
      errors: '',
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      truncated: false,
    });
    const [link, blob] = standIn.seen;
    assert.equal(link?.path, `/api/machineactions/${ACTION_ID}/GetLiveResponseResultDownloadLink(index=1)`);
    assert.equal(blob?.headers.authorization, undefined);
    assert.deepEqual(counted, ['token ok', 'result_link ok', 'download ok']);
    assert.ok(!logged.join().includes('very-secret'));
  });

  it('may be packed, hold NULs and raw newlines, or name their errors in the singular', async () => {
    assert.equal((await read(gzipSync(envelope()))).output, 'fine');
    assert.equal((await read(envelope({ script_output: '51 MB\n\0\0\0' }))).output, '51 MB\n');
    assert.equal(
      (await read('{"exit_code":1,"script_output":"a\r\n\tb\0","script_errors":null}\0\0')).output,
      'a\r\n\tb',
    );
    assert.equal((await read(envelope({ script_errors: undefined, script_error: 'old' }))).errors, 'old');
    assert.equal((await read(`\uFEFF${envelope()}`)).output, 'fine');
  });

  it('lose the banner of the transcript', async () => {
    const banner = 'Transcript started, output file is C:\\ProgramData\\x\\PSScript_{1}.txt\r\n';
    assert.equal((await read(envelope({ script_output: `${banner}done` }))).output, 'done');
    assert.equal((await read(envelope({ script_output: `say: ${banner}` }))).output, `say: ${banner}`);
  });

  it('are taken as plain text where they are nothing else', async () => {
    for (const content of ['just words', '{"own":"json"}', '[1]', '{ not json', '"x"', '7']) {
      const { output, exitCode } = await read(content);
      assert.deepEqual([output, exitCode], [content, null]);
    }
    assert.deepEqual((await read('')).output, '');
  });

  it('are cut at the limit, and what is there is read', async () => {
    const content = envelope({ exit_code: 5, script_output: 'line "quoted" \\ \u00e9\n'.repeat(10_000) });
    const result = await read(content);
    assert.equal(result.truncated, true);
    assert.equal(result.sha256, null);
    assert.equal(result.size, LIMIT);
    assert.equal(result.exitCode, 5);
    assert.ok(result.output.startsWith('line "quoted" \\ \u00e9\nline'));
    assert.ok(result.output.length > LIMIT / 2);
    assert.ok(!result.output.includes('script_output'));
  });

  /** Reads a result that is longer than what is read of it, and tells which stretches of its end were asked for. */
  async function cutResult(content: Buffer, ranged?: (res: ServerResponse) => void) {
    const ranges: string[] = [];
    const setup = await setUp((seen, res) => {
      if (!seen.path.startsWith('/blob')) return json(res, 200, { value: `${setup.standIn.url}/blob?sig=s` });
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(seen.headers.range ?? '') ?? [];
      if (from === undefined || to === undefined)
        return res.writeHead(200, { 'Content-Length': content.length }).end(content);
      ranges.push(`${from}-${to}`);
      if (ranged !== undefined) return ranged(res);
      const part = content.subarray(Number(from), Number(to) + 1);
      res.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${content.length}` }).end(part);
    });
    return { ...(await setup.client.scriptResult(ACTION_ID, 1, LIMIT)), ranges };
  }

  it('that are cut tell the exit code that stands behind the output, where the end can be read', async () => {
    const content = Buffer.from(JSON.stringify({ script_output: 'x'.repeat(2 * LIMIT), exit_code: 7 }));
    const read = await cutResult(content);
    assert.deepEqual([read.exitCode, read.truncated, read.size], [7, true, LIMIT]);
    assert.deepEqual(read.ranges, [`${content.length - 4_096}-${content.length - 1}`]);
    const refused = await cutResult(content, (res) => res.writeHead(503).end());
    assert.deepEqual([refused.exitCode, refused.truncated], [null, true]);
    assert.ok(refused.output.startsWith('xxx'), 'what was read is kept all the same');
  });

  it('that are cut take no exit code out of what a script wrote as plain text', async () => {
    const end = '\nreport of the child: {"exit_code": 0}\n';
    for (const start of ['', '{', '{ "own": 1 } and "script_output" ', '{"nested":{"script_output":"']) {
      const { exitCode, ranges, truncated } = await cutResult(Buffer.from(start + 'x'.repeat(2 * LIMIT) + end));
      assert.deepEqual([exitCode, ranges, truncated], [null, [], true], start);
    }
  });

  it('do not unfold without end', async () => {
    const bomb = gzipSync(envelope({ script_output: 'x'.repeat(60_000_000) }));
    assert.ok(bomb.length <= LIMIT);
    const result = await read(bomb);
    assert.equal(result.truncated, true);
    assert.ok(result.output.length <= LIMIT && result.output.startsWith('xxx'));
    assert.equal(result.sha256, createHash('sha256').update(bomb).digest('hex'));
  });

  it('are not unpacked by what a header says', async () => {
    const packed = gzipSync(envelope());
    const { result } = await resultOf((res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed));
    assert.equal((await result()).output, 'fine');
  });

  it('that are broken gzip count as far as they go', async () => {
    const packed = gzipSync(envelope({ script_output: 'x'.repeat(100) }));
    packed.fill(0xff, 20);
    await assert.doesNotReject(read(packed));
    assert.equal((await read(Buffer.from([0x1f, 0x8b, 0x00]))).exitCode, null);
  });

  it('are not fetched from anywhere but Defender', async () => {
    for (const link of ['https://evil.example/x', 'http://example.com@127.0.0.1/', 'file:///etc/passwd', 'x']) {
      const { client, standIn } = await setUp((_seen, res) => json(res, 200, { value: link }));
      assert.equal((await failure(client.scriptResult(ACTION_ID, 0, LIMIT))).code, 'defender_unexpected');
      assert.equal(standIn.seen.length, 1);
    }
  });

  it('follow no redirect, and tell gone from broken', async () => {
    const moved = await resultOf((res) => res.writeHead(302, { Location: '/secret' }).end());
    assert.equal((await failure(moved.result())).code, 'defender_unreachable');
    assert.ok(!moved.standIn.seen.some((seen) => seen.path === '/secret'));
    const gone = await resultOf((res) => res.writeHead(404).end());
    assert.equal((await failure(gone.result())).code, 'defender_not_found');
    const expired = await resultOf((res) => res.writeHead(403).end('AuthenticationFailed'));
    const error = await failure(expired.result());
    assert.equal(error.code, 'defender_unreachable');
    assert.ok(!error.message.includes('very-secret'));
  });

  it('that drip end at the deadline', async () => {
    const dripping = await resultOf(
      (res) => {
        res.writeHead(200);
        const timer = setInterval(() => res.write(' '), 10);
        res.on('close', () => clearInterval(timer));
      },
      { timing: { deadline: 150 } },
    );
    assert.equal((await failure(dripping.result())).code, 'defender_unreachable');
  });

  it('that are not ready are not found, and no address is made from a strange id', async () => {
    const { client, standIn } = await setUp((_seen, res) => refusal(res, 404, 'ResourceNotFound', 'not yet'));
    assert.equal((await failure(client.resultLink(ACTION_ID, 0, 'people'))).code, 'defender_not_found');
    assert.equal((await failure(client.resultLink('../machines', 0, 'people'))).code, 'defender_not_found');
    assert.equal(standIn.seen.length, 1);
  });
});

describe('cancelling', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function cancelled(handler: Handler) {
    const standIn = await startStandIn(handler);
    const { client } = clientOf(standIn.url, { timing: { deadline: 300 } });
    closing.push(() => client.close(), standIn.close);
    return { cancellation: await client.cancel(ACTION_ID, 'stop it'), standIn };
  }

  it('posts the comment and reads the same action', async () => {
    const { cancellation, standIn } = await cancelled((_seen, res) =>
      json(res, 200, wireAction({ status: 'Cancelled' })),
    );
    assert.ok(cancellation.outcome === 'requested' && cancellation.action.status === 'Cancelled');
    assert.equal(standIn.seen[0]?.path, `/api/machineactions/${ACTION_ID}/cancel`);
    assert.deepEqual(JSON.parse(standIn.seen[0]?.body ?? ''), { Comment: 'stop it' });
  });

  for (const [status, outcome, calls] of [
    [400, 'too_late', 1],
    [401, 'refused', 2],
    [403, 'refused', 1],
    [404, 'refused', 1],
    [429, 'unclear', 1],
    [302, 'unclear', 1],
    [503, 'unclear', 1],
    [200, 'unclear', 1],
  ] as const) {
    it(`is ${outcome} after ${status}${status === 200 ? ' without an action' : ''}`, async () => {
      const { cancellation, standIn } = await cancelled((_seen, res) => refusal(res, status, 'X', 'Because.'));
      assert.equal(cancellation.outcome, outcome);
      assert.equal(standIn.seen.length, calls);
    });
  }

  it('is unclear without an answer', async () => {
    const { cancellation } = await cancelled(() => {});
    assert.equal(cancellation.outcome, 'unclear');
    const other = await cancelled((_seen, res) => json(res, 200, wireAction({ id: ACTION_ID.replace(/.$/, '0') })));
    assert.equal(other.cancellation.outcome, 'unclear', 'another action than was to be cancelled');
    const broken = await cancelled((_seen, res) => res.destroy());
    assert.equal(broken.cancellation.outcome, 'unclear');
    assert.equal(broken.standIn.seen.length, 1);
  });
});
