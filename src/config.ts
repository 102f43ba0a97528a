import { type Complete, complete, createEnvironment, type Environment } from './config/environment.ts';
import { DEFENDER_IDENTITY, readCredential } from './config/identity.ts';
import { SETTINGS, unknownNames } from './config/settings.ts';
import { readTeams, type TeamsConfig, teamsIsOn } from './config/teams.ts';
import type { LogLevel } from './config/values.ts';
import * as values from './config/values.ts';
import { type Credential, secretsIn } from './model/credential.ts';
import type { Time } from './model/request.ts';

export type { TeamsConfig } from './config/teams.ts';

/** Everything the environment says, checked. URLs have no slash at their end unless said. */
export interface Config {
  http: {
    host: string;
    /** 0: the system chooses. */
    port: number;
    /** Null: no metrics. */
    metricsPort: number | null;
    /** The origin that people reach, `https://bot.example.com`. */
    publicUrl: string;
  };
  database: { kind: 'postgres'; url: string } | { kind: 'embedded'; folder: string };
  policyFile: string;
  auditKey: string;
  logLevel: LogLevel;
  /** Null while the platform is off. */
  slack: SlackConfig | null;
  /** Null while the platform is off. */
  teams: TeamsConfig | null;
  defender: DefenderConfig;
}

export interface SlackConfig {
  botToken: string;
  /** Null where Socket Mode goes without; else Slack delivers over HTTP. */
  signingSecret: string | null;
  /** Not null: Socket Mode. */
  appToken: string | null;
  /** Ends with a slash. */
  apiUrl: string;
}

export interface DefenderConfig {
  tenantId: string;
  clientId: string;
  credential: Credential;
  apiUrl: string;
  scope: string;
  loginUrl: string;
  /** Milliseconds: how long a fresh action may be missing from Defender's lists. */
  visibilityLag: number;
}

/**
 * The configuration from environment variables. Throws AppError `config` whose message has one line for every problem,
 * each beginning with the variable's name and never holding a value. Certificates are read from their files, and must be
 * valid at the time `now`.
 */
export function readConfig(env: NodeJS.ProcessEnv, now: Time = Date.now()): Config {
  const environment = createEnvironment(env);
  const http = readHttp(environment);
  const database = readDatabase(environment);
  const policyFile = environment.optional('POLICY_FILE', values.path, './policy.yaml');
  const auditKey = readAuditKey(environment);
  const logLevel = environment.optional('LOG_LEVEL', values.logLevel, 'info');
  refuseNoPlatform(environment);
  const slack = readSlack(environment);
  const defender = readDefender(environment, now);
  const teams = readTeams(environment, now);
  return finished(environment, { http, database, policyFile, auditKey, logLevel, slack, teams, defender });
}

/** What the commands about the audit trail need. Throws AppError `config` like `readConfig`. */
export function readAuditConfig(env: NodeJS.ProcessEnv): Pick<Config, 'database' | 'auditKey'> {
  const environment = createEnvironment(env, ['DATABASE_URL', 'DATA_DIR', 'AUDIT_KEY']);
  const database = readDatabase(environment);
  return finished(environment, { database, auditKey: readAuditKey(environment) });
}

/** What a look at Defender needs. Throws AppError `config` like `readConfig`. */
export function readDefenderConfig(env: NodeJS.ProcessEnv, now: Time = Date.now()): DefenderConfig {
  const names = SETTINGS.map(({ name }) => name).filter((name) => name.startsWith('DEFENDER_'));
  const environment = createEnvironment(env, names);
  const { defender } = finished(environment, { defender: readDefender(environment, now) });
  return defender;
}

/** Variables that look like ours and are none, such as SLACK_WEBHOOK_URL: others' by all likelihood, and ignored. */
export function ignoredNames(env: NodeJS.ProcessEnv): string[] {
  return unknownNames(Object.keys(env)).flatMap(({ name, near }) => (near === null ? [name] : []));
}

/** The values that must never be seen anywhere: for the log to hide. */
export function secretsOf(config: Config): string[] {
  return [
    config.auditKey,
    ...secretsIn(config.defender.credential),
    ...(config.teams === null ? [] : secretsIn(config.teams.credential)),
    ...(config.slack === null ? [] : secretsOfSlack(config.slack)),
    ...(config.database.kind === 'postgres' ? [config.database.url] : []),
  ];
}

