/** Answers that are held back until a test lets them go. */
export interface Holds {
  /** Resolves when released; `gone` is true when the caller hung up before. */
  wait(hungUp: Promise<void>): Promise<{ gone: boolean }>;
  /** How many answers are held now. */
  count(): number;
  /** Lets all of them go; returns how many. */
  release(): number;
}

/** Keeps the held answers. */
export function createHolds(changed: () => void): Holds {
  const held = new Set<() => void>();
  return {
    async wait(hungUp) {
      const free = deferred();
      held.add(free.resolve);
      changed();
      const gone = await Promise.race([free.promise.then(() => false), hungUp.then(() => true)]);
      held.delete(free.resolve);
      changed();
      return { gone };
    },
    count: () => held.size,
    release() {
      const count = held.size;
      for (const free of held) free();
      return count;
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
