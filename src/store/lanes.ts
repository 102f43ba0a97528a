import { AsyncLocalStorage } from 'node:async_hooks';

const background = new AsyncLocalStorage<boolean>();

/** Marks work that nobody waits for at this moment: on the embedded database's one session it lets everything else pass. */
export function inBackground<T>(work: () => Promise<T>): Promise<T> {
  return background.run(true, work);
}

/** After so many in a row that overtook it, background work has its turn: a flood must not stop it. */
const OVERTAKEN = 20;

/**
 * So many uses by others within so many milliseconds are a flood: background work then takes one session at most, since it would
 * otherwise slow down every acknowledgement by what it takes of the machine.
 */
const FLOOD = { uses: 20, within: 200 };

/** Who uses a session next. */
export interface Lanes {
  /** Resolves when it is the caller's turn, with what to call when done. `patient`: also outside of `inBackground`. */
  enter(patient?: boolean): Promise<() => void>;
}

/**
 * Two lanes to so many sessions, of which background work gets some: slow work of many jobs must not cost a platform its
 * acknowledgement. In the order of arrival each.
 */
export function createLanes(sessions: { all: number; background: number }, now = () => performance.now()): Lanes {
  const urgent: (() => void)[] = [];
  const patient: (() => void)[] = [];
  let free = sessions.all;
  let freeForPatient = sessions.background;
  let overtaken = 0;
  /** When the latest urgent uses began. */
  const uses: number[] = [];

  const isFlooded = (): boolean => uses.length === FLOOD.uses && now() - (uses[0] ?? 0) < FLOOD.within;
  const maySlip = (): boolean => freeForPatient > 0 && (freeForPatient === sessions.background || !isFlooded());
  const next = (): (() => void) | undefined => {
    const patientMay = patient.length > 0 && maySlip();
    if (urgent.length > 0 && !(patientMay && overtaken >= OVERTAKEN)) {
      overtaken = patientMay ? overtaken + 1 : 0;
      return urgent.shift();
    }
    overtaken = 0;
    return patientMay ? patient.shift() : undefined;
  };
  const admit = (): void => {
    while (free > 0) {
      const begin = next();
      if (begin === undefined) return;
      begin();
    }
  };
  return {
    enter: (alsoOutside = false) =>
      new Promise((resolve) => {
        const isPatient = alsoOutside || background.getStore() === true;
        const count = (by: 1 | -1): void => {
          free += by;
          if (isPatient) freeForPatient += by;
        };
        // The embedded engine works in this thread, from promise to promise: without a pause, nothing would be read from
        // the network until all jobs are done, and nobody could overtake them.
        const leave = (): void => {
          setImmediate(() => {
            count(1);
            admit();
          });
        };
        const begin = (): void => {
          count(-1);
          resolve(leave);
        };
        if (!isPatient) {
          uses.push(now());
          if (uses.length > FLOOD.uses) uses.shift();
        }
        (isPatient ? patient : urgent).push(begin);
        admit();
      }),
  };
}
