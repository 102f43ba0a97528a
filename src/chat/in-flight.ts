/** Work that has begun and must end before the process may stop. */
export interface InFlight {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is left, work that began meanwhile included. */
  drained(): Promise<void>;
}

/** Creates an empty set of work. */
export function createInFlight(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    run(work) {
      const promise = work();
      const tracked = promise
        .catch(() => {})
        .finally(() => {
          running.delete(tracked);
        });
      running.add(tracked);
      return promise;
    },
    async drained() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
