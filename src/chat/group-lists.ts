import type { Listing, Log } from '../flow/ports.ts';
import type { Platform } from '../model/person.ts';

/** People of the groups that the policy takes from a platform's directory, listed in the background: for mentions and names, never for rights. */
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

/** Creates the lists, empty. */
export function createGroupLists(deps: {
  platform: Platform;
  /** The groups on which the policy rests now. */
  groups: () => readonly string[];
  /** Members at home in a group; null: too many to call them by their names. */
  membersOf: (group: string) => Promise<readonly { id: string; name: string }[] | null>;
  log: Log;
  lookEvery?: number;
}): GroupLists {
  const { platform } = deps;
  let lists: Listing = new Map();
  /** Asked for with an answer, those with too many people too. */
  let answered: ReadonlySet<string> = new Set();
  let freshUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<void> {
    const groups = deps.groups();
    const same = groups.length === answered.size && groups.every((group) => answered.has(group));
    if (same && Date.now() < freshUntil) return;
    const found = new Map<string, readonly { id: string; name: string }[] | null>();
    for (const group of groups) {
      if (stopped) return;
      try {
        found.set(group, await deps.membersOf(group));
      } catch (error) {
        deps.log.warn({ platform, error }, 'A group of the policy could not be listed');
      }
    }
    answered = new Set(found.keys());
    lists = new Map([...found].flatMap(([group, people]) => (people === null ? [] : [[group, people.map(person)]])));
    freshUntil = Date.now() + EVERY;
  }

  const person = ({ id, name }: { id: string; name: string }) => ({ platform, id, name });

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
