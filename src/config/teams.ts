import type { Credential } from '../model/credential.ts';
import type { Time } from '../model/request.ts';
import { complete, type Environment } from './environment.ts';
import { readCredential, TEAMS_IDENTITY } from './identity.ts';
import * as values from './values.ts';

/** URLs have no slash at their end. */
export interface TeamsConfig {
  /** The application's id: a GUID in small letters, or whatever a stand-in calls it. */
  appId: string;
  /** The tenant's id, like `appId`; never a domain name, since activities carry the id. */
  tenantId: string;
  credential: Credential;
  /** Where tokens for the Bot Framework and for Graph come from. */
  loginUrl: string;
  /** The keys of the Bot Framework. */
  openIdMetadataUrl: string;
  graphUrl: string;
  /** Whether token or key service is a stand-in on this machine. Then, and only then, service URLs on loopback are accepted. */
  standIn: boolean;
}

const LOGIN_URL = 'https://login.microsoftonline.com';
const METADATA_URL = 'https://login.botframework.com/v1/.well-known/openidconfiguration';

/** Null when the platform is off, undefined when it is set wrongly or in part. */
export function readTeams(environment: Environment, now: Time): TeamsConfig | null | undefined {
  const graphUrl = environment.optional('GRAPH_URL', values.graph, 'https://graph.microsoft.com');
  if (!teamsIsOn(environment)) return null;
  const standIn = environment.has('TEAMS_LOGIN_URL') || environment.has('TEAMS_OPENID_METADATA_URL');
  const id = standIn ? values.client : values.guid;
  const appId = environment.required('TEAMS_APP_ID', id, "the bot's application id");
  // A managed identity of Teams is the one that the bot is registered with, so its client id is the application's.
  const identity = (value: string) => ({ clientId: values.yes(value) && (appId ?? null) });
  return complete({
    appId,
    tenantId: environment.required('TEAMS_TENANT_ID', id, 'the id of the Entra tenant of that application'),
    credential: readCredential(environment, TEAMS_IDENTITY, identity, now),
    loginUrl: environment.optional('TEAMS_LOGIN_URL', values.standIn, LOGIN_URL),
    openIdMetadataUrl: environment.optional('TEAMS_OPENID_METADATA_URL', values.standIn, METADATA_URL),
    graphUrl,
    standIn,
  });
}

/** Whether anything of Teams is set. Not GRAPH_URL: other programs use that name too. */
export function teamsIsOn(environment: Environment): boolean {
  const urls = ['TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA_URL'] as const;
  return [...Object.values(TEAMS_IDENTITY), ...urls].some((name) => environment.has(name));
}
