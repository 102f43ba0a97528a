import { isIP } from 'node:net';
import NodeCache from 'node-cache';
import { DefenderError } from '../errors.ts';
import type { Defender, Log, Purpose } from '../flow/ports.ts';
import type { Machine } from '../model/machine.ts';
import type { Api } from './http.ts';
import { literal, query, readAll, readFirst } from './pages.ts';
import { machineShape } from './wire.ts';

type Options = Parameters<Defender['findMachines']>[1];
type GroupOrTag = Parameters<Defender['machinesWith']>[0];

/** Look-ups of machines, kept for so many seconds by query and by id. */
const KEEP = 60;
/** Longer than any DNS name: nothing to ask Defender about. */
const LONGEST = 255;
const PAGE = 500;
/** As many machines of one name as these pages hold are more than anybody could tell apart. */
const EXACT_PAGES = 3;
/** As many as a form offers before anything is typed. */
const SOME = 15;
/** Names asked for at once: services of this kind take about a hundred parts in a filter, and each name takes eight. */
const NAMES_AT_ONCE = 8;
/** What stands for the health of machines that Defender has only heard of: no live response reaches them. */
const NOT_ONBOARDED = new Set(['canbeonboarded', 'unsupported', 'insufficientinfo']);
/** Documented: 404 where no machine fits. */
const LENIENT = { none404: true, skipUnreadable: true };

/** Defender's ids are hexadecimal, mostly 40 digits; 32 are seen too. */
const looksLikeId = (text: string) => /^[0-9a-f]{32,64}$/.test(text);

