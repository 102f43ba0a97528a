import type { Listing, Log } from '../../flow/ports.ts';
import type { Graph } from './graph.ts';

/** People of the policy's Entra groups, listed in the background: for mentions and names, never for rights. */
export interface GroupLists {
  listed(): Listing;
  /** Lists now and then. Returns at once. */
  start(): void;
  /** Resolves when no listing is under way. */
  stop(): Promise<void>;
}

/** Milliseconds. Who joins a group is mentioned a little later; they may approve at once. */
const EVERY = 10 * 60_000;
/** After trouble, and after a change of the policy's groups. */
const LOOK_EVERY = 30_000;
/** A larger group is not called by its people. */
const MOST = 200;

/** Creates the lists, empty. */
export function createGroupLists(deps: {
  graph: Graph;
  entraGroups: () => readonly string[];
  log: Log;
  lookEvery?: number;
}): GroupLists {
  let lists: Listing = new Map();
  let freshUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<void> {
    const groups = deps.entraGroups();
    const same = groups.length === lists.size && groups.every((group) => lists.has(group));
    if (groups.length === 0 || (same && Date.now() < freshUntil)) {
      if (groups.length === 0) lists = new Map();
      return;
    }
    const next = new Map<string, { platform: 'teams'; id: string; name: string }[]>();
    for (const group of groups) {
      if (stopped) return;
      try {
        const people = await deps.graph.membersOf(group, MOST);
        if (people !== null)
          next.set(
            group,
            people.map((one) => ({ platform: 'teams', ...one })),
          );
      } catch (error) {
        deps.log.warn({ platform: 'teams', error }, 'A group of the policy could not be listed');
      }
    }
    lists = next;
    freshUntil = Date.now() + EVERY;
  }

  function turn(): void {
    looking = look().finally(() => {
      if (!stopped) timer = setTimeout(turn, deps.lookEvery ?? LOOK_EVERY);
    });
  }

  return {
    listed: () => lists,
    start: turn,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
