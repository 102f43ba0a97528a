import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { linesOf } from '../../src/cli/doctor.ts';
import { failures, SECRETS, startWorld, type World } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('liveresponse doctor', function () {
  this.timeout(60_000);
  let world: World;

  before(async () => {
    world = await startWorld();
  });
  after(() => world.close());

  async function run(
    args: string[],
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const { PATH, HOME } = process.env;
    const program = ['--import', 'tsx', 'src/cli.ts', 'doctor', ...args];
    const child = spawn(process.execPath, program, { cwd: ROOT, env: { PATH, HOME, ...env } });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk) => {
        said[name] += String(chunk);
      });
    }
    const [code] = await once(child, 'close');
    return { code, ...said };
  }

  it('prints one aligned line for each finding and ends with 0 where nothing failed', async () => {
    const { code, stdout, stderr } = await run([], world.env());
    assert.deepEqual([code, stderr], [0, ''], stdout);
    const lines = stdout.trimEnd().split('\n');
    const starts = lines.map((line) => /^(?:ok {7}|warning {2}|failed {3})(\S.*?) {2,}\S/.exec(line));
    assert.ok(lines.length > 15 && starts.every((start) => start !== null), stdout);
    assert.equal(new Set(starts.map((start) => start?.[0].length)).size, 1, 'not aligned');
    assert.match(stdout, /^warning {2}Database .* Mend: /m);
    for (const secret of Object.values(SECRETS)) assert.ok(!stdout.includes(secret));
  });

  it('ends with 1 where something failed, and tells it as JSON when asked', async () => {
    const { code, stdout, stderr } = await run(['--json'], world.env({ SLACK_BOT_TOKEN: 'xoxb-9-wrong-token' }));
    assert.deepEqual([code, stderr], [1, '']);
    const findings = JSON.parse(stdout) as Parameters<typeof failures>[0];
    assert.deepEqual(failures(findings), ['Slack']);
    for (const finding of findings) assert.deepEqual(Object.keys(finding), ['check', 'status', 'message', 'mend']);
  });

  it('works with an empty environment', async () => {
    const { code, stdout, stderr } = await run([], {});
    assert.deepEqual([code, stderr], [1, '']);
    assert.match(stdout, /^failed {3}Configuration {2}PUBLIC_URL: is missing/m);
  });

  it('keeps what comes from outside on its line', () => {
    const finding = {
      check: 'Slack',
      status: 'failed',
      message: 'one\ntwo \u001b[31m\u202ethree',
      mend: null,
    } as const;
    assert.equal(linesOf([finding]), 'failed   Slack  one two  [31m three\n');
  });
});
