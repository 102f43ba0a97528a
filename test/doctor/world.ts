import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine, type Finding } from '../../src/doctor/index.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { PLAYGROUND_POLICY } from '../../src/playground/policy.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { startTeamsChannel, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import { type GoBetween, type Passing, startGoBetween } from './go-between.ts';

/** Of the app, for those who take Socket Mode. */
export const APP_TOKEN = 'xapp-1-A0LIVE-1111-secretpart';

/** What must never be seen in what the doctor says. */
export const SECRETS = {
  AUDIT_KEY: 'audit-key-audit-key-audit-key-audit',
  SLACK_BOT_TOKEN: 'xoxb-1111-2222-secretpart',
  SLACK_SIGNING_SECRET: 'signing-secret-signing-secret',
  TEAMS_APP_PASSWORD: 'teams~password~teams',
  DEFENDER_CLIENT_SECRET: 'defender~secret~defender',
} as const;

const APP_ID = '6f1c2d3e-4a5b-4c6d-8e7f-1a2b3c4d5e6f';
/** All scopes of the manifest, as Slack tells them. */
const SCOPES = 'app_mentions:read,channels:read,chat:write,commands,groups:read,usergroups:read,users:read';

/** Stand-ins for everything that the doctor looks at, and a folder of their own. */
export interface World {
  defender: DefenderTenant;
  slack: SlackWorkspace;
  teams: TeamsChannel;
  folder: string;
  /** What is changed in Slack's answers on their way; scopes are added before. */
  slackAnswers: { change: (passing: Passing) => void };
  env(changes?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  policy(text: string): Promise<void>;
  /** Examines; fails where a secret can be seen in what was found. */
  examine(changes?: NodeJS.ProcessEnv, more?: { send?: string; limit?: number }): Promise<Finding[]>;
  close(): Promise<void>;
}

/** A policy in which everything is well. */
export const GOOD_POLICY = PLAYGROUND_POLICY.replace('slack: [C0SOC, C0PRIVATE]', 'slack: [C0SOC]').replace(
  /rules:[\s\S]*?\ndefault/,
  'rules: []\ndefault',
);

/** Starts them. */
export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-doctor-test-'));
  const defender = await startDefenderTenant({ clientSecret: SECRETS.DEFENDER_CLIENT_SECRET });
  const slack = await startSlackWorkspace({
    botToken: SECRETS.SLACK_BOT_TOKEN,
    signingSecret: SECRETS.SLACK_SIGNING_SECRET,
    appToken: APP_TOKEN,
  });
  const teams = await startTeamsChannel({ appId: APP_ID, appPassword: SECRETS.TEAMS_APP_PASSWORD });
  const slackAnswers: World['slackAnswers'] = { change: () => undefined };
  const between: GoBetween = await startGoBetween(
    () => slack.url,
    (passing) => {
      passing.headers['x-oauth-scopes'] = SCOPES;
      slackAnswers.change(passing);
    },
  );
  const policy = (text: string) => writeFile(join(folder, 'policy.yaml'), text);
  const env = (changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...SECRETS,
    PUBLIC_URL: 'http://127.0.0.1:1',
    DATA_DIR: join(folder, 'data'),
    POLICY_FILE: join(folder, 'policy.yaml'),
    SLACK_API_URL: `${between.url}/api/`,
    TEAMS_APP_ID: APP_ID,
    TEAMS_TENANT_ID: teams.tenantId,
    TEAMS_LOGIN_URL: teams.loginUrl,
    TEAMS_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    GRAPH_URL: teams.graphUrl,
    DEFENDER_TENANT_ID: defender.tenantId,
    DEFENDER_CLIENT_ID: defender.clientId,
    DEFENDER_API_URL: defender.apiUrl,
    DEFENDER_LOGIN_URL: defender.loginUrl,
    ...changes,
  });
  await policy(GOOD_POLICY);
  return {
    ...{ defender, slack, teams, folder, slackAnswers, env, policy },
    async examine(changes = {}, more = {}) {
      const given = env(changes);
      const findings = await examine({ env: given, ...more });
      const said = JSON.stringify(findings);
      for (const secret of [...Object.values(SECRETS), ...Object.keys(SECRETS).map((name) => given[name])]) {
        if (secret) assert.ok(!said.includes(secret), `a secret can be seen: ${said}`);
      }
      return findings;
    },
    close: async () => {
      await between.close();
      await Promise.all([defender.close(), slack.stop(), teams.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The lines under one check: `failed the bot isn't in it`. */
export function under(findings: readonly Finding[], check: string): string[] {
  return findings.filter((one) => one.check === check).map(({ status, message }) => `${status} ${message}`);
}

/** Checks with something failed, each once. */
export function failures(findings: readonly Finding[]): string[] {
  return [...new Set(findings.filter(({ status }) => status === 'failed').map(({ check }) => check))];
}

/** Fails unless one line under this check is like that, and gives its mend. */
export function has(findings: readonly Finding[], check: string, status: Finding['status'], words: RegExp): string {
  const found = findings.find((one) => one.check === check && one.status === status && words.test(one.message));
  assert.ok(found, `no ${status} ${words} under ${check}:\n${under(findings, check).join('\n')}`);
  return found.mend ?? '';
}
