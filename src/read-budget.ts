import { holdsBack, noTurnFor, readAnswered, readFailed, type Subject, seeOutage } from './flow/outage.ts';
import type { Budget, Purpose, Rate, Store, Tx } from './flow/ports.ts';

/** Who spends a read of the shared budget: watching is nobody's to starve. */
type Spender = Purpose | 'watch' | 'single';

/** Counted is the moment before the call leaves; so much later it may arrive, and so much nearer to those that follow. Milliseconds. */
const ON_THE_WAY = 500;
const MINUTE = 60_000 + ON_THE_WAY;
const HOUR = 3_600_000 + ON_THE_WAY;

const rates = (minute: number, hour: number): readonly Rate[] => [
  { count: minute, within: MINUTE },
  { count: hour, within: HOUR },
];
/** What Defender allows an application: 100 calls a minute and 1,500 an hour (facts 2.2). */
const ALL = rates(100, 1_500);
/** Sending and reading results leave this much to watching, which must never go blind. */
const FOR_RUNS = rates(94, 1_260);
/** People's look-ups leave this much for what people wait for: watching and sending. */
const FOR_PEOPLE = rates(70, 1_000);
/** Where all else is used up, watching has four looks a minute: 240 an hour, as many as the others leave. */
const LAST: readonly Rate[] = [{ count: 4, within: MINUTE }];

/** Looks at actions one by one, where lists aren't answered: as many as lists would take at the usual pace, evenly spread. */
const SINGLE: readonly Rate[] = [{ count: 6, within: 30_000 }];

/** Who waits for the end of trouble comes back within so long after it may: else the same one would be first each time. Milliseconds. */
const SPREAD = 5_000;

/** Rolls back what was taken of one budget where another has nothing left. */
class Wait extends Error {
  readonly wait: number;
  constructor(wait: number) {
    super('wait');
    this.wait = wait;
  }
}

async function take(tx: Tx, budget: Budget, rate: readonly Rate[]): Promise<void> {
  const wait = await tx.takeCall(budget, rate);
  if (wait > 0) throw new Wait(wait);
}

async function takeFrom(tx: Tx, spender: Spender): Promise<void> {
  if (spender === 'people') return take(tx, 'defender_read', FOR_PEOPLE);
  if (spender === 'run') return take(tx, 'defender_read', FOR_RUNS);
  if (spender === 'single') await take(tx, 'duty:defender_single', SINGLE);
  if ((await tx.takeCall('defender_read', FOR_RUNS)) === 0) return;
  await take(tx, 'defender_read', ALL);
  await take(tx, 'duty:defender_last', LAST);
}

/** Reads at Defender, counted in the database, so that all instances share one budget, and one patience with an outage. */
export function readBudget(store: Pick<Store, 'transaction'>, random: () => number = Math.random) {
  /** The kinds that had trouble when this instance last looked: only then an answer is worth telling. */
  const troubled = new Set<string>();
  const note = ({ kind }: Subject, trouble: boolean) => void (trouble ? troubled.add(kind) : troubled.delete(kind));
  return {
    /**
     * Takes one read, or tells how long to wait for it, milliseconds. `outage`: Defender didn't answer such questions lately, and this is
     * the one try.
     */
    async takeRead(spender: Spender, about: Subject): Promise<{ wait: number; outage: boolean }> {
      try {
        return await store.transaction(async (tx) => {
          const seen = await seeOutage(tx, about);
          note(about, seen !== null);
          const outage = holdsBack(seen, about);
          const wait = outage ? await noTurnFor(tx, about, seen) : 0;
          if (wait > 0) return { wait: wait + Math.floor(random() * SPREAD), outage };
          await takeFrom(tx, spender);
          return { wait, outage };
        });
      } catch (error) {
        if (error instanceof Wait) return { wait: error.wait, outage: false };
        throw error;
      }
    },
    /** How a read ended: whether Defender answered, be it a refusal, or had trouble of its own. */
    async readEnded(answered: boolean, about: Subject): Promise<void> {
      if (answered && !troubled.has(about.kind)) return;
      note(about, !answered);
      await store.transaction((tx) => (answered ? readAnswered : readFailed)(tx, about));
    },
    /** After a 429: nobody reads before. */
    blockReads: (until: number): Promise<void> => store.transaction((tx) => tx.blockBudget('defender_read', until)),
  };
}
