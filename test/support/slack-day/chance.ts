/** Numbers by chance, the same again for the same seed (mulberry32). */
export interface Chance {
  /** From 0 to below 1. */
  part(): number;
  /** Whole, both ends included. */
  whole(least: number, most: number): number;
  of<T>(list: readonly T[]): T;
  /** One of these, each as likely as its weight. */
  weighed<T>(list: readonly (readonly [number, T])[]): T;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const part = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number => least + Math.floor(part() * (most - least + 1));
  const of = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
  function weighed<T>(list: readonly (readonly [number, T])[]): T {
    let left = part() * list.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of list) {
      left -= weight;
      if (left < 0) return value;
    }
    return (list.at(-1) as readonly [number, T])[1];
  }
  return { part, whole, of, weighed };
}
