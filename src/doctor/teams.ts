import type { TeamsCheck } from '../chat/teams/self-check.ts';
import { ChatError, EntraError } from '../errors.ts';
import { entraGroupsOf, type Policy } from '../policy/index.ts';
import { type Finding, failed, notChecked, ok, type Say, sentenceOf, warning } from './finding.ts';

const CHECK = 'Teams';
const GRAPH = 'Graph';
const GROUP = 'Entra group';
const CHANNEL = 'Teams channel';

/** Each permission with its role id and those that contain it (learn.microsoft.com: Microsoft Graph permissions reference). */
const READS_USERS = {
  name: 'User.Read.All',
  id: 'df021288-bdef-4463-88db-98f22de89214',
  enough: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
};
const READS_GROUPS = {
  name: 'GroupMember.Read.All',
  id: '98830695-27a2-44f7-8c18-0c3ebc9698f6',
  enough: [
    ...['GroupMember.Read.All', 'GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All'],
    ...['Directory.Read.All', 'Directory.ReadWrite.All'],
  ],
};
type Permission = typeof READS_USERS;

/** Looks at sign-in, keys, directory and channels. `heard`: whether what the bot remembers could be read. */
export async function checkTeams(
  teams: TeamsCheck,
  policy: Policy | null,
  heard: Promise<boolean>,
  say: Say,
): Promise<void> {
  // All at once, told in this order.
  const parts = [lookAtBot(teams, policy, heard), lookAtKeys(teams), lookAtGraph(teams, policy)];
  for (const part of parts) for (const finding of await part) say(finding);
}

async function lookAtBot(teams: TeamsCheck, policy: Policy | null, heard: Promise<boolean>): Promise<Finding[]> {
  try {
    await teams.signIn();
  } catch (error) {
    return [troubleWith(CHECK, error)];
  }
  const signedIn = ok(CHECK, 'Microsoft Entra gives the bot a token for the Bot Framework.');
  if (policy === null) return [signedIn, notChecked(CHANNEL, 'the policy can’t be read')];
  const couldRead = await heard;
  const channels = await Promise.all(policy.channels.teams.map((id) => lookAt(teams, id, couldRead)));
  return [signedIn, ...channels.flat()];
}

async function lookAtKeys(teams: TeamsCheck): Promise<Finding[]> {
  const mend = 'The bot needs a direct way to https://login.botframework.com; proxies are not used.';
  try {
    if (await teams.keys()) return [ok(CHECK, 'the keys of the Bot Framework can be fetched.')];
    return [failed(CHECK, 'where the keys of the Bot Framework should be, something else answers.', mend)];
  } catch (error) {
    return [failed(CHECK, `the keys of the Bot Framework can't be fetched. ${sentenceOf(error)}`, mend)];
  }
}

async function lookAtGraph(teams: TeamsCheck, policy: Policy | null): Promise<Finding[]> {
  let roles: string[];
  try {
    roles = await teams.graphRoles();
  } catch (error) {
    return [troubleWith(GRAPH, error)];
  }
  const groups = policy === null ? [] : entraGroupsOf(policy);
  const permissions = rolesIn(roles, groups.length > 0);
  if (groups.length > 0 && !has(roles, READS_GROUPS)) {
    return [...permissions, notChecked(GROUP, 'the bot may not read groups')];
  }
  return [...permissions, ...(await Promise.all(groups.map((group) => lookAtGroup(teams, group))))];
}

const has = (roles: readonly string[], { enough }: Permission): boolean => roles.some((role) => enough.includes(role));

function rolesIn(roles: readonly string[], groups: boolean): Finding[] {
  const lacking = [READS_USERS, ...(groups ? [READS_GROUPS] : [])].filter((permission) => !has(roles, permission));
  if (lacking.length > 0) return lacking.map((permission) => lacks(permission, groups));
  const all = groups
    ? 'the bot may read people and groups.'
    : 'the bot may read people; the policy has no entraGroups, which would need GroupMember.Read.All too.';
  return [ok(GRAPH, all)];
}

function lacks({ name, id }: Permission, needed: boolean): Finding {
  const mend = `Grant the application permission ${name} (${id}) of Microsoft Graph, with admin consent; it takes a minute.`;
  if (needed) {
    return failed(
      GRAPH,
      `the token lacks ${name}: without it nobody gets a right through the policy's entraGroups.`,
      mend,
    );
  }
  return warning(GRAPH, `the token lacks ${name}: deactivated accounts aren't recognised without it.`, mend);
}

async function lookAtGroup(teams: TeamsCheck, id: string): Promise<Finding> {
  try {
    const found = await teams.group(id);
    if (found === 'there') return ok(GROUP, `${id} is there and has people.`);
    if (found === 'empty')
      return warning(GROUP, `${id} shows nobody in it.`, 'Add people, or take a group whose members aren’t hidden.');
    if (found === 'missing') {
      return failed(GROUP, `${id}: the tenant has no such group.`, 'Take its Object Id from Entra into the policy.');
    }
    return failed(GROUP, `${id}: Microsoft Graph answers ${found.status}.`, 'docs/teams.md names the permissions.');
  } catch (error) {
    return troubleWith(GROUP, error, `${id}: `);
  }
}

async function lookAt(teams: TeamsCheck, id: string, couldRead: boolean): Promise<Finding[]> {
  try {
    const channel = await teams.channel(id);
    if (channel === 'unheard') return [unheard(id, couldRead)];
    const name = channel.name === null ? id : `${id} (#${channel.name})`;
    const shared = `${name} has people of other organisations in it, so output is never shown there.`;
    return [
      ok(CHANNEL, `${name}: the bot is in it.`),
      ...(channel.shared ? [warning(CHANNEL, shared, 'Take a channel of your own for live responses.')] : []),
    ];
  } catch (error) {
    return [troubleWith(CHANNEL, error, `${id}: `)];
  }
}

/** Where Teams is reached is learned from what comes in; `couldRead`: whether what was learned could be looked at. */
export function unheard(id: string, couldRead: boolean): Finding {
  if (couldRead) {
    const what = `${id}: Teams hasn't spoken to the bot yet, so nobody knows where to reach it.`;
    return warning(CHANNEL, what, 'Mention the bot once in the channel: @Live Response whoami.');
  }
  const what = `${id}: where Teams is reached stands in the database, which couldn't be read.`;
  return warning(CHANNEL, what, 'See what stands at Database; GET /readyz tells how a running bot is.');
}

/** The same for everything that is asked of Teams and Graph. */
export function troubleWith(check: string, error: unknown, where = ''): Finding {
  if (error instanceof ChatError && error.code === 'chat_unreachable') {
    const mend = 'The bot needs a direct way to Microsoft’s addresses in docs/teams.md; proxies are not used.';
    return failed(check, `${where}Teams gives no answer.`, mend);
  }
  if (error instanceof ChatError && (error.code === 'chat_gone' || error.code === 'chat_blocked')) {
    const mend = 'Add the app to the team (private channels: to the channel too), or correct the id in the policy.';
    return failed(check, `${where}there is no such channel, or the app isn't in its team.`, mend);
  }
  if (error instanceof ChatError && error.code === 'chat_throttled') {
    return warning(check, `${where}Teams wants a pause.`, 'Look again in a minute.');
  }
  const mend =
    error instanceof EntraError && error.code === 'entra_unreachable'
      ? 'The bot needs a direct way to https://login.microsoftonline.com; proxies are not used.'
      : 'docs/teams.md tells what is needed where.';
  return failed(check, `${where}${sentenceOf(error)}`, mend);
}
