import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { PLAYGROUND_POLICY } from '../../src/playground/policy.ts';
import type { TeamsChannel } from '../../src/playground/teams-channel/index.ts';

const HOST = '127.0.0.1';
const READY_WITHIN = 60_000;

/** What the stand-in for Slack is to be started with, so that bot and workspace know each other. */
export const SECRETS = { botToken: 'xoxb-torture-0123456789', signingSecret: 'the signing secret of the tests' };

/** The same for the stand-in for Teams. */
export const TEAMS_APP = { appId: '3d0c7c5e-2b61-4c7d-9d55-0a6a4c1f9e10', appPassword: 'the password of the tests' };

/** Seals the audit trail of every bot here. */
export const AUDIT_KEY = 'a key of the tests, long enough to seal an audit trail';

/** The playground's policy with limits of its own, in any of the workspace's channels. */
export function policyWith(limits: string): string {
  return PLAYGROUND_POLICY.replace(
    'pollEvery: 2s, commandsPerPerson: 120/m',
    `${limits}, commandsPerPerson: 600/m`,
  ).replace('slack: [C0SOC, C0PRIVATE]', 'slack: [C0SOC, C0PRIVATE, C0GENERAL, C0SHARED]');
}

/** Looks at Defender every second, and submits as fast as the scene's Defender allows. */
export const FAST_POLICY = policyWith('pollEvery: 1s, callsPerMinute: 60');

export interface BotOptions {
  slack: { apiUrl: string };
  /** Left out: Teams is off. */
  teams?: TeamsChannel | undefined;
  defender: DefenderTenant;
  /** The folder of the embedded database, or else the address of a PostgreSQL. */
  dataDir?: string;
  databaseUrl?: string;
  /** Text of the policy file; FAST_POLICY unless given. */
  policy?: string;
  /** 0 or left out: any free one. The same again after a restart keeps result links working. */
  port?: number;
  env?: NodeJS.ProcessEnv;
}

/** The bot of `npm start` in a process of its own. */
export interface Bot {
  pid: number;
  port: number;
  /** `http://127.0.0.1:…`, what PUBLIC_URL says too. */
  url: string;
  /** Where Slack delivers. */
  slackUrl: string;
  /** Where Teams delivers. */
  teamsUrl: string;
  /** The lines of its log so far, oldest first. */
  log: string[];
  /** The first line of its log that matches, as soon as it is there. */
  says(words: RegExp): Promise<string>;
  /** Ends it like a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Asks it to stop; its exit code, and how long that took in milliseconds. */
  sigterm(): Promise<{ code: number | null; ms: number }>;
  /** Stands still until `resume`, and notices nothing. */
  pause(): void;
  resume(): void;
  /** Replaces its policy file, and tells it so by SIGHUP. */
  newPolicy(text: string): Promise<void>;
}

/** Starts the bot and waits until it is ready. It dies with this process. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const port = options.port || (await freePort());
  const url = `http://${HOST}:${port}`;
  const policyFile = join(tmpdir(), `liveresponse-policy-${randomUUID()}.yaml`);
  await writeFile(policyFile, options.policy ?? FAST_POLICY);
  const cli = resolve(process.env.LIVERESPONSE_DIST ?? 'dist', 'cli.js');
  const env = { ...botEnvironment(options, port), POLICY_FILE: policyFile, ...options.env };
  const child = spawn(process.execPath, [cli, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = collectLines(child);
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const gone = once(child, 'close').then(([code]) => {
    process.removeListener('exit', killed);
    rmSync(policyFile, { force: true });
    return code as number | null;
  });
  await ready(url, child, log);
  return {
    pid: child.pid ?? 0,
    port,
    url,
    slackUrl: `${url}/slack/events`,
    teamsUrl: `${url}/api/messages`,
    log,
    says: async (words) => {
      for (;;) {
        const line = log.find((one) => words.test(one));
        if (line !== undefined) return line;
        await Promise.race([
          once(child.stdout, 'data'),
          gone.then(() => Promise.reject(new Error('The bot has ended.'))),
        ]);
      }
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    sigterm: async () => {
      const asked = Date.now();
      child.kill('SIGTERM');
      return { code: await gone, ms: Date.now() - asked };
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    newPolicy: async (text) => {
      await writeFile(policyFile, text);
      child.kill('SIGHUP');
    },
  };
}

/** What the contract names, and nothing of this process's own configuration. The policy's file is still to be named. */
export function botEnvironment(options: BotOptions, port: number): NodeJS.ProcessEnv {
  const { slack, teams, defender } = options;
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    HOST,
    PORT: String(port),
    METRICS_PORT: 'off',
    PUBLIC_URL: `http://${HOST}:${port}`,
    ...(options.dataDir === undefined ? { DATABASE_URL: options.databaseUrl } : { DATA_DIR: options.dataDir }),
    AUDIT_KEY,
    SLACK_BOT_TOKEN: SECRETS.botToken,
    SLACK_SIGNING_SECRET: SECRETS.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    ...(teams === undefined ? {} : teamsEnvironment(teams)),
    DEFENDER_TENANT_ID: defender.tenantId,
    DEFENDER_CLIENT_ID: defender.clientId,
    DEFENDER_CLIENT_SECRET: defender.clientSecret,
    DEFENDER_API_URL: defender.apiUrl,
    DEFENDER_LOGIN_URL: defender.loginUrl,
    DEFENDER_VISIBILITY_LAG: '3s',
    LOG_LEVEL: 'info',
  };
}

function teamsEnvironment(teams: TeamsChannel): NodeJS.ProcessEnv {
  return {
    TEAMS_APP_ID: TEAMS_APP.appId,
    TEAMS_TENANT_ID: teams.tenantId,
    TEAMS_APP_PASSWORD: TEAMS_APP.appPassword,
    TEAMS_LOGIN_URL: teams.loginUrl,
    TEAMS_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    GRAPH_URL: teams.graphUrl,
  };
}

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.on('data', (chunk) => {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
  }
  return lines;
}

async function ready(url: string, child: ChildProcess, log: readonly string[]): Promise<void> {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The bot did not become ready. It said:\n${log.join('\n')}`);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
