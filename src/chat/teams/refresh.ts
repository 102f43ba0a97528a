import type { Card } from '../../model/notice.ts';
import { LIMITS } from './limits.ts';
import { isObjectId } from './mentions.ts';
import type { Refresh } from './wire-card.ts';

/** What Teams calls somebody (`29:…`), by Entra object id; null for somebody it hasn't named to this bot. */
export type MriOf = (objectId: string) => string | null;

/** The verb with which a client asks for somebody's own view of a card. */
export const REFRESH = 'refresh';

/**
 * Lets those for whom a waiting request's buttons are fetch a view of their own; null where nobody knows who they are, or where
 * they are more than Teams takes. Microsoft documents Teams user ids (`29:…`) for this. Somebody whose is not known is named as Teams' own
 * clients name people, `8:orgid:` and the object id, which isn't documented here: should a client not know it, the buttons
 * are still there, folded.
 */
export function refreshOf(card: Card, mriOf: MriOf): Refresh | null {
  if (card.audience === null) return null;
  const people = new Set([...card.audience.approvers, card.audience.requester].map((id) => id.toLowerCase()));
  if (people.size > LIMITS.views) return null;
  const userIds = [...people].flatMap((id) => mriOf(id) ?? (isObjectId(id) ? `8:orgid:${id}` : []));
  if (userIds.length === 0) return null;
  return {
    action: { type: 'Action.Execute', title: 'Refresh', verb: REFRESH, data: { id: card.requestId } },
    userIds,
  };
}
