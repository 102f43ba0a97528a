import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressesOf } from '../../src/doctor/defender.ts';
import { examine } from '../../src/doctor/index.ts';
import { hider } from '../../src/doctor/settings.ts';
import { selfMadeCertificate } from '../support/certificate.ts';
import { failures, GOOD_POLICY, has, startWorld, under, type World } from './world.ts';

const DAY = 86_400_000;

describe('the doctor, reading settings and policy', function () {
  this.timeout(60_000);
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.close());

  it('works with nothing set at all', async () => {
    const findings = await examine({ env: {} });
    for (const name of ['PUBLIC_URL', 'DATABASE_URL', 'AUDIT_KEY', 'SLACK_BOT_TOKEN', 'DEFENDER_TENANT_ID']) {
      has(findings, 'Configuration', 'failed', new RegExp(`^${name}: `));
    }
    has(findings, 'Slack', 'ok', /is off/);
    has(findings, 'Teams', 'ok', /is off/);
    for (const check of ['Database', 'Address', 'Clock', 'Defender']) has(findings, check, 'warning', /^not checked/);
  });

  it('names every problem as the start does, and looks at the rest all the same', async () => {
    const findings = await world.examine({ PORT: 'http', AUDIT_KEY: undefined, TEAMS_TENANT_ID: undefined });
    assert.deepEqual(failures(findings), ['Configuration']);
    assert.deepEqual(
      under(findings, 'Configuration').map((line) => line.split(':')[0]),
      ['failed PORT', 'failed AUDIT_KEY', 'failed TEAMS_TENANT_ID'],
    );
    has(findings, 'Teams', 'warning', /not checked/);
    has(findings, 'Slack', 'ok', /accepts/);
  });

  it('names variables that look like ours', async () => {
    const findings = await world.examine({ SLACK_WEBHOOK_URL: 'x', DEFENDER_CLIENT_SECRT: 'y' });
    has(findings, 'Configuration', 'warning', /^SLACK_WEBHOOK_URL: /);
    has(findings, 'Configuration', 'failed', /^DEFENDER_CLIENT_SECRT: .*DEFENDER_CLIENT_SECRET/);
  });

  for (const [days, status] of [
    [20, 'warning'],
    [40, 'ok'],
  ] as const) {
    it(`is ${status} with a certificate that ends in ${days} days`, async () => {
      const end = new Date(Date.now() + days * DAY + 60_000).toISOString();
      const until = `${end.slice(2, 19).replace(/\D/g, '')}Z`;
      const { key, cert } = selfMadeCertificate({ key: 'rsa', until });
      const file = join(world.folder, 'app.pem');
      await writeFile(file, key + cert);
      const findings = await world.examine({ DEFENDER_CLIENT_SECRET: undefined, DEFENDER_CERTIFICATE_PATH: file });
      const found = under(findings, 'Configuration').filter((line) => line.includes('DEFENDER_CERTIFICATE_PATH'));
      if (status === 'ok') assert.deepEqual(found, []);
      else has(findings, 'Configuration', 'warning', new RegExp(`ends in ${days} days, on ${end.slice(0, 10)}`));
    });
  }

  it('says where the policy is broken, and looks at channels no further', async () => {
    await world.policy(GOOD_POLICY.replace('approvers: [leads]', 'approvers: [nobody]'));
    const findings = await world.examine();
    has(findings, 'Policy', 'failed', /policy\.yaml: line \d+, column \d+: .*“nobody”/);
    for (const check of ['Slack channel', 'Teams channel', 'Policy and library']) {
      has(findings, check, 'warning', /^not checked: the policy/);
    }
    assert.deepEqual(failures(findings), ['Policy']);
  });

  it('says that the policy is not there', async () => {
    const file = join(world.folder, 'none.yaml');
    has(await world.examine({ POLICY_FILE: file }), 'Policy', 'failed', /none\.yaml can't be read/);
  });

  it('says what policy check says', async () => {
    await world.policy(`${GOOD_POLICY.replace('{ users: [U0LEA, U0LEO] }', '{ users: [U0LEA] }')}`);
    has(await world.examine(), 'Policy', 'warning', /the others are too few|one/);
  });

  it('compares what rules name and pin with the library', async () => {
    const [file] = world.defender.library.all();
    assert.ok(file);
    const other = 'ab'.repeat(32);
    const rules = `rules:
  - name: Pinned
    match: { scripts: ["${file.fileName}", "Gone.ps1"] }
    approvals: 0
    sha256: { ${file.fileName}: ${other}, Gone.ps1: ${other} }
  - name: Named
    match: { commands: [put], files: ["Tools-*.exe"] }
    approvals: 1
  - name: Never
    match: { scripts: ["Format-*.ps1"] }
    refuse: "Never."
`;
    await world.policy(GOOD_POLICY.replace('rules: []\n', rules));
    const findings = await world.examine();
    const mend = has(findings, 'Policy and library', 'warning', new RegExp(`“Pinned” pins another ${file.fileName}`));
    assert.match(mend, /pin [0-9a-f]{64}\./);
    has(findings, 'Policy and library', 'warning', /“Pinned” pins Gone\.ps1, which the library lacks/i);
    has(findings, 'Policy and library', 'warning', /“Named” is about “Tools-\*\.exe”, which fits nothing/);
    assert.equal(under(findings, 'Policy and library').length, 3);
    assert.deepEqual(failures(findings), []);
  });

  describe('about addresses that belong together', () => {
    const config = (apiUrl: string, scope: string, loginUrl = 'https://login.microsoftonline.com') => ({
      ...{ apiUrl, scope, loginUrl, tenantId: 't', clientId: 'c', visibilityLag: 1_000 },
      credential: { kind: 'secret', secret: 'x' } as const,
    });
    const old = 'https://api.securitycenter.microsoft.com/.default';
    const gov = 'https://api-gov.securitycenter.microsoft.us';
    const us = 'https://login.microsoftonline.us';

    it('is silent where they do', () => {
      for (const host of [
        'api.security.microsoft.com',
        'eu.api.security.microsoft.com',
        'api.securitycenter.microsoft.com',
      ]) {
        assert.deepEqual(addressesOf(config(`https://${host}`, old)), []);
      }
      assert.deepEqual(addressesOf(config(gov, `${gov}/.default`, us)), []);
    });

    it('knows the trap of the new audience, and another cloud’s sign-in', () => {
      const [trap, ...others] = addressesOf(
        config('https://api.security.microsoft.com', 'https://api.security.microsoft.com/.default'),
      );
      assert.deepEqual([trap?.mend, others], [`Set it to ${old}.`, []]);
      const said = addressesOf(config(gov, old)).map(({ mend }) => mend);
      assert.deepEqual(said, [`Set it to ${gov}/.default.`, `Set it to ${us}.`]);
    });
  });

  it('hides secrets, and the password in the address of the database, plain and escaped', () => {
    const hide = hider({ DATABASE_URL: 'postgres://bot:p%40ssword@db/x', AUDIT_KEY: 'k'.repeat(32) });
    assert.equal(hide(`p%40ssword p@ssword ${'k'.repeat(32)} words`), '[hidden] [hidden] [hidden] words');
  });
});
