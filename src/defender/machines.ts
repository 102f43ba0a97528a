import { isIP } from 'node:net';
import NodeCache from 'node-cache';
import { DefenderError } from '../errors.ts';
import type { Defender, Log, Purpose } from '../flow/ports.ts';
import type { Machine } from '../model/machine.ts';
import type { Api } from './http.ts';
import { literal, readFirst } from './pages.ts';
import { createSeveralMachines, LENIENT, looksLikeId, machineRead } from './several-machines.ts';
import { machineShape } from './wire.ts';

type Options = Parameters<Defender['findMachines']>[1];

/** Look-ups of machines, kept for so many seconds by query and by id. */
const KEEP = 60;
/** Longer than any DNS name: nothing to ask Defender about. */
const LONGEST = 255;
const PAGE = 500;
/** As many as a form offers before anything is typed. */
const SOME = 15;

/** Machines, by name, by id and by the address they were last seen with. */
export function createMachines(deps: {
  api: Api;
  log: Log;
}): Pick<Defender, 'findMachines' | 'machine' | 'machinesBy' | 'machinesNamed' | 'machinesWith'> & { close(): void } {
  const cache = new NodeCache({ stdTTL: KEEP, useClones: false });
  /** All machines that begin so, where Defender had no more of them than it told. */
  const whole = new NodeCache({ stdTTL: KEEP, useClones: false });
  const asking = new Map<string, Promise<Machine[]>>();
  const several = createSeveralMachines(deps);

  /** The first page of those that begin so: people who look for one type more of its name. */
  function beginning(text: string, purpose: Purpose, top = PAGE) {
    const filter = text === '' ? {} : { $filter: `startswith(computerDnsName,${literal(text)})` };
    return readFirst(deps, machineRead(purpose, { ...filter, $top: top }), machineShape, { ...LENIENT, top });
  }

  /** All with this very name, whole or up to its first dot, however many begin like it; or with this id or address. */
  async function exactly(wanted: string, purpose: Purpose): Promise<Machine[]> {
    // Not a name: every machine has an address, and what is no address never gets into this filter.
    if (isIP(wanted) !== 0) return several.matching(`lastIpAddress eq ${literal(wanted)}`, purpose);
    const itself = looksLikeId(wanted) ? await several.matching(`id eq ${literal(wanted)}`, purpose) : [];
    if (itself.length > 0) return itself;
    return several.called([wanted], purpose);
  }

  async function find(wanted: string, { only, purpose }: Options): Promise<Machine[]> {
    if (wanted === '') return (await beginning('', purpose, SOME)).entries;
    if (only === 'exact') return exactly(wanted, purpose);
    if (only === undefined && (isIP(wanted) !== 0 || looksLikeId(wanted))) {
      const found = await exactly(wanted, purpose);
      if (found.length > 0 || isIP(wanted) !== 0) return found;
    }
    const { entries, mayBeMore } = await beginning(wanted, purpose);
    if (!mayBeMore) whole.set(beginningKey(wanted), entries);
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
      const all = whole.get<Machine[]>(beginningKey(wanted.slice(0, length)));
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
    machinesBy: several.machinesBy,
    machinesNamed: several.machinesNamed,
    machinesWith: several.machinesWith,
    close: () => {
      cache.close();
      whole.close();
      several.close();
    },
  };
}

/** The cache is a plain object, in which words like `constructor` are taken. */
const beginningKey = (text: string): string => `begins:${text}`;
const keyOf = (wanted: string, { only }: Options): string => `query:${only ?? 'any'}:${wanted}`;

/** The exact name first, then the exact first label, then those seen last. */
function bestFirst(wanted: string): (a: Machine, b: Machine) => number {
  const rank = ({ name }: Machine) => {
    const full = name.toLowerCase();
    if (full === wanted) return 0;
    return full.split('.')[0] === wanted ? 1 : 2;
  };
  return (a, b) => rank(a) - rank(b) || (b.lastSeen ?? '').localeCompare(a.lastSeen ?? '');
}
