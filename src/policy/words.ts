import type { Platform } from '../model/person.ts';
import type { NameOf } from './context.ts';
import { isSame, peopleOf } from './people.ts';
import type { PersonId, Policy } from './policy.ts';

const MOST_NAMES = 5;

/** How the platforms are called. */
export const PLATFORM_NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams' };

/** Groups and, where names are known, their people: `leads (Lea Lead, Leo Lead)`; several lists: who is in each. */
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
  const more = people.length - Math.min(names.length, MOST_NAMES);
  return `${groups} (${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}

/** `1 approval`, `2 approvals`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
