import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { entraCommands } from '../../src/manifest/entra.ts';
import { slackManifest } from '../../src/manifest/slack.ts';
import { teamsPackage } from '../../src/manifest/teams.ts';

const CLI = resolve(process.env.LIVERESPONSE_DIST ?? 'dist', 'cli.js');
const URL_OPTION = ['--url', 'https://live.contoso.com'];
const url = 'https://live.contoso.com';
const appId = '0a1b2c3d-0000-4000-8000-0123456789ab';

describe('liveresponse manifest', function () {
  this.timeout(30_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'liveresponse-manifest-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const ended = spawnSync(process.execPath, [CLI, 'manifest', ...args], { cwd: folder, env, encoding: 'utf8' });
    return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }

  const version = (): string => {
    const words = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return (JSON.parse(words) as { version: string }).version;
  };

  it('writes text to standard output, or to the file that is named', () => {
    for (const [kind, text] of [
      ['slack', slackManifest(url)],
      ['entra', entraCommands(url)],
    ] as const) {
      assert.deepEqual(run([kind, ...URL_OPTION]), { code: 0, stdout: text, stderr: '' });
      writeFileSync(join(folder, 'out'), 'x'.repeat(100_000));
      assert.deepEqual(run([kind, ...URL_OPTION, '--out', 'out']), { code: 0, stdout: '', stderr: '' });
      assert.equal(readFileSync(join(folder, 'out'), 'utf8'), text);
    }
  });

  it('writes the manifest for Socket Mode where that is asked for', () => {
    const { code, stdout } = run(['slack', ...URL_OPTION, '--socket']);
    assert.deepEqual([code, stdout], [0, slackManifest(url, { socket: true })]);
    assert.match(stdout, /"socket_mode_enabled": true/);
  });

  it('writes the app package of Teams to a file and says which', () => {
    const { code, stdout, stderr } = run(['teams', ...URL_OPTION], { TEAMS_APP_ID: appId });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^live-response-teams\.zip is ready to be uploaded to Teams; docs\/teams\.md tells where\.\n$/,
    );
    const bytes = readFileSync(join(folder, 'live-response-teams.zip'));
    assert.deepEqual(bytes, Buffer.from(teamsPackage({ url, appId, version: version() })));
    assert.deepEqual(readdirSync(folder), ['live-response-teams.zip']);
  });

  it('takes the id from --app-id first, and the file from --out', () => {
    const other = 'ffffffff-0000-4000-8000-0123456789ab';
    const args = ['teams', ...URL_OPTION, '--app-id', other, '--out', 'app.zip'];
    const { code, stdout } = run(args, { TEAMS_APP_ID: appId });
    assert.deepEqual([code, stdout.split(' ')[0]], [0, 'app.zip']);
    const files = unzipSync(readFileSync(join(folder, 'app.zip')));
    const manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as { id: string };
    assert.equal(manifest.id, other);
  });

  it('says what is missing or wrong, and writes nothing', () => {
    const wrong: [args: string[], words: RegExp][] = [
      [['teams', ...URL_OPTION], /^TEAMS_APP_ID: is missing: .* --app-id/],
      [['teams', ...URL_OPTION, '--app-id', 'mine'], /--app-id or TEAMS_APP_ID/],
      [['teams', '--url', 'http://live.contoso.com', '--app-id', appId], /^--url: give the https address/],
      [['entra', '--url', 'live.contoso.com'], /^--url: give the https address/],
      [['slack', ...URL_OPTION, '--app-id', appId], /^--app-id: only manifest teams/],
      [['teams', ...URL_OPTION, '--socket'], /^--socket: only manifest slack/],
      [['teams', ...URL_OPTION, '--app-id', appId, '--out', 'no/such/x.zip'], /^--out: no\/such\/x\.zip .*ENOENT/],
      [['discord', ...URL_OPTION], /slack, teams, entra/],
      [['teams'], /--url/],
    ];
    for (const [args, words] of wrong) {
      const { code, stdout, stderr } = run(args);
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n\s+at /, 'a sentence, not a stack');
    }
    assert.deepEqual(readdirSync(folder), []);
  });
});
