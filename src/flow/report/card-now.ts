import { createHash } from 'node:crypto';
import type { Card } from '../../model/notice.ts';
import type { Request, RequestStatus, Time } from '../../model/request.ts';
import type { Deps } from '../deps.ts';
import { copyOf, isApproversCopy, isCopy } from '../direct.ts';
import type { CardRow } from '../ports.ts';
import { type Readers, readersOf, render } from '../render.ts';
import type { Step } from './step.ts';

/** What a card is to show now. */
export interface CardNow {
  card: Card;
  digest: string;
  /** Whether what people wait for, a decision or an end, isn't shown yet. */
  awaited: boolean;
  /** An approver's own copy, in their private chat. */
  copy: boolean;
  /** When to look again although nothing has changed: output is hidden that may be shown. Null: no need. */
  again: Time | null;
}

/** While the platform doesn't say who reads the channel, it is asked so often, and so long after the last change. Milliseconds. */
const READERS = { every: 30_000, atMost: 3_600_000 };

/** What this card is to show: an approver's own copy isn't quite the one in the channel. Null when nothing can be said. */
export async function cardNow(deps: Deps, row: CardRow): Promise<CardNow | null> {
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  if (request === null) return null;
  // Asked once: the next answer may be another, and what was hidden by this one has to be looked at again.
  const readers = await readersOf(deps, request);
  const whole = await render(deps, row.requestId, readers);
  if (whole === null) return null;
  const copy = isCopy(row, request);
  const card = copy ? copyOf(whole, isApproversCopy(deps, request, row)) : whole;
  const awaited = row.digest === null || !row.digest.startsWith(`${request.status} `);
  return {
    card,
    digest: digestOf(request.status, card),
    awaited,
    copy,
    again: hiddenUntil(deps, row, request, readers),
  };
}

function hiddenUntil(deps: Deps, row: CardRow, request: Request, readers: Readers): Time | null {
  const now = deps.clock.now();
  // Before its end the next change shows it anyway.
  if (request.status !== 'done' || now >= row.touchedAt + READERS.atMost) return null;
  return readers === 'untold' ? now + READERS.every : null;
}

/** What is stored of a card that shows this now: nothing more to do, or another look. */
export function lookedAt(row: CardRow, { again }: CardNow): Partial<CardRow> {
  return again === null ? { shown: row.touched } : { notBefore: again };
}

/** Begins with the status, so that cards whose decision or end isn't shown yet are found; see Sender.nextCards. */
function digestOf(status: RequestStatus, card: Card): string {
  return `${status} ${createHash('sha256').update(JSON.stringify(card)).digest('hex')}`;
}

/** A card of which nothing can be said must not stand in the way of the others in its channel. */
export async function putAside(deps: Deps, row: CardRow): Promise<Step> {
  deps.log.error({ request: row.requestId, card: row.id }, 'a card without a run is put aside');
  await deps.store.sender.saveCard(row.id, { state: 'gone' });
  return 'something';
}
