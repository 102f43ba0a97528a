import type { Platform } from '../model/person.ts';
import type { Terms } from '../model/request.ts';
import type { Group, Members, PersonId, Policy } from './policy.ts';

type Lists = readonly (readonly string[])[];

const NOT_LISTED: Members = new Map();

/** A person's key by which rights are given: Entra ids come in either case, Slack's are exact. */
export function rightsKey(person: PersonId): string {
  return `${person.platform}:${idOf(person)}`;
}

/** Whether two ids are one person, to be used where it decides about rights. */
export function isSame(a: PersonId, b: PersonId): boolean {
  return rightsKey(a) === rightsKey(b);
}

/**
 * Whether the person is in one of the groups: by user id, or by a group of their platform's directory that they were found in. A
 * group that doesn't exist (any more) has nobody in it.
 */
export function isMember(policy: Policy, groupNames: readonly string[], person: PersonId): boolean {
  const id = idOf(person);
  // Thousands of people may be looked through for a sentence; most were found in no group of a directory.
  const foundIn = person.groups === undefined || person.groups.length === 0 ? null : foundInGroups(person);
  return groupNames.some((name) => {
    const group = policy.groups.get(name);
    if (group === undefined) return false;
    return (
      group.users[person.platform].has(id) ||
      (foundIn !== null && directoryGroups(policy, group, person.platform).some((one) => foundIn.has(one)))
    );
  });
}

/** Whether the person is in a group of every list. No list at all is a right of nobody. */
export function satisfies(policy: Policy, lists: Lists, person: PersonId): boolean {
  return lists.length > 0 && lists.every((names) => isMember(policy, names, person));
}

/** Whether the person may ask for anything. */
export function mayRequest(policy: Policy, person: PersonId): boolean {
  return isMember(policy, policy.requesters, person);
}

/** Whether the person may approve anything at all; which request, its terms say. */
export function mayApprove(policy: Policy, person: PersonId): boolean {
  return isMember(policy, policy.approvers, person);
}

/** Whether the person gets answers about machines, library, requests and results. */
export function mayRead(policy: Policy, person: PersonId): boolean {
  return mayRequest(policy, person) || mayApprove(policy, person);
}

/** Whether the person may approve a request with these terms: a listed approver, also by today's policy. */
export function mayApproveTerms(policy: Policy, terms: Pick<Terms, 'approverGroups'>, person: PersonId): boolean {
  return mayApprove(policy, person) && satisfies(policy, terms.approverGroups, person);
}

/**
 * Who may approve under these terms on this platform, without `except` (the requester), as far as they are known by id or listed
 * in `members`. `approversKnown` tells whether that is everybody.
 */
export function approversFor(
  policy: Policy,
  terms: Pick<Terms, 'approverGroups'>,
  platform: Platform,
  except: PersonId | null = null,
  members: Members = NOT_LISTED,
): PersonId[] {
  return peopleOf(policy, [policy.approvers, ...terms.approverGroups], platform, members).filter(
    (person) => except === null || !isSame(person, except),
  );
}

/** The people of a platform who are in a group of every list, as far as they are known by id or listed in `members`. */
export function peopleOf(policy: Policy, lists: Lists, platform: Platform, members: Members = NOT_LISTED): PersonId[] {
  const people = new Map<string, PersonId>();
  const demands = shortest(lists);
  for (const name of demands[0] ?? [])
    for (const id of policy.groups.get(name)?.users[platform] ?? []) people.set(id, { platform, id });
  for (const [group, listed] of members)
    for (const { id } of listed) {
      const person: PersonId = { platform, id };
      const groups = people.get(idOf(person))?.groups ?? [];
      people.set(idOf(person), { ...person, groups: [...groups, group] });
    }
  return [...people.values()].filter((person) => satisfies(policy, demands, person));
}

/** The same demand with fewer lists: one that another list already implies is left out. */
export function shortest(lists: Lists): string[][] {
  const sets = lists.map((names) => [...new Set(names)].toSorted());
  return sets.filter((names, index) => {
    return !sets.some(
      (other, at) =>
        at !== index && other.every((name) => names.includes(name)) && (other.length < names.length || at < index),
    );
  });
}

/** The groups of a platform's directory through which people are in this group: Entra groups, Slack user groups where trusted. */
export function directoryGroups(policy: Policy, group: Group, platform: Platform): readonly string[] {
  if (platform === 'teams') return group.entraGroups;
  return policy.trustUserGroups ? group.userGroups : [];
}

function foundInGroups({ platform, groups = [] }: PersonId): ReadonlySet<string> {
  return new Set(platform === 'teams' ? groups.map((group) => group.toLowerCase()) : groups);
}

function idOf(person: PersonId): string {
  return person.platform === 'teams' ? person.id.toLowerCase() : person.id;
}
