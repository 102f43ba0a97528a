import { type Machine, shortName } from '../model/machine.ts';
import type { PersonRef } from '../model/person.ts';
import { judgePerson } from '../policy/index.ts';
import { chatOf, type Deps } from './deps.ts';
import { machineFactsInShort } from './machine-facts.ts';

/** What a form may be helped with. */
export type Subject = 'machines' | 'library';

/** One choice of a typeahead: what people read, name and what is known of it, and the word that goes into the command. */
export interface Suggestion {
  name: string;
  facts: string;
  value: string;
}

/** Requests whose machines are offered before anything is typed. */
const RECENT = 50;

/**
 * What begins with the typed letters, for a form: machines of Defender (before anything is typed, those asked for lately), files
 * of the library. From the caches where they have it. Nobody without the right to read is told anything. Throws DefenderError, ChatError.
 */
export async function suggest(
  deps: Deps,
  asked: { person: PersonRef; subject: Subject; query: string; limit: number },
): Promise<Suggestion[]> {
  const person = await chatOf(deps, asked.person.platform).lookUp(asked.person, { fresh: false });
  if (!judgePerson('read', { policy: deps.policy(), person }).ok) return [];
  const query = asked.query.trim().toLowerCase();
  const found = asked.subject === 'machines' ? await machines(deps, query) : await library(deps, query);
  return found.slice(0, asked.limit);
}

async function machines(deps: Deps, query: string): Promise<Suggestion[]> {
  const recent = query === '' ? await recentMachines(deps) : [];
  const found = await deps.defender.findMachines(query, { fresh: false, purpose: 'people' });
  const now = deps.clock.now();
  const known = found.map((machine) => asSuggestion(machine, now));
  const offered = new Set(recent.map(({ value }) => value));
  return [...recent, ...known.filter(({ value }) => !offered.has(value))];
}

async function recentMachines(deps: Deps): Promise<Suggestion[]> {
  const requests = await deps.store.requestsBy({ limit: RECENT });
  const runs = await deps.store.transaction((tx) => Promise.all(requests.map(({ id }) => tx.runsOf(id))));
  const machines = new Map(runs.flat().map(({ machine }) => [machine.id, machine]));
  const now = deps.clock.now();
  return [...machines.values()].map((machine) => asSuggestion(machine, now));
}

function asSuggestion(machine: Machine, now: number): Suggestion {
  return { name: shortName(machine), facts: machineFactsInShort(machine, now), value: machine.id };
}

async function library(deps: Deps, query: string): Promise<Suggestion[]> {
  const files = await deps.defender.library({ fresh: false, purpose: 'people' });
  const fits = files.filter(({ fileName }) => fileName.toLowerCase().includes(query));
  const rank = (name: string) => (name.toLowerCase().startsWith(query) ? 0 : 1);
  return fits
    .toSorted((a, b) => rank(a.fileName) - rank(b.fileName) || a.fileName.localeCompare(b.fileName))
    .map(({ fileName, description }) => ({ name: fileName, facts: description, value: fileName }));
}
