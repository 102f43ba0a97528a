import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { SETTINGS } from '../src/config/settings.ts';
import {
  type Config,
  ignoredNames,
  readAuditConfig,
  readConfig,
  readDefenderConfig,
  secretsOf,
} from '../src/config.ts';
import { AppError } from '../src/errors.ts';

const GUID = '0a1b2c3d-0000-4000-8000-0123456789ab';

const COMPLETE = {
  PUBLIC_URL: 'https://bot.example.com',
  DATABASE_URL: 'postgres://bot:hunter2secret@db.internal:5432/liveresponse',
  AUDIT_KEY: 'k'.repeat(32),
  SLACK_BOT_TOKEN: 'xoxb-1-2-abc',
  SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
  DEFENDER_TENANT_ID: GUID,
  DEFENDER_CLIENT_ID: GUID,
  DEFENDER_CLIENT_SECRET: 'a~very.secret-value',
} satisfies Record<string, string>;

/** The complete environment with these changes; null removes a variable. */
function environment(changes: Record<string, string | null> = {}): Record<string, string> {
  const merged: Record<string, string | null> = { ...COMPLETE, ...changes };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

function read(changes: Record<string, string | null> = {}): Config {
  return readConfig(environment(changes));
}

/** The problem lines for the complete environment with these changes; none when it is accepted. */
function problems(changes: Record<string, string | null>): string[] {
  try {
    read(changes);
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'config');
    return error.message.split('\n');
  }
}

/** The one problem line, which must begin with the name. */
function problem(name: string, changes: Record<string, string | null>): string {
  const lines = problems(changes);
  assert.equal(lines.length, 1, `expected one problem, got ${JSON.stringify(lines)}`);
  assert.ok(lines[0]?.startsWith(`${name}: `), lines[0]);
  return lines[0] ?? '';
}

function accepts(name: string, value: string): void {
  assert.deepEqual(problems({ [name]: value }), []);
}

