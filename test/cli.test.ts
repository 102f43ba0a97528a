import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLAYGROUND_POLICY } from '../src/playground/policy.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = resolve(process.env.LIVERESPONSE_DIST ?? 'dist', 'cli.js');
const GUID = '0a1b2c3d-0000-4000-8000-0123456789ab';
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Program {
  child: ChildProcess;
  ended: Promise<Ended>;
  stdout(): string;
}

describe('The command line', function () {
  this.timeout(60_000);
  let folder: string;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-cli-'));
    await writeFile(join(folder, 'policy.yaml'), PLAYGROUND_POLICY);
  });

  afterEach(async () => {
    // Each leads a process group of its own, so nothing that it left behind outlives the test.
    for (const { pid } of started.splice(0)) {
      try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      } catch {
        // Gone already, as it should be.
      }
    }
    await rm(folder, { recursive: true, force: true });
  });

  function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: '127.0.0.1',
      PORT: '0',
      METRICS_PORT: 'off',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      DATA_DIR: join(folder, 'data'),
      POLICY_FILE: join(folder, 'policy.yaml'),
      AUDIT_KEY: 'k'.repeat(32),
      SLACK_BOT_TOKEN: 'xoxb-cli',
      SLACK_SIGNING_SECRET: 's'.repeat(32),
      SLACK_API_URL: `${NOWHERE}/api/`,
      DEFENDER_TENANT_ID: GUID,
      DEFENDER_CLIENT_ID: GUID,
      DEFENDER_CLIENT_SECRET: 'a~secret',
      DEFENDER_API_URL: NOWHERE,
      DEFENDER_LOGIN_URL: NOWHERE,
      ...changes,
    };
  }

  function run(command: readonly string[], env: NodeJS.ProcessEnv): Program {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk) => {
        said[name] += String(chunk);
      });
    }
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
    return { child, ended, stdout: () => said.stdout };
  }

  const liveresponse = (args: readonly string[], env = environment()): Program =>
    run([process.execPath, CLI, ...args], env);

  async function says(program: Program, words: RegExp): Promise<RegExpExecArray> {
    let over = false;
    void program.ended.then(() => {
      over = true;
    });
    for (;;) {
      const found = words.exec(program.stdout());
      if (found !== null) return found;
      assert.ok(!over, `it ended without saying ${words}: ${program.stdout()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('ends the bot, with 0, when npm is asked to end', async () => {
    const program = run(['npm', 'start'], environment());
    const [, port] = await says(program, /"port":(\d+).*"ready"/);
    program.child.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    assert.equal(code, 0);
    assert.equal(stdout.match(/the embedded database/g)?.length, 1, stdout);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'nobody may listen any more');
  });

  it('ends with 0 when it is asked to before it is ready', async () => {
    const program = liveresponse(['start']);
    await says(program, /embedded database/);
    program.child.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    assert.equal(code, 0);
    assert.match(stdout, /stopping while starting/);
  });

  it('tells its version', async () => {
    const { code, stdout } = await liveresponse(['--version']).ended;
    assert.deepEqual([code, /^\d+\.\d+\.\d+\n$/.test(stdout)], [0, true]);
  });

  it('says of a trail that cannot be read that it cannot', async () => {
    const { code, stderr } = await liveresponse(['audit', 'verify', 'nope.jsonl']).ended;
    assert.deepEqual([code, stderr], [1, "nope.jsonl can't be read. It should be a file that audit export wrote.\n"]);
  });

  it('verifies and writes out the trail with no more settings than that takes, its log apart from it', async () => {
    const { PATH, AUDIT_KEY, DATA_DIR } = environment();
    const few = { PATH, AUDIT_KEY, DATA_DIR, SLACK_WEBHOOK_URL: 'x' };
    const verified = await liveresponse(['audit', 'verify'], few).ended;
    assert.deepEqual(
      [verified.code, verified.stdout],
      [0, 'The trail is unbroken: 0 sealed entries.\n'],
      verified.stderr,
    );
    const exported = await liveresponse(['audit', 'export'], few).ended;
    assert.deepEqual([exported.code, exported.stdout], [0, ''], exported.stderr);
  });

  it('says what is no head of a trail, and that Defender can’t be asked', async () => {
    const refused: [string[], RegExp][] = [
      [
        ['audit', 'verify', '--anchor', '12:abc'],
        /^--anchor: “12:abc” is no head of a trail; “audit verify” prints one/,
      ],
      [['audit', 'export', '--after', 'x'], /^--after: “x” is no head of a trail/],
      [['audit', 'export', '--since', '1d', '--after', 'x'], /^--since and --after: use one of the two\.\n$/],
      [
        ['audit', 'reconcile', '--since', 'soon'],
        /^--since: “soon” is neither an ISO time nor a length such as 24h\.\n$/,
      ],
      [['audit', 'reconcile'], /^I can't reach Defender|Entra/],
    ];
    for (const [args, words] of refused) {
      const { code, stdout, stderr } = await liveresponse(args).ended;
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      assert.match(stderr, words);
    }
  });

  it('holds the trail of a bot that has run, and an exported one, to a head noted before', async () => {
    const program = liveresponse(['start']);
    await says(program, /"ready"/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended).code, 0);
    const exported = await liveresponse(['audit', 'export']).ended;
    const file = join(folder, 'trail.jsonl');
    await writeFile(file, exported.stdout);
    const first = await liveresponse(['audit', 'verify', file]).ended;
    const head =
      /^The trail is unbroken: \d+ sealed entries\.\nIt begins with no\. 1 of \S+Z\.\nHead: (?<head>\d+:[0-9a-f]{64})\n$/.exec(
        first.stdout,
      )?.groups?.head;
    assert.ok(head !== undefined, first.stdout + first.stderr);
    const noted = program.stdout().match(/"head":"[^"]+"/g) ?? [];
    assert.equal(noted.at(-1), `"head":"${head}"`, 'the bot’s log has it too');
    const second = await liveresponse(['audit', 'verify', '--anchor', head]).ended;
    assert.match(second.stdout, /sealed entries, and it goes on from the head that you noted \(no\. \d+\)\.\n/);
    await writeFile(file, exported.stdout.replace('policy.loaded', 'policy.forgot'));
    const changed = await liveresponse(['audit', 'verify', file]).ended;
    assert.equal(changed.code, 1);
    assert.match(
      changed.stderr,
      /^The trail is NOT as it was sealed\. First bad entry: no\. \d+: its seal does not fit/,
    );
  });

  describe('when a port is taken', () => {
    let other: Server;
    let port: string;

    beforeEach(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      port = String((other.address() as AddressInfo).port);
    });

    afterEach(() => {
      other.close();
    });

    for (const name of ['PORT', 'METRICS_PORT']) {
      it(`names ${name} and ends with 1 at once`, async () => {
        const { code, stderr } = await liveresponse(['start'], environment({ [name]: port })).ended;
        assert.equal(code, 1);
        assert.equal(
          stderr,
          `${name}: ${port} is taken: another program listens there. Stop that one or choose another port.\n`,
        );
      });
    }
  });
});