/** Machines, by name, by id and by the address they were last seen with. */
export function createMachines(deps: {
  api: Api;
  log: Log;
}): Pick<Defender, 'findMachines' | 'machine' | 'machinesBy' | 'machinesNamed' | 'machinesWith'> & { close(): void } {
  const cache = new NodeCache({ stdTTL: KEEP, useClones: false });
  /** All machines that begin so, where Defender had no more of them than it told. */
  const whole = new NodeCache({ stdTTL: KEEP, useClones: false });
  const asking = new Map<string, Promise<Machine[]>>();

  const reading = (purpose: Purpose, options: Record<string, string | number>) =>
    ({ endpoint: 'machines', path: `/machines?${query(options)}`, purpose }) as const;

  /** The first page of those that begin so: people who look for one type more of its name. */
  function beginning(text: string, purpose: Purpose, top = PAGE) {
    const filter = text === '' ? {} : { $filter: `startswith(computerDnsName,${literal(text)})` };
    return readFirst(deps, reading(purpose, { ...filter, $top: top }), machineShape, { ...LENIENT, top });
  }

  /** All that fit a filter which few fit. */
  const matching = (filter: string, purpose: Purpose) =>
    readAll(deps, reading(purpose, { $filter: filter, $top: PAGE }), machineShape, { ...LENIENT, pages: EXACT_PAGES });

  /** All with this very name, whole or up to its first dot, however many begin like it; or with this id or address. */
  async function exactly(wanted: string, purpose: Purpose): Promise<Machine[]> {
    // Not a name: every machine has an address, and what is no address never gets into this filter.
    if (isIP(wanted) !== 0) return matching(`lastIpAddress eq ${literal(wanted)}`, purpose);
    const itself = looksLikeId(wanted) ? await matching(`id eq ${literal(wanted)}`, purpose) : [];
    if (itself.length > 0) return itself;
    return called([wanted], purpose);
  }

  /** All with one of these names, whole or up to the first dot. */
  async function called(names: readonly string[], purpose: Purpose): Promise<Machine[]> {
    const filters = names.flatMap((name) => [
      `computerDnsName eq ${literal(name)}`,
      `startswith(computerDnsName,${literal(`${name}.`)})`,
    ]);
    try {
      return await matching(filters.join(' or '), purpose);
    } catch (error) {
      // No page says that machines may be asked for by “or”.
      if (!(error instanceof DefenderError) || error.code !== 'defender_refused') throw error;
      const found = await Promise.all(filters.map((filter) => matching(filter, purpose)));
      return once(found.flat());
    }
  }

  async function named(names: readonly string[], purpose: Purpose): Promise<Machine[]> {
    const ids = names.filter(looksLikeId);
    const found = ids.length === 0 ? [] : await byIds(ids, purpose);
    const known = new Set(found.map(({ id }) => id.toLowerCase()));
    const rest = names.filter((name) => !known.has(name) && isIP(name) === 0);
    for (let at = 0; at < rest.length; at += NAMES_AT_ONCE) {
      found.push(...(await called(rest.slice(at, at + NAMES_AT_ONCE), purpose)));
    }
    return once(found);
  }

  /** Groups can't be filtered by their names, so they are looked for among all machines. */
  async function alike({ by, is }: GroupOrTag, purpose: Purpose): Promise<Machine[]> {
    const filter = by === 'tag' ? { $filter: `machineTags/any(tag: tag eq ${literal(is)})` } : {};
    const found = await readAll(deps, reading(purpose, filter), machineShape, LENIENT);
    return found
      .filter(({ group }) => by === 'tag' || group.toLowerCase() === is.toLowerCase())
      .filter(({ health }) => !NOT_ONBOARDED.has(health.toLowerCase()))
      .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  }

  const byIds = (ids: readonly string[], purpose: Purpose) =>
    readAll(
      deps,
      reading(purpose, { $filter: `id in (${ids.map(literal).join(',')})`, $top: PAGE }),
      machineShape,
      LENIENT,
    );

  async function find(wanted: string, { only, purpose }: Options): Promise<Machine[]> {
    if (wanted === '') return (await beginning('', purpose, SOME)).entries;
    if (only === 'exact') return exactly(wanted, purpose);
    if (only === undefined && (isIP(wanted) !== 0 || looksLikeId(wanted))) {
      const found = await exactly(wanted, purpose);
      if (found.length > 0 || isIP(wanted) !== 0) return found;
    }
    const { entries, mayBeMore } = await beginning(wanted, purpose);
    if (!mayBeMore) whole.set(wanted, entries);
    if (only === 'beginning' || !mayBeMore) return entries;
    // The one that is meant may be behind the page's end.
    const exact = await exactly(wanted, purpose);
    const known = new Set(exact.map(({ id }) => id));
    return [...exact, ...entries.filter(({ id }) => !known.has(id))];
  }

  /** Who goes on typing a name is answered from what its beginning brought, once that was all there is. */
  function amongKept(wanted: string, only: Options['only']): Machine[] | undefined {
    if (only === 'exact' || isIP(wanted) !== 0 || looksLikeId(wanted)) return undefined;
    for (let length = wanted.length - 1; length > 0; length--) {
      const all = whole.get<Machine[]>(wanted.slice(0, length));
      if (all !== undefined) return all.filter(({ name }) => name.toLowerCase().startsWith(wanted));
    }
    return undefined;
  }

  async function ask(wanted: string, options: Options): Promise<Machine[]> {
    const found = (await find(wanted, options)).toSorted(bestFirst(wanted));
    cache.set(keyOf(wanted, options), found);
    for (const machine of found) cache.set(`id:${machine.id.toLowerCase()}`, machine);
    return found;
  }

  /** Those who type the same at the same moment share one question. */
  function askOnce(wanted: string, options: Options): Promise<Machine[]> {
    const key = `${options.purpose} ${keyOf(wanted, options)}`;
    const question = asking.get(key) ?? ask(wanted, options).finally(() => asking.delete(key));
    asking.set(key, question);
    return question;
  }

  async function byId(id: string, purpose: Purpose): Promise<Machine | null> {
    try {
      const path = `/machines/${encodeURIComponent(id)}`;
      const machine = await deps.api.read({ endpoint: 'machine', path, purpose }, machineShape);
      // The same address also takes a name, and then answers with some machine of that name.
      return machine.id.toLowerCase() === id.toLowerCase() ? machine : null;
    } catch (error) {
      if (error instanceof DefenderError && error.code === 'defender_not_found') return null;
      throw error;
    }
  }

  return {
    async findMachines(text: string, options: Options) {
      const wanted = text.trim().toLowerCase();
      if (wanted.length > LONGEST) return [];
      if (options.fresh) return ask(wanted, options);
      const kept = cache.get<Machine[]>(keyOf(wanted, options));
      if (kept !== undefined) return kept;
      return amongKept(wanted, options.only)?.sort(bestFirst(wanted)) ?? askOnce(wanted, options);
    },
    async machine(id, { fresh, purpose }) {
      const key = `id:${id.toLowerCase()}`;
      const kept = fresh ? undefined : cache.get<Machine>(key);
      if (kept !== undefined) return kept;
      const machine = /^[\w.-]{1,128}$/.test(id) ? await byId(id, purpose) : null;
      if (machine === null) cache.del(key);
      else cache.set(key, machine);
      return machine;
    },
    machinesBy: byIds,
    machinesNamed: (names, purpose) => named([...new Set(names.map((name) => name.toLowerCase()))], purpose),
    async machinesWith(aim, purpose) {
      const key = `with:${aim.by}:${aim.by === 'group' ? aim.is.toLowerCase() : aim.is}`;
      const kept = cache.get<Machine[]>(key);
      if (kept !== undefined) return kept;
      const found = await alike(aim, purpose);
      cache.set(key, found);
      return found;
    },
    close: () => {
      cache.close();
      whole.close();
    },
  };
}

const keyOf = (wanted: string, { only }: Options): string => `query:${only ?? 'any'}:${wanted}`;

function once(machines: readonly Machine[]): Machine[] {
  return [...new Map(machines.map((machine) => [machine.id, machine])).values()];
}

/** The exact name first, then the exact first label, then those seen last. */
function bestFirst(wanted: string): (a: Machine, b: Machine) => number {
  const rank = ({ name }: Machine) => {
    const full = name.toLowerCase();
    if (full === wanted) return 0;
    return full.split('.')[0] === wanted ? 1 : 2;
  };
  return (a, b) => rank(a) - rank(b) || (b.lastSeen ?? '').localeCompare(a.lastSeen ?? '');
}
