import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { strFromU8, unzipSync } from 'fflate';
import { AppError } from '../../src/errors.ts';
import { COMMANDS, usageOf } from '../../src/flow/command-table.ts';
import { teamsManifest, teamsPackage } from '../../src/manifest/teams.ts';

const APP = {
  url: 'https://live.contoso.com/',
  appId: '0A1B2C3D-0000-4000-8000-0123456789AB',
  version: '1.2.3-rc.1+7',
};

/** What Teams tells people about the app before they add it, each with its reason. */
const PERMISSIONS = {
  identity: 'rights rest on who somebody is',
  messageTeamMembers: 'private answers reach a member of the team in the personal chat',
};

/** Whatever else could be asked for, or opened. One of them needs a reason here and in docs/teams.md. */
const NOT_ASKED_FOR = ['authorization', 'webApplicationInfo', 'validDomains', 'devicePermissions', 'composeExtensions'];

interface CommandList {
  scopes: string[];
  commands: { title: string; description: string }[];
}

interface Bot {
  botId: string;
  scopes: string[];
  supportsFiles: boolean;
  isNotificationOnly: boolean;
  commandLists: CommandList[];
}

interface Manifest {
  $schema: string;
  manifestVersion: string;
  version: string;
  id: string;
  name: { short: string; full: string };
  description: { short: string; full: string };
  developer: Record<string, string>;
  icons: Record<string, string>;
  bots: Bot[];
  permissions: string[];
  supportsChannelFeatures: string;
}

describe("Teams' app manifest", () => {
  const words = teamsManifest(APP);
  const manifest = JSON.parse(words) as Manifest;
  const [bot] = manifest.bots;
  const lists = bot?.commandLists ?? [];
  const commands = lists.flatMap((list) => list.commands);

  it("is valid by Microsoft's schema of the version it names", () => {
    assert.ok(manifest.$schema.endsWith(`/v${manifest.manifestVersion}/MicrosoftTeams.schema.json`));
    assert.deepEqual(complaints(manifest), []);
    // The check checks: nothing undocumented, and no thirteenth command, passes.
    assert.notDeepEqual(complaints({ ...manifest, packageName: 'com.example' }), []);
    const long = Array.from({ length: 13 }, () => ({ title: 'run', description: 'x' }));
    const bots = [{ ...bot, commandLists: [{ scopes: ['team'], commands: long }] }];
    assert.notDeepEqual(complaints({ ...manifest, bots }), []);
  });

  it('names the bot, its address and its version, and no placeholder', () => {
    assert.equal(manifest.id, '0a1b2c3d-0000-4000-8000-0123456789ab');
    assert.equal(bot?.botId, manifest.id);
    const { name, ...addresses } = manifest.developer;
    assert.ok(name);
    for (const address of Object.values(addresses)) assert.equal(address, 'https://live.contoso.com/');
    assert.ok(!words.includes('example.com') && !words.includes('00000000-0000-0000') && !words.includes('"0.0.0"'));
  });

  it('has a version of three numbers, as the upload to Teams demands', () => {
    assert.equal(manifest.version, '1.2.3');
  });

  it('is at home in teams, group chats and personal chats, private and shared channels included', () => {
    assert.deepEqual(bot?.scopes.toSorted(), ['groupChat', 'personal', 'team']);
    assert.equal(manifest.supportsChannelFeatures, 'tier1');
    assert.deepEqual([bot?.supportsFiles, bot?.isNotificationOnly], [false, false]);
  });

  it('asks for what is needed, with a reason each, and never for the messages of a channel', () => {
    assert.deepEqual([...manifest.permissions].sort(), Object.keys(PERMISSIONS).sort());
    for (const name of NOT_ASKED_FOR) assert.ok(!(name in manifest), name);
    assert.doesNotMatch(words, /\.(?:Group|Chat)"/);
  });

  it('offers words that the bot understands, each once for each place, with the way to type them', () => {
    assert.ok(lists.length <= 3);
    assert.deepEqual(lists.flatMap(({ scopes }) => scopes).sort(), ['groupChat', 'personal', 'team']);
    for (const list of lists) {
      const titles = list.commands.map(({ title }) => title);
      assert.equal(new Set(titles).size, titles.length);
      for (const needed of ['run', 'get', 'put', 'status', 'help']) assert.ok(titles.includes(needed), needed);
    }
    for (const { title, description } of commands) {
      assert.ok(COMMANDS.includes(title), title);
      const usage = usageOf(title);
      if (usage !== title) assert.ok(description.endsWith(`: ${usage}`), `${title}: ${description}`);
    }
  });

  it('keeps texts as short as the lists that show them', () => {
    const { short, full } = manifest.name;
    assert.ok(short.length <= 30 && full.length <= 100 && short !== full);
    assert.ok(manifest.description.short.length <= 80 && manifest.description.full.length <= 4_000);
    for (const { title, description } of commands) {
      assert.ok(title.length <= 32 && description.length <= 128, description);
      assert.match(description, /^[A-Z]/);
    }
  });

  it('is complete in the repository too, with placeholders', () => {
    const file = readFileSync(new URL('../../manifests/teams.json', import.meta.url), 'utf8');
    const appId = '00000000-0000-0000-0000-000000000000';
    assert.equal(teamsManifest({ url: 'https://bot.example.com', appId, version: '0.0.0' }), file);
  });

  it('refuses an id that is none, and an address that Teams could not call', () => {
    for (const appId of ['', 'liveresponse', `${APP.appId}"`, `${APP.appId}\n`, APP.appId.slice(1)]) {
      assert.throws(() => teamsManifest({ ...APP, appId }), isConfig(/--app-id or TEAMS_APP_ID/), appId);
    }
    for (const url of ['http://live.contoso.com', 'https://live.contoso.com/x', 'https://a".contoso.com']) {
      assert.throws(() => teamsManifest({ ...APP, url }), isConfig(/^--url: .*Teams/), url);
    }
  });
});

describe("Teams' app package", () => {
  const bytes = teamsPackage(APP);

  it('holds the manifest and the icons that it names, at the root, and nothing else', () => {
    const files = unzipSync(bytes);
    const manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as Manifest;
    assert.equal(strFromU8(files['manifest.json'] ?? new Uint8Array()), teamsManifest(APP));
    assert.deepEqual(Object.keys(files).sort(), ['manifest.json', ...Object.values(manifest.icons)].sort());
    for (const icon of Object.values(manifest.icons)) {
      const drawn = readFileSync(new URL(`../../manifests/icons/${icon}`, import.meta.url));
      assert.deepEqual(Buffer.from(files[icon] ?? []), drawn, icon);
    }
  });

  it('is the same bytes for the same app, whatever the clock and the time zone', () => {
    const zone = process.env.TZ;
    try {
      for (const other of ['Pacific/Kiritimati', 'America/Los_Angeles']) {
        process.env.TZ = other;
        assert.deepEqual(teamsPackage(APP), bytes, other);
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

function isConfig(words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === 'config' && words.test(error.message);
}

/** What Microsoft's schema of version 1.25 says against it. */
function complaints(manifest: unknown): string[] {
  const home = import.meta.resolve('@microsoft/app-manifest/package.json');
  const file = new URL('build/json-schemas/teams/v1.25/MicrosoftTeams.schema.json', home);
  const schema = JSON.parse(readFileSync(file, 'utf8')) as object;
  const ajv = addFormats.default(new Ajv.default({ strict: false, allErrors: true }));
  const validate = ajv.compile(schema);
  validate(manifest);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