describe('The configuration', () => {
  it('is read from a complete environment, with the defaults of the contract', () => {
    assert.deepEqual(read(), {
      http: { host: '0.0.0.0', port: 3000, metricsPort: 9464, publicUrl: 'https://bot.example.com' },
      database: { kind: 'postgres', url: COMPLETE.DATABASE_URL },
      policyFile: './policy.yaml',
      auditKey: COMPLETE.AUDIT_KEY,
      logLevel: 'info',
      slack: {
        botToken: COMPLETE.SLACK_BOT_TOKEN,
        signingSecret: COMPLETE.SLACK_SIGNING_SECRET,
        appToken: null,
        apiUrl: 'https://slack.com/api/',
      },
      teams: null,
      defender: {
        tenantId: GUID,
        clientId: GUID,
        credential: { kind: 'secret', secret: COMPLETE.DEFENDER_CLIENT_SECRET },
        apiUrl: 'https://api.security.microsoft.com',
        scope: 'https://api.securitycenter.microsoft.com/.default',
        loginUrl: 'https://login.microsoftonline.com',
        visibilityLag: 120_000,
      },
    });
  });

  it('takes local stand-ins on loopback', () => {
    const config = read({
      PUBLIC_URL: 'http://127.0.0.1:3000/',
      DATABASE_URL: null,
      DATA_DIR: '.playground/data',
      METRICS_PORT: 'off',
      PORT: '0',
      SLACK_API_URL: 'http://localhost:4001/api',
      DEFENDER_API_URL: 'http://127.0.0.1:4002/defender/',
      DEFENDER_LOGIN_URL: 'http://[::1]:4003',
      DEFENDER_VISIBILITY_LAG: '5s',
    });
    assert.equal(config.http.publicUrl, 'http://127.0.0.1:3000');
    assert.deepEqual(config.database, { kind: 'embedded', folder: '.playground/data' });
    assert.equal(config.http.metricsPort, null);
    assert.equal(config.slack?.apiUrl, 'http://localhost:4001/api/');
    assert.equal(config.defender.apiUrl, 'http://127.0.0.1:4002/defender');
    assert.equal(config.defender.loginUrl, 'http://[::1]:4003');
    assert.equal(config.defender.visibilityLag, 5_000);
  });

  it('names every problem at once, one line each, in the order of the table', () => {
    const lines = problems({
      PUBLIC_URL: null,
      PORT: 'http',
      AUDIT_KEY: 'short',
      DEFENDER_TENANT_ID: null,
      DEFENDER_CLIENT_SECRET: null,
      SLACK_SIGNING_SECRET: null,
      LOG_LEVEL: 'loud',
    });
    const names = lines.map((line) => line.split(':')[0]);
    assert.deepEqual(names, [
      'PUBLIC_URL',
      'PORT',
      'AUDIT_KEY',
      'LOG_LEVEL',
      'SLACK_SIGNING_SECRET',
      'DEFENDER_TENANT_ID',
      'DEFENDER_CLIENT_SECRET',
    ]);
  });

  it('asks an empty environment for everything that has no default', () => {
    assert.throws(
      () => readConfig({}),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        const names = error.message.split('\n').map((line) => line.split(':')[0]);
        assert.deepEqual(names, [
          'PUBLIC_URL',
          'DATABASE_URL',
          'AUDIT_KEY',
          'SLACK_BOT_TOKEN',
          'DEFENDER_TENANT_ID',
          'DEFENDER_CLIENT_ID',
          'DEFENDER_CLIENT_SECRET',
        ]);
        return true;
      },
    );
  });

  it('wants exactly one database', () => {
    assert.match(problem('DATABASE_URL', { DATABASE_URL: null }), /DATA_DIR/);
    assert.match(problem('DATA_DIR', { DATA_DIR: './data' }), /DATABASE_URL/);
    problem('DATABASE_URL', { DATABASE_URL: 'mysql://db/liveresponse' });
  });

  it('refuses a platform that is set in part, and no platform at all', () => {
    problem('SLACK_SIGNING_SECRET', { SLACK_SIGNING_SECRET: null });
    problem('SLACK_BOT_TOKEN', { SLACK_BOT_TOKEN: null });
    const none = problem('SLACK_BOT_TOKEN', { SLACK_BOT_TOKEN: null, SLACK_SIGNING_SECRET: null });
    assert.match(none, /no chat platform/);
    const urlAlone = { SLACK_BOT_TOKEN: null, SLACK_SIGNING_SECRET: null, SLACK_API_URL: 'http://127.0.0.1:1/' };
    assert.equal(problems(urlAlone).length, 2);
  });

  it('takes Slack in Socket Mode, with a signing secret or without', () => {
    const socket = { SLACK_APP_TOKEN: 'xapp-1-A0-2-abc' };
    const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret } = COMPLETE;
    const rest = { botToken, appToken: socket.SLACK_APP_TOKEN, apiUrl: 'https://slack.com/api/' };
    assert.deepEqual(read(socket).slack, { ...rest, signingSecret });
    assert.deepEqual(read({ ...socket, SLACK_SIGNING_SECRET: null }).slack, { ...rest, signingSecret: null });
    problem('SLACK_BOT_TOKEN', { ...socket, SLACK_BOT_TOKEN: null, SLACK_SIGNING_SECRET: null });
    assert.match(problem('SLACK_SIGNING_SECRET', { SLACK_SIGNING_SECRET: null }), /SLACK_APP_TOKEN for Socket Mode/);
    problem('SLACK_SIGNING_SECRET', { ...socket, SLACK_SIGNING_SECRET: 'short' });
    assert.deepEqual(
      problems({ SLACK_APP_TOKEN: 'xoxb-1', SLACK_BOT_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: null }).map(
        (line) => line.split(':')[0],
      ),
      ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'],
    );
  });

  it('takes a name that is almost one of ours for a typing error, and names the nearest', () => {
    assert.match(problem('SLACK_SIGNING_SECRETS', { SLACK_SIGNING_SECRETS: 'x' }), /SLACK_SIGNING_SECRET\?/);
    assert.match(problem('DEFENDER_TENNANT_ID', { DEFENDER_TENNANT_ID: 'x' }), /DEFENDER_TENANT_ID\?/);
    assert.match(problem('LIVERESPONSE_AUDIT_KEY', { LIVERESPONSE_AUDIT_KEY: 'x' }), / AUDIT_KEY\?/);
    assert.deepEqual(problems({ PATH: '/bin', SLACKWARE: 'yes' }), []);
  });

  it("leaves others' variables alone, also those with a prefix that we use, and can name them", () => {
    const others = {
      SLACK_WEBHOOK_URL: 'x',
      SLACK_CHANNEL: 'x',
      TEAMS_WEBHOOK: '',
      DEFENDER_FOR_CLOUD: 'x',
      PATH: '/',
    };
    assert.deepEqual(problems(others), []);
    assert.deepEqual(ignoredNames(environment(others)), [
      'DEFENDER_FOR_CLOUD',
      'SLACK_CHANNEL',
      'SLACK_WEBHOOK_URL',
      'TEAMS_WEBHOOK',
    ]);
  });

  it('is read in part by commands that need no more, whatever is wrong with the rest', () => {
    const { AUDIT_KEY, DATABASE_URL } = COMPLETE;
    const part = { AUDIT_KEY, DATABASE_URL, PORT: 'http', SLACK_BOT_TOKEN: '', TEAMS_APP_ID: 'x' };
    assert.deepEqual(readAuditConfig(part), {
      database: { kind: 'postgres', url: DATABASE_URL },
      auditKey: AUDIT_KEY,
    });
    assert.throws(() => readAuditConfig({ ...part, AUDIT_KEY: undefined }), /^AppError: AUDIT_KEY: is missing/);
    assert.throws(() => readAuditConfig({ AUDIT_KEY }), /^AppError: DATABASE_URL: is missing/);
    const entra = { DEFENDER_TENANT_ID: GUID, DEFENDER_CLIENT_ID: GUID, PORT: 'http' };
    assert.equal(readDefenderConfig({ ...entra, DEFENDER_CLIENT_SECRET: 'a~secret' }).tenantId, GUID);
    assert.throws(() => readDefenderConfig(entra), /^AppError: DEFENDER_CLIENT_SECRET: is missing/);
  });

  it('never takes an empty variable for one that is not set', () => {
    assert.match(problem('DEFENDER_SCOPE', { DEFENDER_SCOPE: '' }), /empty/);
    assert.match(problem('SLACK_BOT_TOKEN', { SLACK_BOT_TOKEN: ' ' }), /empty/);
    assert.match(problem('GRAPH_URL', { GRAPH_URL: '' }), /empty/);
  });
});

