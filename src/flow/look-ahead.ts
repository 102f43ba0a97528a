import { DefenderError } from '../errors.ts';
import type { LibraryFile, Machine } from '../model/machine.ts';
import type { Run, Time } from '../model/request.ts';
import type { Deps } from './deps.ts';
import type { MachineAction } from './ports.ts';

/** Runs that are looked at together: as many as may leave in a minute by Defender's own limit. */
const AT_ONCE = 10;
/** What was seen of a machine counts for so long, and for one run; what was seen of the library for all runs in this time. Milliseconds. */
const COUNTS_FOR = 30_000;
const LIBRARY_COUNTS_FOR = 3_000;
/** A machine's tags and group decide by which rule it is judged, so for sending they must be younger; one list for all is no more reads. */
const MACHINES_COUNT_FOR = 10_000;
/** So much earlier than it stood in line an action of a run may have been created by another clock. */
const EARLIER = 10 * 60_000;
/** Where Defender takes no such questions, each run is looked at alone; that is tried again after so long. */
const REFUSED_FOR = 10 * 60_000;
const REFUSALS = new Set<string>(['defender_refused', 'defender_not_found', 'defender_unexpected']);

/** What was seen ahead of several runs. */
interface Ahead {
  at: Time;
  since: Time;
  /** Runs that have not made use of it yet. */
  runs: Set<string>;
  actions: MachineAction[];
  ids: string[];
  machines: Map<string, Machine>;
  machinesAt: Time;
}

interface Kept {
  ahead: Ahead | null;
  library: { at: Time; files: LibraryFile[] } | null;
  refusedUntil: Time;
  /** Whether the refusal was said: once is enough, until it is over. */
  said: boolean;
}

const kept = new WeakMap<Deps, Kept>();

/**
 * For a run that was never tried, and others behind it in line: the same parts, with a Defender that was asked about all of them in one
 * call each. One by one, ten runs a minute would take more reads than Defender allows in an hour, and the line would stand still.
 * What was tried before is looked at alone and at once: an attempt may have left something a moment ago.
 */
export async function lookAhead(deps: Deps, run: Run): Promise<Deps> {
  if (run.attempt > 0 || run.settledBy !== null) return deps;
  const mine = kept.get(deps) ?? { ahead: null, library: null, refusedUntil: 0, said: false };
  kept.set(deps, mine);
  const now = deps.clock.now();
  if (!covers(mine.ahead, run, now)) mine.ahead = now < mine.refusedUntil ? null : await readOrNot(deps, mine);
  const { ahead } = mine;
  if (!ahead?.runs.delete(run.id)) return deps;
  return { ...deps, defender: seenAhead(deps, mine, ahead) };
}

function covers(ahead: Ahead | null, run: Run, now: Time): boolean {
  return ahead?.runs.has(run.id) === true && now >= ahead.at && now - ahead.at < COUNTS_FOR;
}

async function readOrNot(deps: Deps, mine: Kept): Promise<Ahead | null> {
  try {
    const ahead = await read(deps);
    if (ahead !== null) mine.said = false;
    return ahead;
  } catch (error) {
    if (!(error instanceof DefenderError) || !REFUSALS.has(error.code)) throw error;
    mine.refusedUntil = deps.clock.now() + REFUSED_FOR;
    if (!mine.said) {
      const message = 'Defender does not list by several machines; runs in line are looked at one by one';
      deps.log.warn({ code: error.code }, message);
    }
    mine.said = true;
    return null;
  }
}

/** Null where there is nobody else in line: then one look costs no more than these. */
async function read(deps: Deps): Promise<Ahead | null> {
  const at = deps.clock.now();
  const line = await deps.store.dispatchable(at, AT_ONCE);
  const runs = line.filter(({ attempt, settledBy }) => attempt === 0 && settledBy === null);
  if (runs.length < 2) return null;
  const ids = runs.map(({ machine }) => machine.id);
  const since = Math.min(...runs.map(({ queuedAt }) => queuedAt ?? at)) - EARLIER;
  const actions = await deps.defender.actionsOn(ids, since);
  return {
    at,
    since,
    runs: new Set(runs.map(({ id }) => id)),
    actions,
    ids,
    ...(await machinesOf(deps.defender, deps.clock, ids)),
  };
}

/** The machines as they are now; the time is that of asking. */
async function machinesOf(
  defender: Deps['defender'],
  clock: Deps['clock'],
  ids: readonly string[],
): Promise<Pick<Ahead, 'machines' | 'machinesAt'>> {
  const machinesAt = clock.now();
  const found = await defender.machinesBy(ids, 'run');
  return { machinesAt, machines: new Map(found.map((machine) => [machine.id.toLowerCase(), machine])) };
}

/** Answers from what was seen; what wasn't asked then is asked now. */
function seenAhead(deps: Deps, mine: Kept, ahead: Ahead): Deps['defender'] {
  const { defender, clock } = deps;
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return {
    ...defender,
    async actionsOf(machineId, since) {
      if (since < ahead.since) return defender.actionsOf(machineId, since);
      return ahead.actions.filter(
        (action) => same(action.machineId, machineId) && (action.createdAt === null || action.createdAt >= since),
      );
    },
    async machine(id, options) {
      const age = clock.now() - ahead.machinesAt;
      if (options.fresh && (age < 0 || age >= MACHINES_COUNT_FOR)) {
        Object.assign(ahead, await machinesOf(defender, clock, ahead.ids));
      }
      return ahead.machines.get(id.toLowerCase()) ?? defender.machine(id, options);
    },
    async library(options) {
      const now = clock.now();
      const { library } = mine;
      if (library !== null && now >= library.at && now - library.at < LIBRARY_COUNTS_FOR) return library.files;
      const files = await defender.library(options);
      mine.library = { at: now, files };
      return files;
    },
  };
}
