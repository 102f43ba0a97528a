import type { Button } from '../model/notice.ts';
import type { Request } from '../model/request.ts';

/** Asks once more for what was refused because its reason was missing, or not of the kind that a rule wants. */
export function reasonButton({ id, reason }: Pick<Request, 'id' | 'reason'>): Button {
  return { action: 'add_reason', id, label: reason === null ? 'Add reason' : 'Change reason', tone: 'primary' };
}
