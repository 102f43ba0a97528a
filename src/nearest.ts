import { distance } from 'fastest-levenshtein';

/** The names most like what was typed, best first; none that shares too little with it to be meant. */
export function nearest(typed: string, names: readonly string[], limit: number): string[] {
  const wanted = typed.toLowerCase();
  return names
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()), starts: name.toLowerCase().startsWith(wanted) }))
    .filter(
      ({ name, far, starts }) => starts || far <= Math.max(2, Math.ceil(Math.max(name.length, wanted.length) / 2)),
    )
    .sort((a, b) => Number(b.starts) - Number(a.starts) || a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, limit)
    .map(({ name }) => name);
}
