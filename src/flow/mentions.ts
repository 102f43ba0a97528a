import { person, type Text, text } from '../model/notice.ts';
import type { Request } from '../model/request.ts';
import { approversFor } from '../policy/index.ts';
import type { Deps } from './deps.ts';

/** So many people are mentioned at once; beyond it nobody feels meant. */
const MENTIONED = 20;

/** Mentions by id alone (`report` adds the names) of those who may decide about a request now, never its requester; none where the policy wants none. */
export function mentionApprovers(deps: Pick<Deps, 'policy'>, request: Request): Text {
  const policy = deps.policy();
  if (request.terms === null || policy.notify.approvers === 'none') return [];
  return approversFor(policy, request.terms, request.platform, request.requester)
    .slice(0, MENTIONED)
    .flatMap(({ id }) => [person({ platform: request.platform, id, name: '' }, true), text(' ')]);
}
