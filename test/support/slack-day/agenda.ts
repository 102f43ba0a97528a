import type { Chance } from './chance.ts';
import { isIn, type Lasting, type Stretch } from './trouble.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A whole day has so many requests; a shorter one is a part of it, with the same density of everything. */
const WHOLE = 2_000;
/** Of all requests, those that come at once; one each two seconds. */
const AT_ONCE = 0.15;
const EACH = 2_000;
const SHORTEST = 16 * MINUTE;

/** When what happens. */
export interface Agenda extends Lasting {
  end: number;
  /** From the moment when many ask at once until what they asked for is worked off. */
  bad: Stretch;
  restarts: number[];
  /** How often the bot looks at the clock, milliseconds: each second in production, less often here since that is what takes longest. */
  looksEvery(time: number): number;
  /** How long a request waits for approval, milliseconds. */
  expireAfter: number;
  /** When people ask, in order. */
  times(chance: Chance): number[];
}

export function agendaOf(start: number, requests: number): Agenda {
  const length = Math.max(24 * HOUR * (requests / WHOLE), SHORTEST);
  const at = (part: number): number => Math.round(start + length * part);
  const stretch = (part: number, long: number): Stretch => ({ from: at(part), to: at(part) + long });
  const anHour = Math.max(length / 24, SHORTEST / 4);
  const bad = stretch(0.5, anHour);
  const rush = Math.round(requests * AT_ONCE);
  return {
    end: at(1),
    bad,
    outage: stretch(0.25, Math.max(anHour / 6, 2 * MINUTE)),
    expireAfter: (anHour * 2) / 3,
    thrownOut: stretch(0.62, anHour),
    archived: stretch(0.75, anHour),
    looksEvery: (time) => (isIn(bad, time) ? 2_000 : length > HOUR ? 5_000 : 10_000),
    restarts: [at(0.4), at(0.5) + (rush * EACH) / 2],
    times: (chance) =>
      Array.from({ length: requests }, (_, index) =>
        index < rush ? at(0.5) + index * EACH : start + Math.floor(chance.part() * length),
      ).sort((a, b) => a - b),
  };
}
