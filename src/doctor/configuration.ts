import { DEFENDER_IDENTITY, TEAMS_IDENTITY } from '../config/identity.ts';
import { ignoredNames, readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Credential } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import type { Settings } from './settings.ts';

const CHECK = 'Configuration';
/** Milliseconds: time to make a certificate, have it uploaded, and restart. */
const SOON = 30 * 86_400_000;

/** Every problem that `start` would name, one finding each, and what is worth a look though it would start. */
export function checkConfiguration(env: NodeJS.ProcessEnv, settings: Settings, now: Time): Finding[] {
  const problems = problemsOf(env, now).map((problem) =>
    failed(CHECK, problem, '.env.example explains each variable in one line.'),
  );
  const ignored = ignoredNames(env).map((name) =>
    warning(
      CHECK,
      `${name}: isn't a setting of this bot and is ignored.`,
      'If it was meant for the bot, check its name.',
    ),
  );
  const credentials = [
    ...endOf(settings.defender?.credential, DEFENDER_IDENTITY.certificate, now),
    ...endOf(settings.teams?.credential, TEAMS_IDENTITY.certificate, now),
  ];
  const found = [...problems, ...ignored, ...credentials];
  return problems.length > 0 ? found : [ok(CHECK, 'every setting that is needed is there and can be read.'), ...found];
}

function problemsOf(env: NodeJS.ProcessEnv, now: Time): string[] {
  try {
    readConfig(env, now);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'config') return error.message.split('\n');
    throw error;
  }
}

/** Of a certificate that is still good: one that ran out is a problem of the configuration. */
function endOf(credential: Credential | undefined, name: string, now: Time): Finding[] {
  if (credential?.kind !== 'certificate' || credential.certificate.expires - now > SOON) return [];
  const day = new Date(credential.certificate.expires).toISOString().slice(0, 10);
  const days = Math.max(0, Math.floor((credential.certificate.expires - now) / 86_400_000));
  const when = days === 0 ? 'in less than a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`;
  const mend = 'Make a new one, upload it in Microsoft Entra beside the old one, put it into the file and restart.';
  return [warning(CHECK, `${name}: the certificate ends ${when}, on ${day}.`, mend)];
}
