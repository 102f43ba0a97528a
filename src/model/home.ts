import type { Card, Text } from './notice.ts';
import type { Time } from './request.ts';

/** What one person reads at home, without a platform: what waits for them, what they asked, what runs. One page of it. */
export interface Home {
  /** The records are as of this moment. */
  at: Time;
  /** Said before all else: whom to ask, or what couldn't be looked up. */
  notices: string[];
  sections: HomeSection[];
  /** Where this page begins: requests before it. */
  offset: number;
  /** Where the pages before and after this one begin; null where there is none. */
  newer: number | null;
  older: number | null;
  /** Last words: where to find what isn't here. */
  footer: string | null;
}

export interface HomeSection {
  title: string;
  entries: HomeEntry[];
  /** Said where there is nothing in it. */
  none: string;
}

/** A request in a few lines. It carries no decision: these are taken on the card, where everybody concerned sees them. */
export interface HomeEntry {
  requestId: string;
  asker: string;
  askedAt: Time;
  /** Null for what happens on no machine. */
  machine: string | null;
  commands: string;
  state: Card['state'];
  /** What it waits for this person to do. */
  todo: Text | null;
  /** The opaque string of its card, where this platform has one. */
  message: string | null;
  /** Whether there are results that this person may open from here. */
  results: boolean;
}

/** A home that says one thing. */
export function homeSaying(at: Time, notice: string): Home {
  return { at, notices: [notice], sections: [], offset: 0, newer: null, older: null, footer: null };
}
