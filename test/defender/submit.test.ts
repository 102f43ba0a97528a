import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { selfMadeCertificate } from '../support/certificate.ts';
import { ACTION_ID, clientOf, type Handler, json, MACHINE_ID, refusal, startStandIn, wireAction } from './stand-in.ts';

const BODY = {
  Commands: [{ type: 'RunScript' as const, params: [{ key: 'ScriptName' as const, value: 'minidump.ps1' }] }],
  Comment: '[LR-8K3F2Q.1] testing',
};
const yes = () => true;

describe('submitting to Defender', () => {
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

  /** Sends once against a server that answers so. */
  async function answered(handler: Handler) {
    const setup = await setUp(handler);
    return setup.client.submit(MACHINE_ID, BODY, yes);
  }

  it('posts the body in its exact casing with the token and reads the action', async () => {
    const { standIn, client, counted } = await setUp((_seen, res) => json(res, 201, wireAction()));
    const submission = await client.submit(MACHINE_ID, BODY, yes);
    assert.equal(submission.outcome, 'accepted');
    assert.ok(submission.outcome === 'accepted' && submission.action.id === ACTION_ID);
    const [request] = standIn.seen;
    assert.equal(request?.path, `/api/machines/${MACHINE_ID}/runliveresponse`);
    assert.equal(request?.method, 'POST');
    assert.deepEqual(JSON.parse(request?.body ?? ''), BODY);
    assert.equal(request?.headers.authorization, `Bearer ${standIn.tokens[0]}`);
    assert.match(request?.headers['content-type'] ?? '', /^application\/json/);
    assert.deepEqual(counted, ['token ok', 'submit ok']);
  });

  it('asks the gate with the connection open and before the server has a byte', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 201, wireAction()));
    let connectionsAtGate = 0;
    const submission = await client.submit(MACHINE_ID, BODY, () => {
      connectionsAtGate = standIn.connections;
      assert.equal(standIn.seen.length, 0);
      return true;
    });
    assert.equal(submission.outcome, 'accepted');
    // One for the token, one of its own for the submission.
    assert.equal(connectionsAtGate, 2);
  });

  it('sends nothing when the gate says no, and asks it once', async () => {
    const server = await listen();
    const tokens = await startStandIn((_seen, res) => json(res, 500, {}));
    const { client, counted } = clientOf(server.url, { loginUrl: tokens.url });
    closing.push(() => client.close(), tokens.close, server.close);
    let asked = 0;
    const submission = await client.submit(MACHINE_ID, BODY, () => {
      asked += 1;
      return false;
    });
    assert.equal(submission.outcome, 'not_sent');
    assert.equal(asked, 1);
    await server.ended;
    assert.equal(server.bytes(), 0);
    assert.ok(counted.includes('submit not_sent'));
  });

  it('takes a gate that throws for a no', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 201, wireAction()));
    const submission = await client.submit(MACHINE_ID, BODY, () => {
      throw new Error('broken');
    });
    assert.equal(submission.outcome, 'not_sent');
    assert.equal(standIn.seen.length, 0);
  });

  it('uses a fresh connection for every submission', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 201, wireAction()));
    await client.submit(MACHINE_ID, BODY, yes);
    const before = standIn.connections;
    await client.submit(MACHINE_ID, BODY, yes);
    assert.equal(standIn.connections, before + 1);
  });

  it('goes through the gate over TLS too, and refuses a certificate it does not trust', async () => {
    const tls = selfMadeCertificate();
    const standIn = await startStandIn((_seen, res) => json(res, 201, wireAction()), tls);
    const trusting = clientOf(standIn.url, { ca: tls.cert });
    closing.push(() => trusting.client.close(), standIn.close);
    const seenAtGate: number[] = [];
    const gate = () => {
      seenAtGate.push(standIn.seen.length);
      return true;
    };
    assert.equal((await trusting.client.submit(MACHINE_ID, BODY, gate)).outcome, 'accepted');
    assert.equal((await trusting.client.submit(MACHINE_ID, BODY, () => false)).outcome, 'not_sent');
    assert.deepEqual(seenAtGate, [0]);
    assert.equal(standIn.seen.length, 1);

    const tokens = await startStandIn((_seen, res) => json(res, 500, {}));
    const wary = clientOf(standIn.url, { loginUrl: tokens.url });
    closing.push(() => wary.client.close(), tokens.close);
    const submission = await wary.client.submit(MACHINE_ID, BODY, gate);
    assert.equal(submission.outcome, 'not_sent');
    assert.deepEqual(seenAtGate, [0]);
  });

  it('has sent nothing where no connection came about, no token came, or the token took too long', async () => {
    const tokens = await startStandIn((_seen, res) => json(res, 500, {}));
    const gone = await listen();
    await gone.close();
    const refused = clientOf(gone.url, { loginUrl: tokens.url });
    const noToken = clientOf(tokens.url, { loginUrl: gone.url });
    closing.push(
      () => refused.client.close(),
      () => noToken.client.close(),
      tokens.close,
    );
    let asked = 0;
    const gate = () => {
      asked += 1;
      return true;
    };
    assert.equal((await refused.client.submit(MACHINE_ID, BODY, gate)).outcome, 'not_sent');
    assert.equal((await noToken.client.submit(MACHINE_ID, BODY, gate)).outcome, 'not_sent');
    tokens.signIn = () => {};
    const slow = clientOf(tokens.url, { timing: { deadline: 80 } });
    closing.push(() => slow.client.close());
    assert.equal((await slow.client.submit(MACHINE_ID, BODY, gate)).outcome, 'not_sent');
    assert.equal(asked, 0);
  });

  it('asks the gate after it woke up when the process was stopped while connecting', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gate-'));
    const shut = join(folder, 'shut');
    const tls = selfMadeCertificate();
    const behind = await startStandIn((_seen, res) => json(res, 201, wireAction()), tls);
    const login = await startStandIn((_seen, res) => json(res, 500, {}));
    // In front of the server: holds back the handshake until the process is stopped and the gate is shut.
    const front = createServer(async (socket) => {
      const [hello] = (await once(socket, 'data')) as [Buffer];
      child.kill('SIGSTOP');
      writeFileSync(shut, '');
      const onward = connect(Number(new URL(behind.url).port), '127.0.0.1');
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
      onward.write(hello);
      socket.pipe(onward).pipe(socket);
      onward.once('data', () => child.kill('SIGCONT'));
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const { port } = front.address() as AddressInfo;
    const env = { API_URL: `https://127.0.0.1:${port}`, LOGIN_URL: login.url, CA: tls.cert, SHUT: shut };
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/defender/stopped-sender.ts'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closing.push(
      () => child.kill('SIGKILL'),
      () => new Promise((resolve) => front.close(resolve)),
      behind.close,
      login.close,
      () => rm(folder, { recursive: true }),
    );
    child.stdout.setEncoding('utf8');
    let said = '';
    for await (const chunk of child.stdout) said += chunk;
    assert.equal(said, 'gate asked\noutcome not_sent\n');
    assert.equal(behind.connections, 1);
    assert.equal(behind.seen.length, 0);
  });

  it('after a 401 asks for a new token and goes through the gate again', async () => {
    const { standIn, client } = await setUp((seen, res) =>
      seen.headers.authorization === `Bearer ${standIn.tokens[1]}`
        ? json(res, 201, wireAction())
        : refusal(res, 401, 'Unauthorized', 'expired'),
    );
    let asked = 0;
    const submission = await client.submit(MACHINE_ID, BODY, () => {
      asked += 1;
      return true;
    });
    assert.equal(submission.outcome, 'accepted');
    assert.equal(asked, 2);
    assert.equal(standIn.tokens.length, 2);
  });

  it('sends no second time after a 401 when the gate has shut', async () => {
    const { standIn, client } = await setUp((_seen, res) => refusal(res, 401, 'Unauthorized', 'expired'));
    const answers = [true, false];
    const submission = await client.submit(MACHINE_ID, BODY, () => answers.shift() ?? false);
    assert.equal(submission.outcome, 'not_sent');
    assert.equal(standIn.seen.length, 1);
  });

  it('takes a second 401 for a refusal', async () => {
    const { standIn, client } = await setUp((_seen, res) => refusal(res, 401, 'Unauthorized', 'no'));
    const submission = await client.submit(MACHINE_ID, BODY, yes);
    assert.ok(submission.outcome === 'refused' && submission.code === 'Unauthorized');
    assert.equal(standIn.seen.length, 2);
  });

  for (const [status, code, expected] of [
    [403, 'DisabledFeature', 'Advanced features'],
    [403, 'DisallowedOperation', 'does not allow'],
    [403, 'Forbidden', 'Machine.LiveResponse'],
    [400, 'OsPlatformNotSupported', 'operating system'],
    [400, 'ClientVersionNotSupported', 'too old'],
    [400, 'InvalidRequestBody', 'Check script'],
    [404, 'NotFound', 'Look it up again'],
    [404, 'ResourceNotFound', 'Look it up again'],
  ] as const) {
    it(`takes ${status} ${code} for a refusal and keeps Defender's words`, async () => {
      const submission = await answered((_seen, res) => refusal(res, status, code, 'So says <Defender>.'));
      assert.equal(submission.outcome, 'refused');
      assert.ok(submission.outcome === 'refused');
      assert.equal(submission.code, code);
      assert.match(submission.message, new RegExp(expected));
      assert.match(submission.message, /Defender said: So says <Defender>\./);
    });
  }

  it("ends Defender's words with a full stop where they have none, since ours may follow", async () => {
    const submission = await answered((_seen, res) => refusal(res, 400, 'InvalidRequestBody', 'So says Defender'));
    assert.ok(submission.outcome === 'refused');
    assert.match(submission.message, /Defender said: So says Defender\.$/);
  });

  it('takes a 403 that names the missing permission for a refusal, whatever its code', async () => {
    const words = 'The application does not have any of the required application permissions (Machine.LiveResponse).';
    const submission = await answered((_seen, res) => refusal(res, 403, 'Whatever', words));
    assert.ok(submission.outcome === 'refused' && submission.code === 'Forbidden');
  });

  it("takes the gateway's 404 for a refusal", async () => {
    const submission = await answered((_seen, res) =>
      json(res, 404, { statusCode: 404, message: 'Resource not found' }),
    );
    assert.ok(submission.outcome === 'refused' && submission.message.includes('DEFENDER_API_URL'));
  });

  it('takes a busy machine for busy, by code or by words', async () => {
    const byCode = await answered((_seen, res) => refusal(res, 400, 'ActiveRequestAlreadyExists', ''));
    assert.equal(byCode.outcome, 'busy');
    const byWords = await answered((_seen, res) => refusal(res, 400, 'BadRequest', 'Action is already in progress'));
    assert.equal(byWords.outcome, 'busy');
  });

  it('reads the wait of a 429 as seconds, as a date, and out of the words', async () => {
    const seconds = await answered((_seen, res) => refusal(res, 429, '429', 'Slow down.', { 'Retry-After': '35' }));
    assert.deepEqual(seconds, { outcome: 'throttled', retryAfter: 35_000, sessions: false });
    const words = await answered((_seen, res) =>
      refusal(res, 429, '429', 'Quota exceeded for the key Destination + TenantID + AppID. Try again in 35 seconds.'),
    );
    assert.deepEqual(words, { outcome: 'throttled', retryAfter: 35_000, sessions: false });
    const date = await answered((_seen, res) => {
      refusal(res, 429, '429', '', { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() });
    });
    assert.ok(date.outcome === 'throttled' && date.retryAfter !== null);
    assert.ok(date.retryAfter > 50_000 && date.retryAfter <= 60_000, `${date.retryAfter}`);
    const long = await answered((_seen, res) => refusal(res, 429, '429', '', { 'Retry-After': '86400' }));
    assert.deepEqual(long, { outcome: 'throttled', retryAfter: 300_000, sessions: false }, 'five minutes at most');
  });

  it('tells a 429 about sessions from one about calls', async () => {
    const submission = await answered((_seen, res) =>
      refusal(res, 429, 'TooManyRequests', 'The limit of 50 concurrent live response sessions is reached.'),
    );
    assert.deepEqual(submission, { outcome: 'throttled', retryAfter: null, sessions: true });
  });

  for (const status of [301, 307, 408, 409, 418, 500, 502, 503, 504]) {
    it(`is unclear after ${status}, and sends no second time`, async () => {
      const { standIn, client } = await setUp((_seen, res) => json(res, status, {}, { Location: '/elsewhere' }));
      const submission = await client.submit(MACHINE_ID, BODY, yes);
      assert.equal(submission.outcome, 'unclear');
      assert.equal(standIn.seen.length, 1);
    });
  }

  it('is unclear after a refusal in words that are not known', async () => {
    for (const [status, code] of [
      [400, 'SomethingNew'],
      [403, 'SomethingNew'],
      [404, 'SomethingNew'],
      [500, 'NotFound'],
      [400, 'Forbidden'],
    ] as const) {
      const submission = await answered((_seen, res) => refusal(res, status, code, 'Hm.'));
      assert.equal(submission.outcome, 'unclear', `${status} ${code}`);
    }
  });

  it('is unclear after a success without a live response action', async () => {
    for (const body of ['', 'null', '[]', '<html>', '{"id":1}', JSON.stringify(wireAction({ type: 'Isolate' }))]) {
      const submission = await answered((_seen, res) => res.writeHead(201).end(body));
      assert.equal(submission.outcome, 'unclear', body);
    }
  });

  it('is unclear when the connection breaks after the gate said yes', async () => {
    const submission = await answered((_seen, res) => res.destroy());
    assert.equal(submission.outcome, 'unclear');
    const halfway = await answered((_seen, res) => {
      res.writeHead(201, { 'Content-Length': '1000' }).write('{"id"', () => res.destroy());
    });
    assert.equal(halfway.outcome, 'unclear');
  });

  it('is unclear at the deadline, without an answer or with one that drips', async () => {
    const silent = await setUp(() => {}, { timing: { deadline: 150 } });
    assert.equal((await silent.client.submit(MACHINE_ID, BODY, yes)).outcome, 'unclear');
    const dripping = await setUp(drip, { timing: { deadline: 150 } });
    const startedAt = Date.now();
    assert.equal((await dripping.client.submit(MACHINE_ID, BODY, yes)).outcome, 'unclear');
    assert.ok(Date.now() - startedAt < 1_500);
    assert.ok(dripping.counted.includes('submit deadline'));
  });

  it('puts a strange machine id into the address as one part', async () => {
    const { standIn, client } = await setUp((_seen, res) => json(res, 404, { statusCode: 404, message: '' }));
    await client.submit('../x?y', BODY, yes);
    assert.equal(standIn.seen[0]?.rawPath, '/api/machines/..%2Fx%3Fy/runliveresponse');
    assert.equal((await client.submit('', BODY, yes)).outcome, 'refused');
    assert.equal(standIn.seen.length, 1);
  });

  it('keeps token, secret and body out of the log', async () => {
    const { client, logged, standIn } = await setUp((_seen, res) => refusal(res, 500, '', ''));
    await client.submit(MACHINE_ID, BODY, yes);
    const log = logged.join('\n');
    assert.match(log, /"endpoint":"submit".*"target":"c0ffee"/);
    for (const secret of [standIn.tokens[0] ?? 'none', 'hush-hush', 'LR-8K3F2Q', 'minidump']) {
      assert.ok(!log.includes(secret), secret);
    }
  });
});

/** Sends a byte now and then, without end. */
const drip: Handler = (_seen, res) => {
  res.writeHead(201, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => res.write(' '), 20);
  res.on('close', () => clearInterval(timer));
};

/** A bare TCP listener that counts what it gets. */
async function listen() {
  let bytes = 0;
  const sockets = new Set<Socket>();
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => {
      bytes += data.length;
    });
    socket.on('error', () => {});
    socket.on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes: () => bytes,
    ended,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
