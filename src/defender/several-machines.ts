import { isIP } from 'node:net';
import NodeCache from 'node-cache';
import { DefenderError } from '../errors.ts';
import type { Defender, Log, Purpose } from '../flow/ports.ts';
import type { Machine } from '../model/machine.ts';
import type { Api } from './http.ts';
import { literal, query, readAll } from './pages.ts';
import { machineShape } from './wire.ts';

type GroupOrTag = Parameters<Defender['machinesWith']>[0];

/** What was found for a tag or a group is kept for so many seconds. */
const KEEP = 60;
const PAGE = 500;
/** As many machines of one name as these pages hold are more than anybody could tell apart. */
const EXACT_PAGES = 3;
/** Names in one call: services of this kind take about a hundred parts in a filter, and each name takes eight. */
const NAMES_AT_ONCE = 8;
const CALLS_AT_ONCE = 4;
/** Where Defender takes no “or”, each name costs two reads: more names than these would cost everybody's minute. */
const NAMES_ONE_BY_ONE = 20;
/** That it takes none is remembered for so long. Milliseconds. */
const REFUSED_FOR = 10 * 60_000;
/** What stands for the health of machines that Defender has only heard of: no live response reaches them. */
const NOT_ONBOARDED = new Set(['canbeonboarded', 'unsupported', 'insufficientinfo']);
/** Documented: 404 where no machine fits. */
export const LENIENT = { none404: true, skipUnreadable: true };

/** Defender's ids are hexadecimal, mostly 40 digits; 32 are seen too. */
export const looksLikeId = (text: string) => /^[0-9a-f]{32,64}$/.test(text);

/** One look at machines. */
export const machineRead = (purpose: Purpose, options: Record<string, string | number>) =>
  ({ endpoint: 'machines', path: `/machines?${query(options)}`, purpose }) as const;

/** Machines by several names or ids, and all with a tag or of a device group. */
export interface SeveralMachines extends Pick<Defender, 'machinesBy' | 'machinesNamed' | 'machinesWith'> {
  /** All that fit a filter which few fit. */
  matching(filter: string, purpose: Purpose): Promise<Machine[]>;
  /** All with one of these names, whole or up to the first dot. */
  called(names: readonly string[], purpose: Purpose): Promise<Machine[]>;
  close(): void;
}

export function createSeveralMachines(deps: { api: Api; log: Log }): SeveralMachines {
  const cache = new NodeCache({ stdTTL: KEEP, useClones: false });
  /** Looks for a tag or a group that are under way: who asks for the same waits with them. */
  const looking = new Map<string, Promise<Machine[]>>();
  let oneByOneUntil = 0;

  const matching = (filter: string, purpose: Purpose) =>
    readAll(deps, machineRead(purpose, { $filter: filter, $top: PAGE }), machineShape, {
      ...LENIENT,
      pages: EXACT_PAGES,
    });

  const machinesBy = (ids: readonly string[], purpose: Purpose) => {
    const filter = `id in (${ids.map(literal).join(',')})`;
    return readAll(deps, machineRead(purpose, { $filter: filter, $top: PAGE }), machineShape, LENIENT);
  };

  async function called(names: readonly string[], purpose: Purpose): Promise<Machine[]> {
    const filters = names.flatMap((name) => [
      `computerDnsName eq ${literal(name)}`,
      `startswith(computerDnsName,${literal(`${name}.`)})`,
    ]);
    let refused = false;
    if (Date.now() >= oneByOneUntil) {
      try {
        return await matching(filters.join(' or '), purpose);
      } catch (error) {
        // No page says that machines may be asked for by “or”.
        if (!(error instanceof DefenderError) || error.code !== 'defender_refused') throw error;
        refused = true;
      }
    }
    const found = await Promise.all(filters.map((filter) => matching(filter, purpose)));
    // Only now is it sure that the “or” was what it refused.
    if (refused) oneByOneUntil = Date.now() + REFUSED_FOR;
    return once(found.flat());
  }

  /** A few calls at a time; the first one alone shows whether names can be asked for together. */
  async function allCalled(names: readonly string[], purpose: Purpose): Promise<Machine[]> {
    const calls: (readonly string[])[] = [];
    for (let at = 0; at < names.length; at += NAMES_AT_ONCE) calls.push(names.slice(at, at + NAMES_AT_ONCE));
    const found: Machine[] = [];
    for (let at = 0; at < calls.length; at += at === 0 ? 1 : CALLS_AT_ONCE) {
      if (Date.now() < oneByOneUntil && names.length > NAMES_ONE_BY_ONE) throw tooManyNames();
      const some = calls.slice(at, at === 0 ? 1 : at + CALLS_AT_ONCE);
      found.push(...(await Promise.all(some.map((call) => called(call, purpose)))).flat());
    }
    return found;
  }

  /** Groups can't be filtered by their names, so they are looked for among all machines. */
  async function alike({ by, is }: GroupOrTag, purpose: Purpose): Promise<Machine[]> {
    const filter = by === 'tag' ? { $filter: `machineTags/any(tag: tag eq ${literal(is)})` } : {};
    const wanted = is.toLowerCase();
    const keep = ({ group, health }: Machine) =>
      (by === 'tag' || group.toLowerCase() === wanted) && !NOT_ONBOARDED.has(health.toLowerCase());
    const found = await readAll(deps, machineRead(purpose, filter), machineShape, { ...LENIENT, keep });
    // While pages are read, one may move from one to the next.
    return once(found).sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  }

  return {
    matching,
    called,
    machinesBy,
    async machinesNamed(typed, purpose) {
      const names = [...new Set(typed.map((name) => name.toLowerCase()))];
      const ids = names.filter(looksLikeId);
      const byId = ids.length === 0 ? [] : await machinesBy(ids, purpose);
      const known = new Set(byId.map(({ id }) => id.toLowerCase()));
      const rest = names.filter((name) => !known.has(name) && isIP(name) === 0);
      return once([...byId, ...(await allCalled(rest, purpose))]);
    },
    async machinesWith(aim, purpose) {
      const key = `${aim.by}:${aim.by === 'group' ? aim.is.toLowerCase() : aim.is}`;
      const kept = cache.get<Machine[]>(key);
      if (kept !== undefined) return kept;
      // Who asks with another share of the reads is refused for other reasons.
      const question = `${purpose} ${key}`;
      const look = looking.get(question) ?? alike(aim, purpose).finally(() => looking.delete(question));
      looking.set(question, look);
      const found = await look;
      // Who has just set the tag tries again at once.
      if (found.length > 0) cache.set(key, found);
      return found;
    },
    close: () => cache.close(),
  };
}

function once(machines: readonly Machine[]): Machine[] {
  return [...new Map(machines.map((machine) => [machine.id.toLowerCase(), machine])).values()];
}

function tooManyNames(): DefenderError {
  return new DefenderError(
    'defender_refused',
    `Defender doesn’t look for several names at once here. Name ${NAMES_ONE_BY_ONE} machines at most, or use a tag or a device group.`,
  );
}
