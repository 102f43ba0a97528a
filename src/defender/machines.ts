import { isIP } from 'node:net';
import NodeCache from 'node-cache';
import { DefenderError } from '../errors.ts';
import type { Defender, Log, Purpose } from '../flow/ports.ts';
import type { Machine } from '../model/machine.ts';
import type { Api } from './http.ts';
import { literal, query, readAll } from './pages.ts';
import { machineShape } from './wire.ts';

type Options = { fresh: boolean; purpose: Purpose };

/** Look-ups of machines, kept for so many seconds by query and by id. */
const KEEP = 60;
/** Longer than any DNS name: nothing to ask Defender about. */
const LONGEST = 255;
const PAGE = 500;
/** As many as a form offers before anything is typed. */
const SOME = 15;
/** Documented: 404 where no machine fits. */
const LENIENT = { none404: true, skipUnreadable: true };

/** Defender's ids are hexadecimal, mostly 40 digits; 32 are seen too. */
const looksLikeId = (text: string) => /^[0-9a-f]{32,64}$/.test(text);

/** Machines, by name, by id and by the address they were last seen with. */
export function createMachines(deps: {
  api: Api;
  log: Log;
}): Pick<Defender, 'findMachines' | 'machine' | 'machinesBy'> & { close(): void } {
  const cache = new NodeCache({ stdTTL: KEEP });

  /** Some machines, whichever Defender names first. */
  async function some(purpose: Purpose): Promise<Machine[]> {
    const path = `/machines?${query({ $top: SOME })}`;
    const found = await readAll(deps, { endpoint: 'machines', path, purpose }, machineShape, {
      ...LENIENT,
      firstPage: true,
    });
    return found.sort(bestFirst(''));
  }

  async function find(wanted: string, purpose: Purpose): Promise<Machine[]> {
    // Not a name: every machine has an address, and what is no address never gets into this filter.
    const filters =
      isIP(wanted) === 0 ? [`startswith(computerDnsName,${literal(wanted)})`] : [`lastIpAddress eq ${literal(wanted)}`];
    if (looksLikeId(wanted)) filters.unshift(`id eq ${literal(wanted)}`);
    for (const filter of filters) {
      const path = `/machines?${query({ $filter: filter, $top: PAGE })}`;
      const found = await readAll(deps, { endpoint: 'machines', path, purpose }, machineShape, LENIENT);
      if (found.length > 0) return found.sort(bestFirst(wanted));
    }
    return [];
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
    async findMachines(text: string, { fresh, purpose }: Options) {
      const wanted = text.trim().toLowerCase();
      if (wanted.length > LONGEST) return [];
      const kept = fresh ? undefined : cache.get<Machine[]>(`query:${wanted}`);
      if (kept !== undefined) return kept;
      const found = wanted === '' ? await some(purpose) : await find(wanted, purpose);
      cache.set(`query:${wanted}`, found);
      for (const machine of found) cache.set(`id:${machine.id.toLowerCase()}`, machine);
      return found;
    },
    async machine(id: string, { fresh, purpose }: Options) {
      const key = `id:${id.toLowerCase()}`;
      const kept = fresh ? undefined : cache.get<Machine>(key);
      if (kept !== undefined) return kept;
      const machine = /^[\w.-]{1,128}$/.test(id) ? await byId(id, purpose) : null;
      if (machine === null) cache.del(key);
      else cache.set(key, machine);
      return machine;
    },
    machinesBy(ids, purpose) {
      const path = `/machines?${query({ $filter: `id in (${ids.map(literal).join(',')})`, $top: PAGE })}`;
      return readAll(deps, { endpoint: 'machines', path, purpose }, machineShape, LENIENT);
    },
    close: () => cache.close(),
  };
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
