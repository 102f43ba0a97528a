import { person, type Text, text } from '../model/notice.ts';
import type { Request } from '../model/request.ts';
import { approversFor, approversKnown } from '../policy/index.ts';
import { type Deps, listedOn } from './deps.ts';

/** So many people are mentioned at once; beyond it nobody feels meant. */
const MENTIONED = 20;

/**
 * Mentions by id alone (`report` adds the names) of those who may decide about a request now, never its requester; none where the
 * policy wants none. Where a directory knows more of them than the policy names, the groups are said, too.
 */
export function mentionApprovers(deps: Pick<Deps, 'policy' | 'chats'>, request: Request): Text {
  const policy = deps.policy();
  if (request.terms === null || policy.notify.approvers === 'none') return [];
  const { terms, platform } = request;
  const listed = listedOn(deps, platform);
  const people = approversFor(policy, terms, platform, request.requester, listed)
    .slice(0, MENTIONED)
    .flatMap(({ id }, index): Text => [...(index === 0 ? [] : [text(', ')]), person({ platform, id, name: '' }, true)]);
  if (approversKnown(policy, terms, platform, listed)) return people;
  const groups = text(`For ${[...new Set(terms.approverGroups.flat())].join(', ')}`);
  return people.length === 0 ? [groups] : [groups, text(', among them '), ...people];
}
