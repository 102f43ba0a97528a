/** A distribution, in milliseconds. */
export interface Spread {
  n: number;
  p50: number;
  p99: number;
  max: number;
}

/** Nearest rank: the value that so many per cent don't exceed. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return { n: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

/** One digit after the point. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
