import { type Machine, shortName } from '../model/machine.ts';
import type { Run } from '../model/request.ts';

/** Machines named in one sentence: the card has all of them elsewhere. */
const NAMED = 10;

type Named = Pick<Machine, 'id' | 'name'>;

/** What people call each of these machines, so that no two are called the same: the first label, the whole name, or that with the beginning of the id. */
export function callAll(machines: readonly Named[]): string[] {
  const shorts = tally(machines.map(shortName));
  const wholes = tally(machines.map(wholeName));
  return machines.map((machine) => {
    const short = shortName(machine);
    if (shorts.get(short.toLowerCase()) === 1) return short;
    return wholes.get(wholeName(machine).toLowerCase()) === 1 ? wholeName(machine) : withId(machine);
  });
}

/** The same with whole names. */
export function nameAll(machines: readonly Named[]): string[] {
  const wholes = tally(machines.map(wholeName));
  return machines.map((machine) =>
    wholes.get(wholeName(machine).toLowerCase()) === 1 ? wholeName(machine) : withId(machine),
  );
}

/** What people call the machine of a run, among those of its request. */
export function calledIn(run: Pick<Run, 'called' | 'machine'>): string {
  return run.called ?? shortName(run.machine);
}

/** `ws-041, ws-042 and 5 more`. */
export function someOf(names: readonly string[], most = NAMED): string {
  const named = names.slice(0, most).join(', ');
  return names.length > most ? `${named} and ${names.length - most} more` : named;
}

const wholeName = ({ id, name }: Named): string => name || id;
const withId = (machine: Named): string => `${wholeName(machine)} (${machine.id.slice(0, 8)}…)`;

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return counts;
}
