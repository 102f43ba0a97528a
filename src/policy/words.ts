import type { Platform } from '../model/person.ts';
import type { NameOf } from './context.ts';
import { peopleKnown } from './directory-groups.ts';
import { peopleOf, rightsKey } from './people.ts';
import type { PersonId, Policy } from './policy.ts';

const MOST_NAMES = 5;

/** How the platforms are called. */
export const PLATFORM_NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };

/** How the groups of their directories are called. */
export const DIRECTORY_GROUPS: Record<Platform, string> = { slack: 'Slack user groups', teams: 'Entra groups' };

/**
 * Groups and, where names are known, their people: `leads (Lea Lead, Leo Lead)`; several lists: who is in each. Where a group also
 * takes its people from a directory, the names are some of them: `leads (among them Lea Lead)`.
 */
export function groupWords(
  policy: Policy,
  lists: readonly (readonly string[])[],
  platform: Platform,
  options: { nameOf?: NameOf | undefined; except?: PersonId | null } = {},
): string {
  const groups = lists.map((names) => names.join(' or ')).join(', and also in ');
  const except = options.except ? rightsKey(options.except) : null;
  const people = peopleOf(policy, lists, platform).filter((person) => rightsKey(person) !== except);
  const names = firstNames(people, options.nameOf);
  if (names.length === 0) return groups;
  const shown = names.join(', ');
  if (!peopleKnown(policy, lists, platform)) return `${groups} (among them ${shown})`;
  const more = people.length - names.length;
  return `${groups} (${shown}${more > 0 ? ` and ${more} more` : ''})`;
}

function firstNames(people: readonly PersonId[], nameOf: NameOf | undefined): string[] {
  if (nameOf === undefined) return [];
  const names: string[] = [];
  for (const person of people) {
    const name = nameOf(person);
    if (name !== null) names.push(name);
    if (names.length === MOST_NAMES) break;
  }
  return names;
}

/** `1 approval`, `2 approvals`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