describe('Values of the configuration', () => {
  it('are refused where they would not do', () => {
    const bad: Record<string, string[]> = {
      PUBLIC_URL: [
        'bot.example.com',
        'http://bot.example.com',
        'https://bot.example.com/live',
        'https://bot.example.com/?',
        'https://bot.example.com/#',
        'https://me:pw@bot.example.com',
        'ftp://127.0.0.1',
      ],
      HOST: ['0.0.0.0:3000', 'a b', '-x'],
      PORT: ['-1', '65536', '3000.5', '0x10', 'off', ' 3000'],
      METRICS_PORT: ['on', '70000', '3000'],
      AUDIT_KEY: ['k'.repeat(31), `${'k'.repeat(32)}\n`],
      LOG_LEVEL: ['INFO', 'verbose'],
      SLACK_BOT_TOKEN: ['xoxp-1-2', 'xoxb- 1', 'token'],
      SLACK_SIGNING_SECRET: ['short'],
      SLACK_APP_TOKEN: ['xoxb-1-2', 'xapp- 1', 'token'],
      SLACK_API_URL: ['https://slack.com/', 'https://slack.com.evil.example/api/', 'http://slack.com/api/'],
      DEFENDER_TENANT_ID: ['common', 'organizations', 'a/b.c', '..', ''],
      DEFENDER_CLIENT_ID: ['my app', 'a/b'],
      DEFENDER_CLIENT_SECRET: [GUID],
      DEFENDER_API_URL: [
        'http://api.security.microsoft.com',
        'https://api.security.microsoft.com.evil.example',
        'https://evil.example/api.security.microsoft.com',
        'https://api.security.microsoft.com:8443',
        'https://api.security.microsoft.com/api',
        'https://graph.microsoft.com',
      ],
      DEFENDER_SCOPE: ['api/.default', 'https://api.securitycenter.microsoft.com', 'https://a b/.default'],
      DEFENDER_LOGIN_URL: [
        'https://login.example.com',
        'http://login.microsoftonline.com',
        'https://localhost.evil.example',
      ],
      DEFENDER_VISIBILITY_LAG: ['2', '0s', '2 m', '1d', '61m', '1.5m', '500ms'],
    };
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) problem(name, { [name]: value });
    }
  });

  it('are taken as documented', () => {
    for (const region of ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea']) {
      accepts('DEFENDER_API_URL', `https://${region}.api.security.microsoft.com`);
    }
    accepts('DEFENDER_API_URL', 'https://api.securitycenter.microsoft.com/');
    accepts('DEFENDER_API_URL', 'https://api-eu.securitycenter.microsoft.com');
    accepts('DEFENDER_API_URL', 'https://api-gcc.securitycenter.microsoft.us');
    accepts('DEFENDER_API_URL', 'https://api-gov.securitycenter.microsoft.us');
    accepts('DEFENDER_LOGIN_URL', 'https://login.microsoftonline.us');
    accepts('DEFENDER_SCOPE', 'https://securitycenter.onmicrosoft.com/windowsatpservice/.default');
    accepts('DEFENDER_TENANT_ID', 'contoso.onmicrosoft.com');
    accepts('DEFENDER_TENANT_ID', 'tenant-1');
    accepts('DEFENDER_CLIENT_ID', 'client_1');
    accepts('DATABASE_URL', 'postgresql:///liveresponse?host=/run/postgresql');
    accepts('PUBLIC_URL', 'https://bot.example.com:8443');
    accepts('DEFENDER_VISIBILITY_LAG', '1h');
    accepts('HOST', '::1');
    accepts('SLACK_API_URL', 'https://slack.com/api');
  });

  it('never stand in a problem, so that a secret in the wrong place stays one', () => {
    const names = SETTINGS.map((setting) => setting.name);
    const secret = fc.stringMatching(/^[A-Z]{4}[a-z]{12}[0-9]{6}$/);
    fc.assert(
      fc.property(fc.constantFrom(...names), secret, (name, value) => {
        assert.ok(
          !problems({ [name]: value })
            .join('\n')
            .includes(value),
        );
      }),
    );
  });
});

