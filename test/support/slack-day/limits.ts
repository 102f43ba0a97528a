/** Calls of the bot, in the order they came. */
export interface Calls {
  note(key: string, at: number): void;
  /** The most that came within any window of so many milliseconds, and of which key. */
  most(within: number): { count: number; key: string; at: number };
}

/** Counts over every window, wherever it begins. */
export function createCalls(): Calls {
  const times = new Map<string, number[]>();
  return {
    note(key, at) {
      const list = times.get(key);
      if (list === undefined) times.set(key, [at]);
      else list.push(at);
    },
    most(within) {
      let most = { count: 0, key: '', at: 0 };
      for (const [key, list] of times) {
        let first = 0;
        for (const [last, at] of list.entries()) {
          while ((list[first] ?? at) <= at - within) first += 1;
          if (last - first + 1 > most.count) most = { count: last - first + 1, key, at };
        }
      }
      return most;
    },
  };
}