function secretsOfSlack({ botToken, signingSecret, appToken }: SlackConfig): string[] {
  return [botToken, signingSecret, appToken].filter((secret) => secret !== null);
}

function readHttp(environment: Environment): Config['http'] | undefined {
  const publicUrl = environment.required('PUBLIC_URL', values.publicUrl, 'the https address of this bot');
  const host = environment.optional('HOST', values.host, '0.0.0.0');
  const port = environment.optional('PORT', values.port, 3000);
  const metricsPort = environment.optional('METRICS_PORT', values.portOrOff, 9464);
  if (port !== undefined && port === metricsPort && port !== 0) {
    environment.problem('METRICS_PORT', 'must differ from PORT: metrics have a listener of their own.');
  }
  return complete({ host, port, metricsPort, publicUrl });
}

function readDatabase(environment: Environment): Config['database'] | undefined {
  if (environment.has('DATABASE_URL') && environment.has('DATA_DIR')) {
    environment.problem('DATA_DIR', 'is set beside DATABASE_URL; remove one of the two.');
  } else if (!environment.has('DATABASE_URL') && !environment.has('DATA_DIR')) {
    const choice = 'the address of a PostgreSQL database, or set DATA_DIR to the folder of the embedded one';
    environment.problem('DATABASE_URL', `is missing: ${choice}.`);
  }
  const url = environment.optional('DATABASE_URL', values.databaseUrl, undefined);
  const folder = environment.optional('DATA_DIR', values.path, undefined);
  if (url !== undefined) return { kind: 'postgres', url };
  return folder === undefined ? undefined : { kind: 'embedded', folder };
}

function refuseNoPlatform(environment: Environment): void {
  if (slackIsOn(environment) || teamsIsOn(environment)) return;
  const slack = 'SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN';
  const teams = 'TEAMS_APP_ID, TEAMS_TENANT_ID and TEAMS_APP_PASSWORD';
  environment.problem('SLACK_BOT_TOKEN', `no chat platform is on: set ${slack}, or ${teams}, or all of them.`);
}

function slackIsOn(environment: Environment): boolean {
  const names = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_API_URL'] as const;
  return names.some((name) => environment.has(name));
}

/** Null when the platform is off, undefined when it is set wrongly or in part. */
function readSlack(environment: Environment): SlackConfig | null | undefined {
  if (!slackIsOn(environment)) return null;
  const apiUrl = environment.optional('SLACK_API_URL', values.slackApi, 'https://slack.com/api/');
  const botToken = environment.required('SLACK_BOT_TOKEN', values.botToken, 'the bot token of the Slack app');
  const appToken = environment.optional('SLACK_APP_TOKEN', values.appToken, undefined) ?? null;
  const secret = ['SLACK_SIGNING_SECRET', values.words(8)] as const;
  const what = "the signing secret from the Slack app's basic information, or SLACK_APP_TOKEN for Socket Mode";
  const signingSecret = environment.has('SLACK_APP_TOKEN')
    ? (environment.optional(...secret, undefined) ?? null)
    : environment.required(...secret, what);
  return complete({ botToken, signingSecret, appToken, apiUrl });
}

function readDefender(environment: Environment, now: Time): DefenderConfig | undefined {
  const clientId = environment.required('DEFENDER_CLIENT_ID', values.client, 'the id of the Entra application');
  return complete({
    tenantId: environment.required('DEFENDER_TENANT_ID', values.tenant, 'the id of your Entra tenant'),
    clientId,
    credential: readCredential(environment, DEFENDER_IDENTITY, values.managedIdentity(clientId), now),
    apiUrl: environment.optional('DEFENDER_API_URL', values.defenderApi, 'https://api.security.microsoft.com'),
    // The audience stays the old host's, also for the new one: any other is answered with 403.
    scope: environment.optional('DEFENDER_SCOPE', values.scope, 'https://api.securitycenter.microsoft.com/.default'),
    loginUrl: environment.optional('DEFENDER_LOGIN_URL', values.login, 'https://login.microsoftonline.com'),
    visibilityLag: environment.optional('DEFENDER_VISIBILITY_LAG', values.duration, 120_000),
  });
}

function readAuditKey(environment: Environment): string | undefined {
  return environment.required('AUDIT_KEY', values.words(32), 'at least 32 random characters');
}

function finished<T extends object>(environment: Environment, parts: T): Complete<T> {
  const whole = complete(parts);
  if (environment.problems().length > 0 || whole === undefined) throw environment.error();
  return whole;
}
