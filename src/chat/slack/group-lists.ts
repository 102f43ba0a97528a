import type { Log } from '../../flow/ports.ts';
import { createGroupLists as createLists, type GroupLists } from '../group-lists.ts';
import type { Identify } from './identify.ts';
import type { UserGroups } from './user-groups.ts';

/** A larger group is not called by its people: Slack tells their names one by one. */
const MOST = 20;

/** Creates the lists of the policy's Slack user groups, empty. */
export function createGroupLists(deps: {
  members: UserGroups;
  identify: Identify;
  userGroups: () => readonly string[];
  log: Log;
}): GroupLists {
  const { members, identify, userGroups: groups, log } = deps;

  async function membersOf(group: string): Promise<{ id: string; name: string }[] | null> {
    const ids = await members.membersOf(group);
    if (ids.size > MOST) return null;
    const people: { id: string; name: string }[] = [];
    for (const id of ids) {
      const { standing, name } = await identify.account({ id, tenant: '' }, { fresh: false });
      if (standing === 'member') people.push({ id, name });
    }
    return people;
  }

  return createLists({ platform: 'slack', groups, membersOf, log });
}
