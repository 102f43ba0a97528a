import type { Certificate, Credential } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { certificateFile } from './certificate.ts';
import type { Environment } from './environment.ts';
import type { SettingName } from './settings.ts';
import * as values from './values.ts';

/** The names of the variables about one application of Entra's: for reading them, and for saying which to mend. */
export interface IdentitySettings {
  tenant: SettingName;
  client: SettingName;
  secret: SettingName;
  certificate: SettingName;
  managedIdentity: SettingName;
  /** Where it is a setting. */
  scope?: SettingName;
  /** Where clouds have sign-in addresses of their own. */
  login?: SettingName;
}

export const DEFENDER_IDENTITY = {
  tenant: 'DEFENDER_TENANT_ID',
  client: 'DEFENDER_CLIENT_ID',
  secret: 'DEFENDER_CLIENT_SECRET',
  certificate: 'DEFENDER_CERTIFICATE_PATH',
  managedIdentity: 'DEFENDER_MANAGED_IDENTITY',
  scope: 'DEFENDER_SCOPE',
  login: 'DEFENDER_LOGIN_URL',
} as const satisfies IdentitySettings;

export const TEAMS_IDENTITY = {
  tenant: 'TEAMS_TENANT_ID',
  client: 'TEAMS_APP_ID',
  secret: 'TEAMS_APP_PASSWORD',
  certificate: 'TEAMS_CERTIFICATE_PATH',
  managedIdentity: 'TEAMS_MANAGED_IDENTITY',
} as const satisfies IdentitySettings;

/**
 * The one credential that is set; undefined, and one more problem, where it is none, several, or one that won't do.
 * `identity` reads the variable of the managed identity.
 */
export function readCredential(
  environment: Environment,
  names: IdentitySettings,
  identity: values.Parse<{ clientId: string | null }>,
  now: Time,
): Credential | undefined {
  const ways = [names.secret, names.certificate, names.managedIdentity];
  const [first, ...others] = ways.filter((name) => environment.has(name));
  for (const name of others) environment.problem(name, `is set beside ${first}; keep one of them.`);
  if (first === names.certificate) {
    const certificate = environment.optional<Certificate, undefined>(first, certificateFile(now), undefined);
    return certificate && { kind: 'certificate', certificate };
  }
  if (first === names.managedIdentity) {
    const found = environment.optional(first, identity, undefined);
    return found && { kind: 'managed_identity', clientId: found.clientId };
  }
  const otherwise = `a secret of that application, or set ${names.certificate} or ${names.managedIdentity} instead`;
  const secret = environment.required(names.secret, values.clientSecret, otherwise);
  return secret === undefined ? undefined : { kind: 'secret', secret };
}
