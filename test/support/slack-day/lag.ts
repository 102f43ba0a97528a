import type { Day } from './day.ts';
import { ARCHIVED, THROWN_OUT } from './place.ts';
import { isIn, type Stretch } from './trouble.ts';

const WHEN = ['quiet', 'bad hour', 'outage, archived or thrown out'] as const;
type When = (typeof WHEN)[number];

/** Seconds of simulated time, from the least to the most. */
export interface Lags {
  toCard: Record<When, number[]>;
  toEnd: Record<When, number[]>;
}

/** How long people waited for a card, and for a card to say how it ended. */
export async function lagsOf({ world, reader, witness, agenda, asked }: Day): Promise<Lags> {
  const none = (): Record<When, number[]> => ({ quiet: [], 'bad hour': [], 'outage, archived or thrown out': [] });
  const lags = { toCard: none(), toEnd: none() };
  for (const one of asked) {
    const [first] = reader.cards(one.id);
    if (first === undefined) continue;
    const { endedAt } = await world.request(one.id);
    const at = Number(first.ts) * 1_000;
    lags.toCard[whenOf(one, { from: one.at, to: at })].push((at - one.acknowledgedAt) / 1_000);
    const saidAt = witness.saidEnd.get(one.id);
    if (endedAt === null || saidAt === undefined) continue;
    lags.toEnd[whenOf(one, { from: endedAt, to: saidAt })].push((saidAt - endedAt) / 1_000);
  }
  for (const list of [...Object.values(lags.toCard), ...Object.values(lags.toEnd)]) list.sort((a, b) => a - b);
  return lags;

  function whenOf({ channel }: { channel: string }, wait: Stretch): When {
    const meets = (stretch: Stretch): boolean => wait.from < stretch.to && wait.to >= stretch.from;
    if (meets(agenda.outage)) return WHEN[2];
    if (channel === ARCHIVED && meets(agenda.archived)) return WHEN[2];
    if (channel === THROWN_OUT && meets(agenda.thrownOut)) return WHEN[2];
    return isIn(agenda.bad, wait.from) ? 'bad hour' : 'quiet';
  }
}

/** The value below which this part of them lies. */
export const part = (list: readonly number[], share: number): number =>
  list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;

/** A table for people. */
export function lagTable({ toCard, toEnd }: Lags): string {
  const line = (what: string, when: When, list: readonly number[]): string => {
    const [half, most, max] = [0.5, 0.99, 1].map((share) => `${part(list, share).toFixed(1)} s`);
    return `${what}, ${when} (${list.length}): p50 ${half}, p99 ${most}, longest ${max}`;
  };
  return WHEN.flatMap((when) => [
    line('acknowledged to card', when, toCard[when]),
    line('end to the card saying so', when, toEnd[when]),
  ]).join('\n');
}
