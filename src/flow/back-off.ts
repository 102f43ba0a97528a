const LEAST = 5_000;
const MOST = 60_000;

/**
 * After trouble: when to try again, milliseconds from now, and how often that was by then. Longer each time, since who is in trouble
 * answers nobody sooner for being asked; where it is said when, that is the time, and no failure more. `tries`: failures so far.
 */
export function backOff(said: number | null, tries = 0): { wait: number; tries: number } {
  if (said !== null) return { wait: Math.min(Math.max(said, LEAST), MOST), tries };
  return { wait: Math.min(LEAST * 2 ** tries, MOST), tries: tries + 1 };
}
