import { createEnvironment } from '../config/environment.ts';
import type { SettingName } from '../config/settings.ts';
import { readTeams } from '../config/teams.ts';
import * as values from '../config/values.ts';
import { type Config, type DefenderConfig, readDefenderConfig, type TeamsConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Platform } from '../model/person.ts';
import type { Time } from '../model/request.ts';

/** What there is of the configuration, part by part: undefined where it is missing or won't do, whatever the other parts are. */
export interface Settings {
  publicUrl: string | undefined;
  policyFile: string | undefined;
  database: Config['database'] | undefined;
  /** Null: the platform is off. */
  slack: { botToken: string; appToken: string | null; apiUrl: string } | null | undefined;
  /** Null: the platform is off. */
  teams: TeamsConfig | null | undefined;
  defender: DefenderConfig | undefined;
  /** Those that are on, in whole or in part. */
  platforms: Platform[];
}

const SLACK: readonly SettingName[] = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_API_URL'];

/** Reads what there is. */
export function readSettings(env: NodeJS.ProcessEnv, now: Time): Settings {
  const environment = createEnvironment(env);
  const slack = SLACK.some((name) => environment.has(name)) ? readSlack(env) : null;
  const teams = readTeams(environment, now);
  return {
    publicUrl: environment.optional('PUBLIC_URL', values.publicUrl, undefined),
    policyFile: environment.optional('POLICY_FILE', values.path, './policy.yaml'),
    database: readDatabase(env),
    slack,
    teams,
    defender: readDefender(env, now),
    platforms: [...(slack === null ? [] : (['slack'] as const)), ...(teams === null ? [] : (['teams'] as const))],
  };
}

/** The tokens alone: without a signing secret they can be looked at all the same. */
function readSlack(env: NodeJS.ProcessEnv): Settings['slack'] {
  const environment = createEnvironment(env);
  const botToken = environment.optional('SLACK_BOT_TOKEN', values.botToken, undefined);
  const appToken = environment.optional('SLACK_APP_TOKEN', values.appToken, undefined) ?? null;
  const apiUrl = environment.optional('SLACK_API_URL', values.slackApi, 'https://slack.com/api/');
  return botToken === undefined || apiUrl === undefined ? undefined : { botToken, appToken, apiUrl };
}

function readDatabase(env: NodeJS.ProcessEnv): Settings['database'] {
  const environment = createEnvironment(env);
  const url = environment.optional('DATABASE_URL', values.databaseUrl, undefined);
  const folder = environment.optional('DATA_DIR', values.path, undefined);
  if (url !== undefined) return { kind: 'postgres', url };
  return folder === undefined ? undefined : { kind: 'embedded', folder };
}

function readDefender(env: NodeJS.ProcessEnv, now: Time): DefenderConfig | undefined {
  try {
    return readDefenderConfig(env, now);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

const SECRETS: readonly SettingName[] = [
  'AUDIT_KEY',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'DEFENDER_CLIENT_SECRET',
  'TEAMS_APP_PASSWORD',
  'DATABASE_URL',
];

/** Shorter ones would tear holes into ordinary words. */
const SHORTEST = 6;

/** A function that takes every secret of the environment out of a text, wherever an answer or an error may have brought it in. */
export function hider(env: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = SECRETS.flatMap((name) => {
    const value = env[name]?.trim() ?? '';
    return [value, ...(name === 'DATABASE_URL' ? passwordIn(value) : [])];
  });
  const hidden = [...new Set(secrets.filter(({ length }) => length >= SHORTEST))].sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

function passwordIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, unescaped(password)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