describe('The secrets of the configuration', () => {
  it('are all known, for the log to hide', () => {
    const SLACK_APP_TOKEN = 'xapp-1-A0-2-abc';
    const known = secretsOf(read({ SLACK_APP_TOKEN }));
    const { AUDIT_KEY, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, DEFENDER_CLIENT_SECRET, DATABASE_URL } = COMPLETE;
    const slack = [SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN];
    for (const secret of [AUDIT_KEY, ...slack, DEFENDER_CLIENT_SECRET, DATABASE_URL]) {
      assert.ok(known.includes(secret), secret);
    }
  });
});

describe('.env.example', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n');
  const variable = /^#?([A-Z][A-Z0-9_]*)=/;

  it('lists every setting in the order of the table, and no other', () => {
    const names = lines.flatMap((line) => variable.exec(line)?.[1] ?? []);
    assert.deepEqual(
      names,
      SETTINGS.map((setting) => setting.name),
    );
  });

  it('explains each in the one line before it', () => {
    for (const { name } of SETTINGS) {
      const index = lines.findIndex((line) => variable.exec(line)?.[1] === name);
      assert.match(lines[index - 1] ?? '', /^# [A-Z].*\S$/, `${name} has no explanation`);
    }
  });

  it('shows the default of each setting that has one', () => {
    const shown = lines.flatMap((line) => /^#([A-Z_]+)=(.+)$/.exec(line)?.slice(1, 3).join('=') ?? []);
    const changes = Object.fromEntries(shown.map((line) => line.split(/=(.*)/).slice(0, 2)));
    const { DATA_DIR, ...defaults } = changes;
    assert.ok(DATA_DIR);
    assert.deepEqual(read(defaults), read());
  });
});
