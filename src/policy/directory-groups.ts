import type { Platform } from '../model/person.ts';
import type { Terms } from '../model/request.ts';
import { directoryGroups, isMember, shortest } from './people.ts';
import type { Members, PersonId, Policy } from './policy.ts';

const NOT_LISTED: Members = new Map();

/** The Entra groups that rights rest on, object ids in lower case, each once: about these a person is looked up, no others. */
export function entraGroupsOf(policy: Policy): string[] {
  return groupsThatCount(policy, 'teams');
}

/** The Slack user groups that rights rest on, each once; none where the policy doesn't trust such groups. */
export function userGroupsOf(policy: Policy): string[] {
  return groupsThatCount(policy, 'slack');
}

function groupsThatCount(policy: Policy, platform: Platform): string[] {
  const rules = [...policy.rules, policy.default];
  const names = [
    ...policy.requesters,
    ...policy.approvers,
    ...(policy.breakGlass?.allowed ?? []),
    ...rules.flatMap((rule) => [...(rule.requesters ?? []), ...(rule.approvers ?? [])]),
  ];
  return [...new Set(directoryGroupsIn(policy, names, platform))];
}

/** Whether the person may read, or could turn out to when their groups are asked for. */
export function couldRead(policy: Policy, person: PersonId): boolean {
  return couldSatisfy(policy, [[...policy.requesters, ...policy.approvers]], person);
}

/** Whether the person may ask for anything, or could turn out to when their groups are asked for. */
export function couldRequest(policy: Policy, person: PersonId): boolean {
  return couldSatisfy(policy, [policy.requesters], person);
}

/** Whether the person is in a group of every list, or could turn out to be when their groups are asked for. */
export function couldSatisfy(policy: Policy, lists: readonly (readonly string[])[], person: PersonId): boolean {
  return (
    lists.length > 0 && lists.every((names) => isMember(policy, names, person) || restsOnGroups(policy, names, person))
  );
}

/** Whether nobody has asked yet for groups of the directory through which the person could be in one of these groups. */
function restsOnGroups(policy: Policy, names: readonly string[], person: PersonId): boolean {
  return person.groups === undefined && directoryGroupsIn(policy, names, person.platform).length > 0;
}

/**
 * Whether all who may approve under these terms are known by id. Where a group that counts also takes its people from a directory,
 * `approversFor` names only some of them, and nobody can say who the others are unless `members` lists them.
 */
export function approversKnown(
  policy: Policy,
  terms: Pick<Terms, 'approverGroups'>,
  platform: Platform,
  members: Members = NOT_LISTED,
): boolean {
  return peopleKnown(policy, [policy.approvers, ...terms.approverGroups], platform, members);
}

/** Whether `peopleOf` names everybody who is in a group of every list. */
export function peopleKnown(
  policy: Policy,
  lists: readonly (readonly string[])[],
  platform: Platform,
  members: Members = NOT_LISTED,
): boolean {
  return directoryGroupsIn(policy, shortest(lists).flat(), platform).every((group) => members.has(group));
}

function directoryGroupsIn(policy: Policy, names: readonly string[], platform: Platform): string[] {
  return names.flatMap((name) => {
    const group = policy.groups.get(name);
    return group === undefined ? [] : directoryGroups(policy, group, platform);
  });
}
