import { AsyncLocalStorage } from 'node:async_hooks';

const background = new AsyncLocalStorage<boolean>();

/** Marks work that nobody waits for at this moment: on the embedded database's one session it lets everything else pass. */
export function inBackground<T>(work: () => Promise<T>): Promise<T> {
  return background.run(true, work);
}

/** After so many in a row that overtook it, background work has its turn: a flood must not stop it. */
const OVERTAKEN = 20;

/** Who uses the one session next. */
export interface Lanes {
  /** Resolves when it is the caller's turn, who must call `leave` afterwards. `patient`: also outside of `inBackground`. */
  enter(patient: boolean): Promise<void>;
  leave(): void;
}

/** Creates two lanes, in the order of arrival each: slow work of many jobs must not cost a platform its acknowledgement. */
export function createLanes(): Lanes {
  const urgent: (() => void)[] = [];
  const patient: (() => void)[] = [];
  let taken = false;
  let overtaken = 0;
  const handOver = (): void => {
    const turn = overtaken >= OVERTAKEN ? patient : urgent;
    const next = turn.shift() ?? urgent.shift() ?? patient.shift();
    overtaken = patient.length > 0 && turn === urgent ? overtaken + 1 : 0;
    if (next === undefined) taken = false;
    else next();
  };
  return {
    enter: async (isPatient) => {
      if (!taken) {
        taken = true;
        return;
      }
      const lane = isPatient || background.getStore() === true ? patient : urgent;
      await new Promise<void>((resolve) => lane.push(resolve));
    },
    // The engine works in this thread, from promise to promise: without a pause, nothing would be read from the network
    // until all jobs are done, and nobody could overtake them.
    leave: () => {
      setImmediate(handOver);
    },
  };
}
