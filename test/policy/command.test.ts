import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyCheck, policyExplain } from '../../src/cli/policy.ts';
import { AppError } from '../../src/errors.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { ENTRA_LEAD, HASH_A } from './fixtures.ts';

const ENTRA_ANALYST = '0f0f0f0f-0000-4000-8000-00000000000b';
const POLICY = `version: 1
channels: { slack: [C0SOC], teams: ["19:abc@thread.tacv2"] }
groups:
  analysts: { slack: { users: [U0ANA] }, teams: { users: [${ENTRA_ANALYST}] } }
  leads: { slack: { users: [U0LEA, U0LEO] }, teams: { users: [${ENTRA_LEAD}] } }
requesters: [analysts, leads]
approvers: [leads]
`;
const LINE = 'run ws-042 minidump.ps1';

describe('The command “policy”', () => {
  let folder: string;
  let said: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-policy-command-'));
    said = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const around = (env: NodeJS.ProcessEnv) => ({ env, say: (line: string) => void said.push(line) });
  const file = async (text: string): Promise<string> => {
    const path = join(folder, 'policy.yaml');
    await writeFile(path, text);
    return path;
  };
  const explain = async (as?: string, text = POLICY): Promise<string[]> => {
    await policyExplain(LINE, as === undefined ? {} : { as }, around({ POLICY_FILE: await file(text) }));
    return said;
  };

  describe('check', () => {
    it('says that nobody looked into the library where Defender isn’t configured', async () => {
      await policyCheck(await file(POLICY.replace('U0LEA, U0LEO', 'U0LEA, U0LEO, U0MAX')), around({}));
      assert.match(said[0] ?? '', /^Defender is not configured here: whether the library has what rules name was not/);
      assert.match(said.at(-1) ?? '', /is valid: 0 rules, 2 groups, \d warnings\.$/);
    });

    describe('with Defender configured', () => {
      let tenant: DefenderTenant;
      before(async () => {
        tenant = await startDefenderTenant();
      });
      after(() => tenant.close());
      const settings = (changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
        DEFENDER_TENANT_ID: tenant.tenantId,
        DEFENDER_CLIENT_ID: tenant.clientId,
        DEFENDER_CLIENT_SECRET: tenant.clientSecret,
        DEFENDER_API_URL: tenant.apiUrl,
        DEFENDER_LOGIN_URL: tenant.loginUrl,
        DEFENDER_SCOPE: tenant.scope,
        ...changes,
      });

      it('warns of scripts that the library lacks and of pins that it doesn’t keep', async () => {
        const rules = `rules:
  - { name: Gone, match: { scripts: [gone.ps1] }, approvals: 1 }
  - { name: Pinned, match: { scripts: [minidump.ps1] }, approvals: 0, sha256: { minidump.ps1: ${HASH_A} } }
`;
        await policyCheck(await file(POLICY + rules), around(settings()));
        const warnings = said.filter((line) => line.startsWith('warning: rule'));
        assert.match(warnings[0] ?? '', /“Gone” is about “gone\.ps1”, which fits nothing in the library\./);
        assert.match(warnings[1] ?? '', /“Pinned” pins another minidump\.ps1 than the library's/);
        const count = said.filter((line) => line.startsWith('warning: ')).length;
        assert.match(said.at(-1) ?? '', new RegExp(`is valid: 2 rules, 2 groups, ${count} warnings\\.$`));
      });

      it('says that the library could not be read, and checks the rest', async () => {
        await policyCheck(await file(POLICY), around(settings({ DEFENDER_CLIENT_SECRET: 'not~the~secret' })));
        assert.ok(
          said.some((line) => line.startsWith('warning: the library could not be read, so it was not compared')),
          said.join('\n'),
        );
        assert.ok(!said.join().includes('not~the~secret'));
        assert.match(said.at(-1) ?? '', /is valid/);
      });

      it('explains a line by what Defender shows of machine and script', async () => {
        await policyExplain('run ws-042 minidump', {}, around({ ...settings(), POLICY_FILE: await file(POLICY) }));
        assert.equal(said[0], 'Rule “Default” counts, as no other rule matches.');
        assert.ok(!said.join().includes('not configured'));
      });
    });

    it('is an error where Defender is configured in part', async () => {
      const path = await file(POLICY);
      await assert.rejects(policyCheck(path, around({ DEFENDER_TENANT_ID: ENTRA_LEAD })), /DEFENDER_CLIENT_ID/);
    });
  });

  describe('explain --as', () => {
    it('judges a Slack user id on Slack, and an Entra object id on Teams', async () => {
      assert.ok(!(await explain('U0ANA')).some((line) => line.includes('may not')));
      said = [];
      assert.ok(!(await explain(ENTRA_ANALYST.toUpperCase())).some((line) => line.includes('may not')));
      said = [];
      assert.ok((await explain('U0EVE')).includes('U0EVE may not request live responses at all.'));
    });

    it('says who is left to approve on that platform when this person asks', async () => {
      const tooFew = 'It can’t get them: only 0 of these people could approve it.';
      assert.ok((await explain(ENTRA_LEAD)).includes(tooFew));
      said = [];
      assert.ok(!(await explain('U0LEA')).includes(tooFew));
    });

    it('says what is different on the platforms where nobody is named', async () => {
      const text = `${POLICY}default: { approvals: 2 }\n`;
      const lines = await explain(undefined, text);
      assert.ok(lines.includes('Teams: It can’t get them: only 1 of these people could approve it.'));
      assert.equal(lines.filter((line) => line.includes('It needs 2 approvals by leads')).length, 1);
      assert.ok(!lines.some((line) => line.startsWith('Slack: ')));
    });

    it('says so where the policy names no channel of that platform', async () => {
      const slackOnly = POLICY.replace(', teams: ["19:abc@thread.tacv2"]', '');
      assert.ok(
        (await explain(ENTRA_ANALYST, slackOnly)).includes(
          'The policy names no channel of Teams, so nothing can be asked for there.',
        ),
      );
    });

    it('takes no names, which prove nothing', async () => {
      await assert.rejects(
        explain('Ana'),
        (error: unknown) => error instanceof AppError && /Slack user id .* or an Entra object id/.test(error.message),
      );
    });
  });
});
