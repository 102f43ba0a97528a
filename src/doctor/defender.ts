import type { DefenderConfig } from '../config.ts';
import { portalOf } from '../defender/hosts.ts';
import { SEE_DOCTOR } from '../defender/permissions.ts';
import type { DefenderCheck, Probe } from '../defender/self-check.ts';
import { DefenderError } from '../errors.ts';
import { isLoopback } from '../model/hosts.ts';
import type { LibraryFile } from '../model/machine.ts';
import type { Policy } from '../policy/index.ts';
import { type Finding, failed, notChecked, ok, type Say, sentenceOf, warning } from './finding.ts';
import { checkLibrary } from './policy.ts';

const ENTRA = 'Entra';
const ROLES = 'Entra roles';
const CHECK = 'Defender';
const LIVE = 'Defender live response';
const LIBRARY = 'Policy and library';

/** Application permissions of WindowsDefenderATP: what each is for, and the ids by which they are granted. */
const NEEDED = [
  {
    name: 'Machine.LiveResponse',
    id: '1629b959-c0af-42a1-92f0-f6162060bdf1',
    enough: ['Machine.LiveResponse'],
    reason: 'starting and cancelling live responses',
  },
  {
    name: 'Machine.Read.All',
    id: 'ea8291d3-4b9a-44b5-bc3a-6cea3026dc79',
    enough: ['Machine.Read.All', 'Machine.ReadWrite.All'],
    reason: 'finding machines, following actions, opening results',
  },
  {
    name: 'Library.Manage',
    id: '41d209c7-2511-4fc9-b899-8008a3976f09',
    enough: ['Library.Manage'],
    reason: 'reading the library and its digests',
  },
];

/** Looks at sign-in, roles, reads, the permission to run, and the policy against the library. */
export async function checkDefender(
  defender: DefenderCheck,
  config: DefenderConfig,
  policy: Policy | null,
  say: Say,
): Promise<void> {
  for (const finding of addressesOf(config)) say(finding);
  let roles: string[];
  try {
    roles = await defender.roles();
  } catch (error) {
    say(troubleWith(ENTRA, error));
    for (const check of [ROLES, CHECK, LIVE, LIBRARY]) say(notChecked(check, 'there is no token for Defender'));
    return;
  }
  say(ok(ENTRA, 'gives a token for Defender.'));
  tellRoles(roles, config, say);
  const answers = await Promise.all([
    readMachines(defender),
    probe(defender, portalOf(config.apiUrl)),
    readLibrary(defender, policy),
  ]);
  for (const finding of answers.flat()) say(finding);
}

/**
 * Addresses that don't belong together. The token is made out to the old host whatever address of the commercial cloud is called;
 * Entra also gives one for the new host, and Defender then answers 403.
 */
export function addressesOf({ apiUrl, scope, loginUrl }: DefenderConfig): Finding[] {
  const { hostname } = new URL(apiUrl);
  if (isLoopback(hostname)) return [];
  const government = hostname.endsWith('.us');
  const audience = scope.replace(/\/\.default$/, '');
  const fits = government
    ? new URL(audience).hostname.endsWith('.securitycenter.microsoft.us')
    : COMMERCIAL_AUDIENCES.includes(audience);
  const right = government ? `https://${hostname}/.default` : `${COMMERCIAL_AUDIENCES[0]}/.default`;
  const login = hostname.startsWith('api-gov.') ? 'login.microsoftonline.us' : 'login.microsoftonline.com';
  const signsInThere = isLoopback(new URL(loginUrl).hostname) || new URL(loginUrl).hostname === login;
  return [
    ...(fits
      ? []
      : [
          warning(
            ENTRA,
            `DEFENDER_SCOPE: ${scope} isn't known to be good for ${hostname}; Defender answers 403 to tokens for another audience.`,
            `Set it to ${right}.`,
          ),
        ]),
    ...(signsInThere
      ? []
      : [warning(ENTRA, `DEFENDER_LOGIN_URL: ${hostname} belongs to another cloud.`, `Set it to https://${login}.`)]),
  ];
}

const COMMERCIAL_AUDIENCES = [
  'https://api.securitycenter.microsoft.com',
  'https://securitycenter.onmicrosoft.com/windowsatpservice',
];

