import type { Request, Run } from '../model/request.ts';
import { hasStarted } from './nothing-sent.ts';
import type { Tx } from './ports.ts';

/**
 * The request without a review that is still to be done: nothing of it was sent, so there is nothing to look at. Itself where there is
 * none, or something may have run.
 */
export async function closeVainReview(tx: Tx, request: Request, runs: readonly Run[], now: number): Promise<Request> {
  const { review: open } = request;
  if (open === undefined || open.doneAt !== null || runs.some(hasStarted)) return request;
  await tx.audit({ actor: 'bot', action: 'request.review_vain', requestId: request.id });
  return { ...request, review: { ...open, doneAt: now } };
}
