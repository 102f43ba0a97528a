import type { SlackCheck } from '../chat/slack/self-check.ts';
import { ChatError } from '../errors.ts';
import { type Policy, userGroupsOf } from '../policy/index.ts';
import { type Finding, failed, notChecked, ok, type Say, sentenceOf, warning } from './finding.ts';

const CHECK = 'Slack';
const SOCKET = 'Slack Socket Mode';
const SCOPES = 'Slack scopes';
const CHANNEL = 'Slack channel';
const GROUP = 'Slack user group';
/** Needed only where the policy trusts user groups. */
const READS_GROUPS = 'usergroups:read';
const AGAIN = 'In the app at api.slack.com paste the manifest anew, then Install App again.';

type Scopes = Readonly<Record<string, { reason: string; vital: boolean }>>;

/** Looks at token, scopes and channels. `policy`: null where it can't be read. */
export async function checkSlack(slack: SlackCheck, scopes: Scopes, policy: Policy | null, say: Say): Promise<void> {
  let account: Awaited<ReturnType<SlackCheck['account']>>;
  try {
    account = await slack.account();
  } catch (error) {
    return say(troubleWith(CHECK, error));
  }
  say(ok(CHECK, `accepts the token; workspace ${account.workspace}.`));
  await tellDelivery(slack, say);
  const groups = policy === null ? [] : userGroupsOf(policy);
  tellScopes(account.scopes, needed(scopes, groups.length > 0), say);
  if (policy === null) return say(notChecked(CHANNEL, 'the policy can’t be read'));
  const found = await Promise.all(policy.channels.slack.map((id) => lookAt(slack, id)));
  for (const finding of found.flat()) say(finding);
  if (groups.length > 0 && account.scopes?.includes(READS_GROUPS) === false) {
    return say(notChecked(GROUP, 'the bot may not read user groups'));
  }
  for (const finding of await Promise.all(groups.map((id) => lookAtGroup(slack, id)))) say(finding);
}

/** By which way deliveries come, and whether that can work. */
async function tellDelivery({ connection }: SlackCheck, say: Say): Promise<void> {
  if (connection === null) {
    return say(
      ok(CHECK, 'the signing secret can’t be tried from here: it shows when the first command gets an answer.'),
    );
  }
  try {
    await connection();
    say(ok(SOCKET, 'Slack accepts the app-level token and offers a connection.'));
  } catch (error) {
    say(troubleWith(SOCKET, error));
  }
}

function needed(scopes: Scopes, groups: boolean): Scopes {
  return groups ? scopes : Object.fromEntries(Object.entries(scopes).filter(([name]) => name !== READS_GROUPS));
}

function tellScopes(granted: readonly string[] | null, scopes: Scopes, say: Say): void {
  if (granted === null) {
    say(warning(SCOPES, 'Slack didn’t say which scopes the token has.', 'Compare them with docs/slack.md.'));
    return;
  }
  const missing = Object.entries(scopes).filter(([name]) => !granted.includes(name));
  for (const [name, { reason, vital }] of missing) {
    const what = `the token lacks ${name}: ${reason}.`;
    say(vital ? failed(SCOPES, what, AGAIN) : warning(SCOPES, what, AGAIN));
  }
  if (missing.length === 0) say(ok(SCOPES, `all ${Object.keys(scopes).length} are there.`));
}

async function lookAtGroup(slack: SlackCheck, id: string): Promise<Finding> {
  try {
    switch (await slack.userGroup(id)) {
      case 'there':
        return ok(GROUP, `${id} is there and has people.`);
      case 'empty':
        return warning(GROUP, `${id} has nobody in it, so nobody has a right through it.`, 'Add people in Slack.');
      case 'missing':
        return failed(
          GROUP,
          `${id}: the workspace has no such user group, or it is disabled.`,
          'Enable it in Slack, or take its id into the policy: People & user groups, the group, ⋮, Copy group ID.',
        );
      case 'unpaid':
        return failed(
          GROUP,
          `${id}: the workspace’s plan has no user groups.`,
          'List people by user id in the policy.',
        );
    }
  } catch (error) {
    return troubleWith(GROUP, error, `${id}: `);
  }
}

async function lookAt(slack: SlackCheck, id: string): Promise<Finding[]> {
  try {
    const channel = await slack.channel(id);
    if (channel === null) {
      const what = `${id}: there is no such channel, or it is private and the bot isn't in it.`;
      return [failed(CHANNEL, what, 'Type /invite @Live Response in it, or correct the id in the policy.')];
    }
    const name = `${id} (${channel.name})`;
    if (channel.archived) {
      return [failed(CHANNEL, `${name} is archived.`, 'Unarchive it, or name another in the policy.')];
    }
    if (!channel.member) {
      return [failed(CHANNEL, `${name}: the bot isn't in it.`, 'Type /invite @Live Response in it.')];
    }
    return [
      ok(CHANNEL, `${name}: the bot is in it.`),
      ...(channel.shared
        ? [
            warning(
              CHANNEL,
              `${name} is shared with another organisation, so output is never shown there.`,
              'Take a channel of your own for live responses.',
            ),
          ]
        : []),
    ];
  } catch (error) {
    return [troubleWith(CHANNEL, error, `${id}: `)];
  }
}

/** The same for everything that is asked of Slack. */
export function troubleWith(check: string, error: unknown, where = ''): Finding {
  if (error instanceof ChatError && error.code === 'chat_throttled') {
    return warning(check, `${where}Slack wants a pause.`, 'Look again in a minute.');
  }
  if (error instanceof ChatError && (error.code === 'chat_unreachable' || error.code === 'chat_unclear')) {
    const mend = 'The bot needs a direct way to https://slack.com; proxies are not used.';
    return failed(check, `${where}Slack gives no answer.`, mend);
  }
  return failed(check, `${where}${sentenceOf(error)}`, 'docs/slack.md tells what is needed where.');
}
