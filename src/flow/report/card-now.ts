import { createHash } from 'node:crypto';
import type { Card } from '../../model/notice.ts';
import type { RequestStatus } from '../../model/request.ts';
import type { Deps } from '../deps.ts';
import { copyOf, isApproversCopy, isCopy } from '../direct.ts';
import type { CardRow } from '../ports.ts';
import { render } from '../render.ts';
import type { Step } from './step.ts';

/** What a card is to show now. */
export interface CardNow {
  card: Card;
  digest: string;
  /** Whether what people wait for, a decision or an end, isn't shown yet. */
  awaited: boolean;
  /** An approver's own copy, in their private chat. */
  copy: boolean;
}

/** What this card is to show: an approver's own copy isn't quite the one in the channel. Null when nothing can be said. */
export async function cardNow(deps: Deps, row: CardRow): Promise<CardNow | null> {
  const whole = await render(deps, row.requestId);
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  if (whole === null || request === null) return null;
  const copy = isCopy(row, request);
  const card = copy ? copyOf(whole, isApproversCopy(deps, request, row)) : whole;
  const awaited = row.digest === null || !row.digest.startsWith(`${request.status} `);
  return { card, digest: digestOf(request.status, card), awaited, copy };
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
