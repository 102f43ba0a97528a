import { distance } from 'fastest-levenshtein';

/** A variable that `liveresponse` reads. */
export interface Setting {
  name: string;
}

/** Every variable there is, in the order of `.env.example`; a test holds both in step. */
export const SETTINGS = [
  { name: 'PUBLIC_URL' },
  { name: 'HOST' },
  { name: 'PORT' },
  { name: 'METRICS_PORT' },
  { name: 'DATABASE_URL' },
  { name: 'DATA_DIR' },
  { name: 'POLICY_FILE' },
  { name: 'AUDIT_KEY' },
  { name: 'LOG_LEVEL' },
  { name: 'SLACK_BOT_TOKEN' },
  { name: 'SLACK_SIGNING_SECRET' },
  { name: 'SLACK_APP_TOKEN' },
  { name: 'SLACK_API_URL' },
  { name: 'DEFENDER_TENANT_ID' },
  { name: 'DEFENDER_CLIENT_ID' },
  { name: 'DEFENDER_CLIENT_SECRET' },
  { name: 'DEFENDER_CERTIFICATE_PATH' },
  { name: 'DEFENDER_MANAGED_IDENTITY' },
  { name: 'DEFENDER_API_URL' },
  { name: 'DEFENDER_SCOPE' },
  { name: 'DEFENDER_LOGIN_URL' },
  { name: 'DEFENDER_VISIBILITY_LAG' },
  { name: 'TEAMS_APP_ID' },
  { name: 'TEAMS_TENANT_ID' },
  { name: 'TEAMS_APP_PASSWORD' },
  { name: 'TEAMS_CERTIFICATE_PATH' },
  { name: 'TEAMS_MANAGED_IDENTITY' },
  { name: 'TEAMS_LOGIN_URL' },
  { name: 'TEAMS_OPENID_METADATA_URL' },
  { name: 'GRAPH_URL' },
] as const satisfies readonly Setting[];

export type SettingName = (typeof SETTINGS)[number]['name'];

/** Prefixes that others use too: SLACK_WEBHOOK_URL may belong to some other program on this machine. */
const OURS = /^(?:SLACK|TEAMS|DEFENDER|LIVERESPONSE|GRAPH)_/;
/** Letters by which a typing error differs from what was meant. */
const NEAR = 2;

/** What looks like ours but isn't: `near` a name of ours (surely a typing error), or somebody else's. */
interface UnknownName {
  name: string;
  near: SettingName | null;
}

/** Names in the environment that look like ours but aren't. */
export function unknownNames(names: readonly string[]): UnknownName[] {
  const known = new Set<string>(SETTINGS.map((setting) => setting.name));
  return names
    .filter((name) => OURS.test(name) && !known.has(name))
    .map((name) => ({ name, near: nearTo(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nearTo(name: string): SettingName | null {
  const bare = name.replace(/^LIVERESPONSE_/, '');
  const names = SETTINGS.map((setting) => setting.name);
  const nearest = names.reduce((best, next) => (distance(bare, next) < distance(bare, best) ? next : best));
  return distance(bare, nearest) <= NEAR ? nearest : null;
}
