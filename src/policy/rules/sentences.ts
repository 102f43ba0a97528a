import type { Context, Deed } from '../context.ts';
import { groupWords } from '../words.ts';

/** What a deed is called in a sentence, before the request. */
export const DOES: Record<Deed, string> = {
  approve: 'approve',
  deny: 'deny',
  deny_reason: 'give the reason for denying',
  withdraw: 'withdraw',
  cancel: 'cancel',
  settle: 'say what became of',
  results: 'open the results of',
  break_glass: 'start without approval',
  review: 'review',
};

/** Who may approve this request, without who asked for it. */
export function approverWords({ policy, request, nameOf }: Context): string {
  const lists = request.terms?.approverGroups ?? [policy.approvers];
  return groupWords(policy, lists, request.platform, { nameOf, except: request.requester });
}
