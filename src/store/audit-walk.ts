import { type Anchor, PRUNED, pruneProof, type SealedContent, sameSeal, sealOf } from './audit-chain.ts';

/** An entry on its way past: as it stands in the table, or in an exported file. */
export type Passing = Omit<SealedContent, 'no'> & { no: number | null; seal: string | null };

/** The first entry that is there, and whether a sealed entry tells that retention removed those before it. */
export interface Beginning {
  no: number;
  at: string;
  pruned: boolean;
}

/** What a verification found. `count` sealed entries were good; `unsealed` are not covered yet. */
export interface Verdict {
  ok: boolean;
  count: number;
  unsealed: number;
  /** The first entry (by its number in the chain) that isn't as it was sealed, and what is wrong, for people. */
  firstBad: { no: number; why: string } | null;
  /** The last good entry; null where there is none. Who notes it elsewhere can prove later that nothing was taken away since. */
  head: Anchor | null;
  /** Null where nothing is there. */
  begins: Beginning | null;
}

/** Follows a chain entry by entry, in constant memory. Each step tells what is wrong, or null. */
export interface Walk {
  readonly start: Anchor;
  /** The last entry that was good. */
  at(): Anchor;
  taken(): number;
  /** The first entry that came by; null before. */
  begins(): Beginning | null;
  /** Whether the chain can begin here, by what somebody noted. */
  begin(): Trouble | null;
  take(entry: Passing): Trouble | null;
  /** Whether what somebody noted has come by, once the chain has ended. */
  end(): Trouble | null;
}

/** What is wrong, and with which entry. */
export interface Trouble {
  no: number;
  why: string;
}

/** Starts behind an entry. `noted`: a place that the chain has to pass exactly as it was noted. */
export function createWalk(key: string, start: Anchor, noted: Anchor | null): Walk {
  let { no, seal } = start;
  let first: string | null = null;
  let pruned = false;

  /** Whether the place where the walk is now is the one that was noted, if it has that number. */
  const asNoted = (): Trouble | null =>
    noted !== null && noted.no === no && !sameSeal(noted.seal, seal)
      ? { no, why: 'its seal is not the one that you noted: the trail was replaced, or sealed anew' }
      : null;

  return {
    start,
    at: () => ({ no, seal }),
    taken: () => no - start.no,
    begins: () => (first === null ? null : { no: start.no + 1, at: first, pruned }),
    begin: () => {
      const why = 'it was removed with the oldest entries, so what you noted can’t be compared; note a newer head';
      return noted !== null && noted.no < start.no ? { no: noted.no, why } : asNoted();
    },
    take: (entry) => {
      if (entry.no !== no + 1) return { no: no + 1, why: 'it is missing: an entry was removed or moved' };
      const expected = sealOf(key, seal, { ...entry, no: entry.no });
      if (entry.seal === null || !sameSeal(entry.seal, expected)) {
        const why = 'its seal does not fit: it was changed, inserted or moved, or sealed with another key';
        return { no: no + 1, why };
      }
      no = entry.no;
      seal = expected;
      first ??= entry.at;
      pruned ||= entry.action === PRUNED && tellsOf(key, start, entry.data);
      return asNoted();
    },
    end: () =>
      noted !== null && noted.no > no
        ? { no: no + 1, why: `it is missing: you noted a trail of ${noted.no} entries, and the end was cut off since` }
        : null,
  };
}

/** Whether an entry tells that the bot itself removed everything up to that place. */
function tellsOf(key: string, base: Anchor, data: unknown): boolean {
  const { upTo, proof } = { upTo: null, proof: null, ...(data as object | null) } as { upTo: unknown; proof: unknown };
  return upTo === base.no && typeof proof === 'string' && sameSeal(proof, pruneProof(key, base));
}

/** What a walk that ended well, or with trouble, comes to. */
export function verdictOf(walk: Walk | null, trouble: Trouble | null, unsealed: number): Verdict {
  const at = walk?.at() ?? null;
  return {
    ...{ ok: trouble === null, count: walk?.taken() ?? 0, unsealed, firstBad: trouble },
    head: at === null || at.no === 0 ? null : at,
    begins: walk?.begins() ?? null,
  };
}
