import type { Request, Time } from '../model/request.ts';
import { wakeReport } from './changes.ts';
import type { Tx } from './ports.ts';

/** Until when what was approved may start: a policy that became stricter since brings it forward, and none puts it off. */
export function startsBy(request: Pick<Request, 'startBy' | 'approvedAt'>, startWithin: number): Time | null {
  const { startBy, approvedAt } = request;
  return startBy === null || approvedAt === null ? startBy : Math.min(startBy, approvedAt + startWithin);
}

/** The request with that time; itself where nothing changes. */
export function startingBy(request: Request, startWithin: number): Request {
  const startBy = startsBy(request, startWithin);
  if (startBy === request.startBy || request.terms === null) return request;
  return { ...request, startBy, terms: { ...request.terms, startWithin } };
}

/** Stores that time, for the card's “we cancel at” and for the clock. */
export async function bringForward(tx: Tx, request: Request, startWithin: number): Promise<void> {
  const sooner = startingBy(request, startWithin);
  if (sooner === request) return;
  await tx.saveRequest(request, sooner);
  const data = { startBy: sooner.startBy, before: request.startBy };
  await tx.audit({ actor: 'bot', action: 'request.start_by', requestId: request.id, data });
  await wakeReport(tx, request);
}
