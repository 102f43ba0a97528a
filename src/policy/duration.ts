const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `15m` → milliseconds: a whole number from 1 and `s`, `m`, `h` or `d`. Null when it isn't one. */
export function parseDuration(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,6}) ?([smhd])$/.exec(text.trim()) ?? [];
  const value = Number(count) * (UNITS[unit as keyof typeof UNITS] ?? 0);
  return value > 0 ? value : null;
}

const WORDS = [
  [UNITS.d, 'days', 'day'],
  [UNITS.h, 'h', 'h'],
  [UNITS.m, 'min', 'min'],
  [UNITS.s, 's', 's'],
] as const;

/** A duration of a policy as people read it, in the largest unit that divides it: `15 min`, `8 h`, `1 day`. */
export function durationWords(milliseconds: number): string {
  for (const [unit, many, one] of WORDS) {
    if (milliseconds % unit === 0) return `${milliseconds / unit} ${milliseconds === unit ? one : many}`;
  }
  return `${milliseconds / UNITS.s} s`;
}
