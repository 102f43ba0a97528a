import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateFile } from '../../src/config/certificate.ts';
import { AppError } from '../../src/errors.ts';
import { entraCommands } from '../../src/manifest/entra.ts';

const APP = '0a1b2c3d-0000-4000-8000-0123456789ab';
const TENANT = '9f8e7d6c-0000-4000-8000-0123456789ab';
const DEFENDER_API = 'fc780465-2017-40d4-a0c5-307022471b92';
const GRAPH = '00000003-0000-0000-c000-000000000000';

/** Stands in for the Azure CLI: writes down what it was called with, answers what was made, fails what it is told to. */
const AZ = `#!/bin/sh
echo "$*" >> "$FAKE/calls"
if [ -s "$FAKE/failures" ]; then
  IFS= read -r failing < "$FAKE/failures"
  case "$*" in
    "$failing"*)
      sed -i 1d "$FAKE/failures"
      echo "ERROR: not found" >&2
      exit 1
      ;;
  esac
fi
case "$*" in
  'ad app list '*) cat "$FAKE/known" ;;
  'ad app create '*) echo ${APP} ;;
  'account show '*) echo ${TENANT} ;;
esac
`;

describe('The commands that make the Entra applications', () => {
  const commands = entraCommands('https://live.contoso.com');
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'liveresponse-entra-'));
    for (const [name, text] of Object.entries({ az: AZ, sleep: '#!/bin/sh\necho "sleep $*" >> "$FAKE/calls"\n' })) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    for (const name of ['calls', 'failures', 'known']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'entra.sh'), commands);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(args: readonly string[], shell = 'sh'): { code: number | null; stdout: string; stderr: string } {
    const env = { PATH: `${folder}:${process.env.PATH}`, FAKE: folder };
    const ended = spawnSync(shell, [join(folder, 'entra.sh'), ...args], { env, encoding: 'utf8', timeout: 20_000 });
    return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }

  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  const changes = (): string[] => calls().filter((call) => !/^(?:\w+ ){1,3}(?:show|list) |^sleep/.test(call));

  for (const shell of ['sh', 'bash']) {
    it(`make the one for Defender with the roles of docs/defender.md, and nothing else (${shell})`, () => {
      const { code, stdout, stderr } = run(['defender'], shell);
      assert.deepEqual([code, stderr], [0, '']);
      const guide = readFileSync(new URL('../../docs/defender.md', import.meta.url), 'utf8');
      const roles = [...guide.matchAll(/^\| `[\w.]+` \| `([0-9a-f-]{36})` \|/gm)].map(([, role]) => role);
      assert.equal(roles.length, 3);
      const [create, principal, add, consent, ...more] = changes();
      assert.match(create ?? '', /^ad app create --display-name Live Response bot --sign-in-audience AzureADMyOrg /);
      assert.equal(principal, `ad sp create --id ${APP} --output none`);
      assert.deepEqual(permissionsOf(add), { id: APP, api: DEFENDER_API, roles: roles.toSorted() });
      assert.equal(consent, `ad app permission admin-consent --id ${APP} --output none`);
      assert.deepEqual(more, []);
      assert.ok(stdout.includes(`DEFENDER_TENANT_ID=${TENANT}\nDEFENDER_CLIENT_ID=${APP}\n`));
      assert.match(stdout, /DEFENDER_CERTIFICATE_PATH=defender\.pem; .*DEFENDER_CLIENT_SECRET/s);
    });
  }

  it('make the bot of Teams with the roles of docs/teams.md, of one tenant and at the address that was given', () => {
    const { code, stdout, stderr } = run(['teams', 'soc-bots']);
    assert.deepEqual([code, stderr], [0, '']);
    const guide = readFileSync(new URL('../../docs/teams.md', import.meta.url), 'utf8');
    const roles = [...guide.matchAll(/^\| `[\w.]+` \| `([0-9a-f-]{36})` \|/gm)].map(([, role]) => role);
    assert.equal(roles.length, 2);
    const made = changes();
    assert.deepEqual(permissionsOf(made[2]), { id: APP, api: GRAPH, roles: roles.toSorted() });
    assert.equal(
      made[4],
      'bot create --resource-group soc-bots --name live-response-0a1b2c3d --display-name Live Response ' +
        '--endpoint https://live.contoso.com/api/messages --app-type SingleTenant ' +
        `--appid ${APP} --tenant-id ${TENANT} --sku F0 --output none`,
    );
    assert.equal(made[5], 'bot msteams create --resource-group soc-bots --name live-response-0a1b2c3d --output none');
    assert.equal(made.length, 6);
    assert.ok(stdout.includes(`TEAMS_TENANT_ID=${TENANT}\nTEAMS_APP_ID=${APP}\n`));
    assert.match(stdout, /TEAMS_CERTIFICATE_PATH=teams\.pem; .*TEAMS_APP_PASSWORD/s);
  });

  it('make no secret: they only say how', () => {
    run(['defender']);
    run(['teams', 'soc-bots']);
    assert.deepEqual(
      calls().filter((call) => call.includes('credential')),
      [],
    );
  });

  it('say how to make a certificate that the bot takes, for Entra without its key', function () {
    // Not every machine that runs the bot has it.
    if (spawnSync('sh', ['-c', 'command -v openssl']).status !== 0) this.skip();
    const { stdout } = run(['teams', 'soc-bots']);
    const said = stdout.split('\n').filter((line) => /^(?:openssl|az .* --cert |\(umask)/.test(line));
    assert.equal(said.length, 3);
    // The key is a short one here, for time's sake.
    const quick = said.join('\n').replace('rsa:3072', 'rsa:2048');
    const env = { PATH: `${folder}:${process.env.PATH}`, FAKE: folder };
    const ended = spawnSync('sh', ['-e', '-c', quick], { cwd: folder, env, encoding: 'utf8' });
    assert.equal(ended.status, 0, ended.stderr);
    assert.equal(calls().at(-1), `ad app credential reset --id ${APP} --append --cert @teams.crt`);
    assert.doesNotMatch(readFileSync(join(folder, 'teams.crt'), 'utf8'), /PRIVATE/);
    assert.ok(!existsSync(join(folder, 'teams.key')));
    const { mode } = statSync(join(folder, 'teams.pem'));
    assert.equal(mode & 0o077, 0, 'nobody else reads the key');
    const { expires } = certificateFile(Date.now())(join(folder, 'teams.pem'));
    assert.ok(expires > Date.now() + 364 * 86_400_000);
  });

  it('wait until Entra knows what was just made', () => {
    const slow = [`ad sp create`, 'ad app permission admin-consent', 'ad app permission admin-consent'];
    writeFileSync(join(folder, 'failures'), `${slow.join('\n')}\n`);
    const { code, stderr } = run(['defender']);
    assert.equal(code, 0);
    assert.equal(stderr.match(/again in 10 s/g)?.length, 3);
    assert.deepEqual(
      calls().filter((call) => call.startsWith('sleep')),
      ['sleep 10', 'sleep 10', 'sleep 10'],
    );
  });

  it('give up in the end, and say on what', () => {
    writeFileSync(join(folder, 'failures'), 'ad app permission admin-consent\n'.repeat(6));
    const { code, stdout, stderr } = run(['teams', 'soc-bots']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, new RegExp(`Gave up on: az ad app permission admin-consent --id ${APP}`));
    assert.ok(!calls().some((call) => call.startsWith('bot')));
  });

  for (const shell of ['sh', 'bash']) {
    it(`leave an application alone that has the name already (${shell})`, () => {
      writeFileSync(join(folder, 'known'), `${TENANT}\n`);
      const { code, stderr } = run(['defender'], shell);
      assert.equal(code, 1);
      assert.match(stderr, /There is an application “Live Response bot” already: 9f8e7d6c/);
      assert.deepEqual(changes(), []);
    });

    it(`make nothing when they can't look, or nobody signed in, or there is no Defender or group (${shell})`, () => {
      const looks = [
        ['account show', 'defender'],
        ['account show', 'teams', 'soc-bots'],
        ['ad app list', 'defender'],
        ['ad sp show', 'defender'],
        ['group show', 'teams', 'soc-bots'],
      ];
      for (const [look, ...args] of looks) {
        writeFileSync(join(folder, 'failures'), `${look}\n`);
        assert.equal(run(args, shell).code, 1, look);
        assert.deepEqual(changes(), [], look);
      }
    });
  }

  it('do nothing when it is not said what', () => {
    for (const args of [[], ['teams'], ['defender', 'teams'], ['both']]) {
      const { code, stderr } = run(args);
      assert.equal(code, 1);
      assert.match(stderr, /^Say: sh .* defender, or: sh .* teams <resource group>\n$/);
    }
    assert.deepEqual(calls(), []);
  });

  it('are complete in the repository too, and let nothing but a plain address into the shell', () => {
    const file = readFileSync(new URL('../../manifests/entra.sh', import.meta.url), 'utf8');
    assert.equal(entraCommands('https://bot.example.com'), file);
    for (const url of ["https://a'.example", 'https://$(id).example', 'https://a`id`.example', 'https://a;id']) {
      assert.throws(
        () => entraCommands(url),
        (error: unknown) => error instanceof AppError && error.message.startsWith('--url: '),
        url,
      );
    }
  });
});

/** What `az ad app permission add` asks for; every one is an application permission. */
function permissionsOf(call: string | undefined): { id: string; api: string; roles: string[] } {
  const words = /^ad app permission add --id (\S+) --api (\S+) --api-permissions (.+) --output none$/.exec(call ?? '');
  assert.ok(words, call);
  const [, id = '', api = '', permissions = ''] = words;
  const roles = permissions.split(' ').map((permission) => {
    assert.match(permission, /=Role$/);
    return permission.replace('=Role', '');
  });
  return { id, api, roles: roles.toSorted() };
}
