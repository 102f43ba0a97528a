import type { Decision, Request } from '../model/request.ts';
import { isSame, mayApproveTerms, rightsKey } from './people.ts';
import type { Policy } from './policy.ts';

type Asked = Pick<Request, 'id' | 'terms' | 'round' | 'platform' | 'requester'>;

/**
 * Approvals of this round by different people who may approve under the request's terms today, on its platform. The
 * requester's never counts.
 */
export function countApprovals(policy: Policy, request: Asked, decisions: readonly Decision[]): number {
  const { terms } = request;
  if (terms === null) return 0;
  const counting = decisions.filter(
    ({ requestId, round, verdict, person }) =>
      requestId === request.id &&
      round === request.round &&
      verdict === 'approve' &&
      person.platform === request.platform &&
      !isSame(person, request.requester) &&
      mayApproveTerms(policy, terms, person),
  );
  return new Set(counting.map(({ person }) => rightsKey(person))).size;
}

/** Whether there are enough of them. Without terms nothing is ever enough. */
export function quorumReached(policy: Policy, request: Asked, decisions: readonly Decision[]): boolean {
  return request.terms !== null && countApprovals(policy, request, decisions) >= request.terms.approvals;
}
