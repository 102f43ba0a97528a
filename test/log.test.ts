import assert from 'node:assert/strict';
import axios from 'axios';
import fc from 'fast-check';
import { AppError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';

/** Any code points at all; fast-check's own `binary` unit takes seconds to set up. */
const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));

/** Logs and gives back the lines that were written. */
function written(work: (log: ReturnType<typeof createLog>) => void, secrets: string[] = []): string[] {
  const lines: string[] = [];
  work(createLog('debug', { destination: { write: (line) => void lines.push(line) }, secrets }));
  return lines;
}

function one(facts: object, message = 'said', secrets: string[] = []): string {
  const [line = ''] = written((log) => log.info(facts, message), secrets);
  JSON.parse(line);
  return line;
}

describe('The log', () => {
  it('writes one JSON line for each event, with level, time, facts and message', () => {
    const lines = written((log) => {
      log.debug({}, 'a');
      log.info({ requestId: 'LR-8K3F2Q' }, 'b');
      log.warn({}, 'c');
      log.error({}, 'd');
    }).map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [
        ['debug', 'a'],
        ['info', 'b'],
        ['warn', 'c'],
        ['error', 'd'],
      ],
    );
    assert.equal(lines[1].requestId, 'LR-8K3F2Q');
    assert.match(lines[1].time, /^\d{4}-\d\d-\d\dT/);
  });

  it('keeps still below its level', () => {
    const lines: string[] = [];
    const log = createLog('warn', { destination: { write: (line) => void lines.push(line) } });
    log.info({}, 'quiet');
    log.warn({}, 'loud');
    assert.equal(lines.length, 1);
  });

  it('tells an error by name, code, status, message, place and cause', () => {
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET', statusCode: 502 });
    const line = JSON.parse(one({ error: new AppError('defender_unreachable', 'No answer.', { cause }) }));
    assert.equal(line.error.name, 'AppError');
    assert.equal(line.error.code, 'defender_unreachable');
    assert.equal(line.error.message, 'No answer.');
    assert.match(line.error.stack[0], /log\.test/);
    assert.deepEqual(
      { ...line.error.cause, stack: null },
      {
        name: 'Error',
        code: 'ECONNRESET',
        status: 502,
        message: 'reset',
        stack: null,
      },
    );
    assert.equal(JSON.parse(one(new Error('bare'))).error.message, 'bare');
    assert.equal(
      JSON.parse(one({ error: new AggregateError([new Error('first')], 'all') })).error.cause.message,
      'first',
    );
  });

  it("leaves out the request and answer that an HTTP client's error carries, however deep it stands", async () => {
    const adapter = async (config: object) => ({
      data: { leaked: 'BODY-WORDS' },
      status: 400,
      headers: { h: 'HEADER-WORDS' },
      config,
    });
    const headers = { Authorization: 'Bearer abcdefgh12345678', 'X-Other': 'HEADER-WORDS' };
    const failed = await axios
      .post('https://api.example/x', { words: 'BODY-WORDS' }, { headers, adapter: adapter as never })
      .then((response) => new axios.AxiosError('Bad', 'ERR_BAD_REQUEST', response.config, { path: 'x' }, response));
    for (const facts of [
      { error: failed },
      { a: [{ b: failed }] },
      { error: new Error('outer', { cause: failed }) },
      failed,
    ]) {
      const line = one(facts);
      assert.match(line, /ERR_BAD_REQUEST/);
      assert.ok(!/BODY-WORDS|HEADER-WORDS|abcdefgh|api\.example/.test(line), line);
    }
  });

  it('hides what looks like a secret, in facts, messages, errors and causes', () => {
    const secrets: [text: string, gone: RegExp][] = [
      ['xoxb-123-456-AbC', /AbC/],
      ['xoxe.xoxb-1-MiXx', /MiXx/],
      ['xapp-1-A0-99-deadbeef', /deadbeef/],
      ['Authorization: Bearer abcdef.ghijkl-m', /ghijkl/],
      ['Basic dXNlcjpwYXNz', /dXNlcj/],
      ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmVk', /c2lnbmVk|eyJ/],
      ['https://x.blob.core.windows.net/a/b?se=1&sig=a%2Bb%3D&sp=r', /windows|a%2Bb/],
      ['…truncated&sig=0123456789abcdef0123', /0123456789/],
      ['https://hooks.slack.com/commands/T0/123/secretpart', /secretpart|T0/],
      ['wss://wss.slack.com/link?ticket=abc&app=1', /abc/],
      ['GET /results/kq8Yw0r2VxJm4N7pZt3sLbHdGfUcEaQi/files/1', /kq8Yw/],
      ['postgres://bot:hun@ter2@db:5432/x', /hun|ter2/],
      ['grant_type=x&client_secret=top-secret&scope=y', /top-secret/],
    ];
    for (const [text, gone] of secrets) {
      for (const facts of [
        { note: text },
        { error: new Error(text) },
        { error: new Error('x', { cause: new Error(text) }) },
      ]) {
        assert.ok(!gone.test(one(facts)), text);
      }
      assert.ok(!gone.test(one({}, text)), text);
    }
  });

  it('hides the value of a key that names a secret, at any depth', () => {
    const line = one({
      headers: { a: 'LEAK' },
      inner: [{ response_url: 'LEAK', accessToken: 'LEAK', Password: 'LEAK', body: { x: 'LEAK' } }],
    });
    assert.ok(!line.includes('LEAK'), line);
    assert.equal(JSON.parse(line).inner[0].response_url, '[hidden]');
  });

  it('hides the very secrets of the configuration, also as they stand in JSON, a URL or a form', () => {
    const secret = 'k"ey with/slash+and\\more';
    for (const text of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      const line = one({ note: `before ${text} after` }, 'said', [secret]);
      assert.ok(!/slash/.test(line), line);
    }
  });

  it('leaves the rest as it was', () => {
    const facts = {
      route: 'GET /results/:token',
      machine: 'ws-042',
      line: 'run ws-042 basic.ps1',
      size: 5n,
      at: new Date(0),
    };
    const line = JSON.parse(one(facts));
    assert.equal(line.route, 'GET /results/:token');
    assert.equal(line.line, 'run ws-042 basic.ps1');
    assert.equal(line.size, '5');
    assert.equal(line.at, '1970-01-01T00:00:00.000Z');
  });

  it('writes valid JSON whatever it is told', () => {
    const piece = fc.oneof(
      anyText,
      fc.constantFrom(
        'xoxb-1',
        'Bearer ',
        'https://a?sig=',
        '"',
        '\\',
        '/results/aaaaaaaaaaaaaaaaaaaa',
        'postgres://a:',
        '@',
        'token=',
      ),
    );
    const text = fc.array(piece).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (fact, message) => {
        const line = one({ fact, deep: { fact } }, message);
        assert.equal(line.trim().split('\n').length, 1);
      }),
    );
  });

  it('ends for facts that refer to themselves', () => {
    const facts: Record<string, unknown> = { name: 'loop', map: new Map(), bytes: Buffer.from('x') };
    facts.self = facts;
    const error = new Error('loop');
    error.cause = error;
    assert.equal(JSON.parse(one({ ...facts, error })).name, 'loop');
  });
});