function tellRoles(roles: readonly string[], { credential }: DefenderConfig, say: Say): void {
  const missing = NEEDED.filter(({ enough }) => !roles.some((role) => enough.includes(role)));
  for (const { name, id, reason } of missing) {
    const where =
      credential.kind === 'managed_identity'
        ? `Assign the role ${id} of WindowsDefenderATP to the identity's service principal (docs/defender.md)`
        : `In Entra, App registrations, API permissions, add ${name} (${id}) of WindowsDefenderATP as an application permission and grant admin consent`;
    say(failed(ROLES, `the token lacks ${name}: ${reason}.`, `${where}; it takes a minute to count.`));
  }
  if (missing.length === 0) say(ok(ROLES, `the token has ${roles.join(', ')}.`));
}

async function readMachines(defender: DefenderCheck): Promise<Finding[]> {
  try {
    if (await defender.anyMachine()) return [ok(CHECK, 'shows machines.')];
    const mend = 'Onboard machines; if there are some in the portal, check DEFENDER_TENANT_ID.';
    return [warning(CHECK, 'shows no machine at all.', mend)];
  } catch (error) {
    return [troubleWith(CHECK, error, 'machines: ')];
  }
}

async function probe(defender: DefenderCheck, portal: string): Promise<Finding[]> {
  try {
    return [tellProbe(await defender.liveResponse(), portal)];
  } catch (error) {
    return [troubleWith(LIVE, error)];
  }
}

function tellProbe(probe: Probe, portal: string): Finding {
  switch (probe.verdict) {
    case 'allowed':
      return ok(LIVE, 'is allowed: asked about a machine that can’t exist, Defender looked for it.');
    case 'refused':
      if (probe.code === 'DisabledFeature')
        return failed(
          LIVE,
          'is switched off in the tenant (DisabledFeature).',
          `Switch it on at ${portal}, Settings, Endpoints, Advanced features; servers have a switch of their own.`,
        );
      return failed(LIVE, withoutDoctor(probe.message), 'docs/defender.md tells what is needed where.');
    case 'foreign': {
      const what = `nothing is proved. Something answered ${probe.status} that isn't Defender: it is no JSON.`;
      return failed(LIVE, what, 'Check DEFENDER_API_URL, and proxies on the way.');
    }
    case 'unknown':
      return warning(LIVE, `nothing is proved. ${probe.message}`, 'Look again in a minute.');
    case 'accepted': {
      const action = probe.action === null ? '' : ` It answered with the machine action ${probe.action}.`;
      const what = `Defender took a request for a machine that can't exist.${action}`;
      return failed(LIVE, what, 'Look into the Action center, and tell us: that was never seen.');
    }
  }
}

async function readLibrary(defender: DefenderCheck, policy: Policy | null): Promise<Finding[]> {
  let library: LibraryFile[];
  try {
    library = await defender.library();
  } catch (error) {
    return [troubleWith(CHECK, error, 'library: '), notChecked(LIBRARY, 'the library can’t be read')];
  }
  const found: Finding[] = [tellLibrary(library)];
  if (policy === null) found.push(notChecked(LIBRARY, 'the policy can’t be read'));
  else checkLibrary(policy, library, (finding) => void found.push(finding));
  return found;
}

function tellLibrary(library: readonly LibraryFile[]): Finding {
  if (library.length > 0)
    return ok(CHECK, `shows the library: ${library.length} ${library.length === 1 ? 'file' : 'files'}.`);
  return warning(CHECK, 'the library is empty, so no script can be run.', 'Upload scripts in the portal.');
}

/** Who reads this has just asked doctor. */
const withoutDoctor = (message: string): string => message.replace(` ${SEE_DOCTOR}`, '');

function troubleWith(check: string, error: unknown, where = ''): Finding {
  const message = withoutDoctor(`${where}${sentenceOf(error)}`);
  const code = error instanceof DefenderError ? error.code : null;
  if (error instanceof DefenderError && error.trouble) return failed(check, message, 'Look again in a minute.');
  if (code === 'defender_throttled') return warning(check, message, 'Look again in a minute.');
  if (code === 'defender_unreachable') {
    return failed(
      check,
      message,
      'The bot needs a direct way to Microsoft’s addresses in docs/defender.md; proxies are not used.',
    );
  }
  return failed(check, message, 'docs/defender.md tells what is needed where.');
}
