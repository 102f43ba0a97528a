// A part of `npm run screenshots`: the clock of this process, set to a day of ours before anything starts.

/** A morning in the pictures. */
const START = Date.UTC(2026, 10, 3, 9, 40);

const RealDate = Date;
const offset = { milliseconds: START - RealDate.now() };
const now = (): number => RealDate.now() + offset.milliseconds;

/**
 * This process's clock, so that hours pass in seconds and each picture tells the same day. The bot, its database and the stand-ins all
 * live in this process, hence agree.
 */
class ShiftedDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    super(given.length === 0 ? now() : given[0]);
  }
  static override now(): number {
    return now();
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

/** Skips so many milliseconds. Timers notice nothing. */
export function skip(milliseconds: number): void {
  offset.milliseconds += milliseconds;
}
