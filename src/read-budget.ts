import type { Purpose, Rate, Store } from './flow/ports.ts';

/** What Defender allows an application: 100 calls a minute and 1,500 an hour (facts 2.2). */
const ALL: readonly Rate[] = [
  { count: 100, within: 60_000 },
  { count: 1_500, within: 3_600_000 },
];
/** People's look-ups leave this much for what people wait for: watching and sending. */
const FOR_PEOPLE: readonly Rate[] = [
  { count: 70, within: 60_000 },
  { count: 1_000, within: 3_600_000 },
];

/** Looks at actions one by one, where lists aren't answered: as many as lists would take at the usual pace, evenly spread. */
const SINGLE: readonly Rate[] = [{ count: 6, within: 30_000 }];

/** Reads at Defender, counted in the database, so that all instances share one budget. */
export function readBudget(store: Pick<Store, 'transaction'>) {
  return {
    /** Takes one read, or tells how long to wait for it, milliseconds. */
    takeRead: (purpose: Purpose | 'single'): Promise<number> =>
      store.transaction(async (tx) => {
        const own = purpose === 'single' ? await tx.takeCall('duty:defender_single', SINGLE) : 0;
        return own > 0 ? own : tx.takeCall('defender_read', purpose === 'people' ? FOR_PEOPLE : ALL);
      }),
    /** After a 429: nobody reads before. */
    blockReads: (until: number): Promise<void> => store.transaction((tx) => tx.blockBudget('defender_read', until)),
  };
}
