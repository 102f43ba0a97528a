import type { Platform } from '../model/person.ts';
import type { NameOf } from './context.ts';
import { peopleKnown } from './entra-groups.ts';
import { isSame, peopleOf } from './people.ts';
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
  const people = peopleOf(policy, lists, platform).filter(
    (person) => !(options.except && isSame(person, options.except)),
  );
  const names = people.flatMap((person) => options.nameOf?.(person) ?? []);
  if (names.length === 0) return groups;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  if (!peopleKnown(policy, lists, platform)) return `${groups} (among them ${shown})`;
  const more = people.length - Math.min(names.length, MOST_NAMES);
  return `${groups} (${shown}${more > 0 ? ` and ${more} more` : ''})`;
}

/** `1 approval`, `2 approvals`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
