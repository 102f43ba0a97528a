import type { Card } from '../../model/notice.ts';
import { LIMITS } from './limits.ts';
import type { Refresh } from './wire-card.ts';

/** What Teams calls somebody (`29:…`), by Entra object id; null for somebody it hasn't named to this bot. */
export type MriOf = (objectId: string) => string | null;

/** The verb with which a client asks for somebody's own view of a card. */
export const REFRESH = 'refresh';

/**
 * Lets those for whom a waiting request's buttons are fetch a view of their own; null where nobody knows who they are, or where
 * they are more than Teams takes. It takes Teams' own ids (`29:…`) only; somebody whose is not known yet finds the buttons
 * folded.
 */
export function refreshOf(card: Card, mriOf: MriOf): Refresh | null {
  if (card.audience === null) return null;
  const people = new Set([...card.audience.approvers, card.audience.requester].map((id) => id.toLowerCase()));
  if (people.size > LIMITS.views) return null;
  const userIds = [...people].flatMap((id) => mriOf(id) ?? []);
  if (userIds.length === 0) return null;
  return {
    action: { type: 'Action.Execute', title: 'Refresh', verb: REFRESH, data: { id: card.requestId } },
    userIds,
  };
}
