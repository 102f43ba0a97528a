import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretsOf } from '../../src/config.ts';
import { selfMadeCertificate } from '../support/certificate.ts';
import { GUID, problem, problems, read, SECRET, SLACK } from './environment.ts';

const TEAMS = { TEAMS_APP_ID: GUID, TEAMS_TENANT_ID: GUID, TEAMS_APP_PASSWORD: 'a~password-of-the-bot' };
const { TEAMS_APP_PASSWORD, ...NO_PROOF } = TEAMS;

describe('The settings of Teams', () => {
  it('have the defaults of the contract, and make Slack unnecessary', () => {
    const config = read({ ...SECRET, ...TEAMS });
    assert.equal(config.slack, null);
    assert.deepEqual(config.teams, {
      appId: GUID,
      tenantId: GUID,
      credential: { kind: 'secret', secret: TEAMS_APP_PASSWORD },
      loginUrl: 'https://login.microsoftonline.com',
      openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      graphUrl: 'https://graph.microsoft.com',
      standIn: false,
    });
    assert.ok(secretsOf(config).includes(TEAMS_APP_PASSWORD));
  });

  it('are none where only GRAPH_URL is set, a name that others use too', () => {
    assert.equal(read({ ...SECRET, ...SLACK, GRAPH_URL: 'https://graph.microsoft.com/' }).teams, null);
    assert.match(
      problem({ ...SECRET, GRAPH_URL: 'https://graph.microsoft.com' }),
      /no chat platform is on.*TEAMS_APP_ID/,
    );
  });

  it('name what is missing where they are set in part', () => {
    const missing = (variables: Record<string, string>) =>
      problems({ ...SECRET, ...SLACK, ...variables }).map((line) => line.split(':')[0]);
    assert.deepEqual(missing({ TEAMS_APP_ID: GUID }), ['TEAMS_TENANT_ID', 'TEAMS_APP_PASSWORD']);
    assert.deepEqual(missing({ TEAMS_TENANT_ID: GUID }), ['TEAMS_APP_ID', 'TEAMS_APP_PASSWORD']);
    assert.deepEqual(missing({ TEAMS_APP_PASSWORD }), ['TEAMS_APP_ID', 'TEAMS_TENANT_ID']);
    assert.deepEqual(missing({ TEAMS_MANAGED_IDENTITY: 'true' }), ['TEAMS_APP_ID', 'TEAMS_TENANT_ID']);
    const urls = ['TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA_URL'];
    for (const name of urls) {
      const names = ['TEAMS_APP_ID', 'TEAMS_TENANT_ID', 'TEAMS_APP_PASSWORD'];
      assert.deepEqual(missing({ [name]: 'http://127.0.0.1:4000' }), names);
    }
    assert.deepEqual(missing({ SLACK_SIGNING_SECRET: '', ...NO_PROOF }), [
      'SLACK_SIGNING_SECRET',
      'TEAMS_APP_PASSWORD',
    ]);
  });

  it('take a managed identity for the one that the bot is registered with', () => {
    const { teams } = read({ ...SECRET, ...NO_PROOF, TEAMS_MANAGED_IDENTITY: 'true' });
    assert.deepEqual(teams?.credential, { kind: 'managed_identity', clientId: GUID });
    for (const value of ['false', 'system', GUID]) {
      assert.match(
        problem({ ...SECRET, ...NO_PROOF, TEAMS_MANAGED_IDENTITY: value }),
        /^TEAMS_MANAGED_IDENTITY: must be true/,
      );
    }
  });

  it('take a certificate from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'liveresponse-teams-'));
    try {
      const { key, cert } = selfMadeCertificate({ key: 'rsa' });
      const path = join(folder, 'bot.pem');
      writeFileSync(path, cert + key);
      const config = read({ ...SECRET, ...NO_PROOF, TEAMS_CERTIFICATE_PATH: path });
      assert.equal(config.teams?.credential.kind, 'certificate');
      assert.ok(secretsOf(config).includes(key));
      writeFileSync(path, cert);
      assert.match(
        problem({ ...SECRET, ...NO_PROOF, TEAMS_CERTIFICATE_PATH: path }),
        /^TEAMS_CERTIFICATE_PATH: .*no private key/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('want ids, in small letters, since they are compared with what activities carry', () => {
    const upper = { TEAMS_APP_ID: GUID.toUpperCase(), TEAMS_TENANT_ID: GUID.toUpperCase() };
    const { teams } = read({ ...SECRET, ...TEAMS, ...upper });
    assert.deepEqual([teams?.appId, teams?.tenantId], [GUID, GUID]);
    assert.match(
      problem({ ...SECRET, ...TEAMS, TEAMS_TENANT_ID: 'contoso.onmicrosoft.com' }),
      /^TEAMS_TENANT_ID: must be an id/,
    );
    assert.match(problem({ ...SECRET, ...TEAMS, TEAMS_APP_ID: 'my-bot' }), /^TEAMS_APP_ID: must be an id/);
    assert.match(
      problem({ ...SECRET, ...TEAMS, TEAMS_APP_PASSWORD: GUID }),
      /^TEAMS_APP_PASSWORD: looks like the secret's id/,
    );
  });

  it('know a stand-in by its token or key service on loopback, which may call things as it likes', () => {
    const standIn = { TEAMS_LOGIN_URL: 'http://127.0.0.1:4000/login/', TEAMS_APP_ID: 'bot', TEAMS_TENANT_ID: 'tenant' };
    const { teams } = read({ ...SECRET, ...TEAMS, ...standIn });
    assert.deepEqual([teams?.standIn, teams?.loginUrl, teams?.appId], [true, 'http://127.0.0.1:4000/login', 'bot']);
    const keys = read({ ...SECRET, ...TEAMS, TEAMS_OPENID_METADATA_URL: 'http://localhost:4000/keys' }).teams;
    assert.deepEqual([keys?.standIn, keys?.openIdMetadataUrl], [true, 'http://localhost:4000/keys']);
    const graph = read({ ...SECRET, ...TEAMS, GRAPH_URL: 'http://[::1]:4000/' }).teams;
    assert.deepEqual([graph?.standIn, graph?.graphUrl], [false, 'http://[::1]:4000']);
  });

  it('send nothing elsewhere: token service, keys and Graph are the real ones or on loopback', () => {
    const elsewhere = [
      'https://login.example.com',
      'https://login.microsoftonline.com',
      'http://127.0.0.1.evil.example',
      'http://me:pw@127.0.0.1',
      'ftp://127.0.0.1',
    ];
    for (const name of ['TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA_URL']) {
      for (const value of elsewhere) {
        const line = problem({ ...SECRET, ...TEAMS, [name]: value });
        assert.ok(line.startsWith(`${name}: `) && !line.includes(value), line);
      }
    }
    for (const value of [
      'https://graph.example.com',
      'http://graph.microsoft.com',
      'https://graph.microsoft.com/v1.0',
    ]) {
      assert.match(problem({ ...SECRET, ...TEAMS, GRAPH_URL: value }), /^GRAPH_URL: /);
    }
  });
});
