import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import { type DefenderTenant, startDefenderTenant } from './defender-tenant/index.ts';
import { PLAYGROUND_POLICY } from './policy.ts';
import { createPlaygroundServer } from './server.ts';
import { type SlackWorkspace, startSlackWorkspace } from './slack-workspace/index.ts';
import { startTeamsChannel, type TeamsChannel } from './teams-channel/index.ts';

const HOST = '127.0.0.1';
/** So much faster than the real thing: a run of three minutes is over in about ten seconds. */
const SPEED = 20;
const READY_WITHIN = 60_000;

/**
 * The main job on this machine alone: the bot exactly as `start` runs it, in a process of its own, against a simulated Slack
 * workspace, Teams channel and Defender tenant, and a page to try it on. Ends with the process.
 */
export async function playground(env: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(env.PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new AppError('config', 'PORT: a port number from 0 to 65535.');
  const secrets = { botToken: `xoxb-${random()}`, signingSecret: random() };
  const app = { appId: randomUUID(), appPassword: random() };
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-playground-'));
  const defender = await startDefenderTenant({ speed: SPEED });
  const slack = await startSlackWorkspace(secrets);
  const teams = await startTeamsChannel(app);
  const botPort = await freePort();
  slack.setBotUrl(`http://${HOST}:${botPort}/slack/events`);
  teams.setBotUrl(`http://${HOST}:${botPort}/api/messages`);
  await writeFile(join(folder, 'policy.yaml'), PLAYGROUND_POLICY);
  const bot = startBot(botEnvironment({ folder, botPort, defender, slack, teams, ...secrets, ...app }, env));
  let ending = false;
  const end = async (code: number): Promise<never> => {
    ending = true;
    bot.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    process.exit(code);
  };
  bot.once('exit', (code) => {
    if (ending) return;
    process.stderr.write(`The bot has ended (${code}); so does the playground.\n`);
    void end(1);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0));
  await ready(botPort).catch(async (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    await end(1);
  });
  const pageDir = fileURLToPath(new URL('./page/', import.meta.url));
  const server = createServer(createPlaygroundServer({ slack, teams, defender: forPage(defender), pageDir }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, HOST, resolve);
  }).catch(async (error: NodeJS.ErrnoException) => {
    process.stderr.write(
      error.code === 'EADDRINUSE'
        ? `Port ${port} is taken. Choose another: PORT=3001 npm run playground\n`
        : `${error.message}\n`,
    );
    await end(1);
  });
  process.stdout.write(`Playground ready: http://${HOST}:${(server.address() as AddressInfo).port}/\n`);
}

function forPage(defender: DefenderTenant) {
  return {
    state: () => defender.state(),
    setSpeed: (speed: number) => {
      defender.speed = speed;
    },
    onChange: (listener: () => void) => defender.on('change', listener),
  };
}

interface BotParts {
  folder: string;
  botPort: number;
  defender: DefenderTenant;
  slack: SlackWorkspace;
  botToken: string;
  signingSecret: string;
  teams: TeamsChannel;
  appId: string;
  appPassword: string;
}

/** Only what the contract names, and the machine's own variables: nothing of the caller's bot configuration gets in. */
function botEnvironment(parts: BotParts, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { defender, slack, teams, folder } = parts;
  return {
    PATH: env.PATH,
    HOME: env.HOME,
    HOST,
    PORT: String(parts.botPort),
    METRICS_PORT: 'off',
    PUBLIC_URL: `http://${HOST}:${parts.botPort}`,
    DATA_DIR: join(folder, 'data'),
    POLICY_FILE: join(folder, 'policy.yaml'),
    AUDIT_KEY: random(),
    SLACK_BOT_TOKEN: parts.botToken,
    SLACK_SIGNING_SECRET: parts.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    TEAMS_APP_ID: parts.appId,
    TEAMS_TENANT_ID: teams.tenantId,
    TEAMS_APP_PASSWORD: parts.appPassword,
    TEAMS_LOGIN_URL: teams.loginUrl,
    TEAMS_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    GRAPH_URL: teams.graphUrl,
    DEFENDER_TENANT_ID: defender.tenantId,
    DEFENDER_CLIENT_ID: defender.clientId,
    DEFENDER_CLIENT_SECRET: defender.clientSecret,
    DEFENDER_API_URL: defender.apiUrl,
    DEFENDER_LOGIN_URL: defender.loginUrl,
    LOG_LEVEL: env.LOG_LEVEL ?? 'error',
  };
}

/**
 * V8 spends two seconds of processor time on optimizing the embedded database at every start. That pays for a bot that runs
 * for weeks, not for a look at it. (Both known to Node 20 to 24.)
 */
const QUICK_START = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/** The bot of `npm start`, unmodified. */
function startBot(env: NodeJS.ProcessEnv): ChildProcess {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  return spawn(process.execPath, [...QUICK_START, cli, 'start'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function ready(port: number): Promise<void> {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until) {
    const answer = await fetch(`http://${HOST}:${port}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new AppError('config', `The bot was not ready within ${READY_WITHIN / 1000} s; what it said stands above.`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, HOST, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function random(): string {
  return randomBytes(24).toString('hex');
}
