import type { Log } from '../../flow/ports.ts';
import { createGroupLists as createLists, type GroupLists } from '../group-lists.ts';
import type { Graph } from './graph.ts';

export type { GroupLists } from '../group-lists.ts';

/** A larger group is not called by its people. */
const MOST = 200;

/** Creates the lists of the policy's Entra groups, empty. */
export function createGroupLists(deps: { graph: Graph; entraGroups: () => readonly string[]; log: Log }): GroupLists {
  const { graph, entraGroups: groups, log } = deps;
  return createLists({ platform: 'teams', groups, membersOf: (group) => graph.membersOf(group, MOST), log });
}
