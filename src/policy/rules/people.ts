import { standingRefusal } from '../../model/person.ts';
import type { DeedRule } from '../context.ts';
import { isMember, isSame, mayApprove, mayApproveTerms, mayRead } from '../people.ts';
import { groupWords } from '../words.ts';
import { approverWords, DOES } from './sentences.ts';
import { isUndecided } from './state.ts';

/** Guests, strangers, bots and deactivated accounts may do nothing, whatever group they are in. */
export const standing: DeedRule = {
  name: 'standing',
  check: ({ person }) => standingRefusal(person.standing),
};

/** Nobody decides about their own request, whatever a policy says. */
export const notRequester: DeedRule = {
  name: 'not-requester',
  check(context, deed) {
    const { request, person } = context;
    if (!isSame(request.requester, person)) return null;
    if (deed === 'deny') return `You asked for ${request.id} yourself. You can withdraw it instead.`;
    return `You asked for ${request.id} yourself, so someone else must ${DOES[deed]} it: ${approverWords(context)}.`;
  },
};

/** A listed approver under the request's terms and by today's policy, by user id or Entra group. */
export const listedApprover: DeedRule = {
  name: 'listed-approver',
  check(context, deed) {
    const { policy, request, person } = context;
    if (request.terms !== null && mayApproveTerms(policy, request.terms, person)) return null;
    if (deed === 'deny_reason')
      return `You may not decide about ${request.id} any more, so its card takes no reason from you.`;
    return `You may not ${DOES[deed]} ${request.id}. These people may: ${approverWords(context)}.`;
  },
};

/** Why it was denied is for who denied it to say. */
export const denier: DeedRule = {
  name: 'denier',
  check({ request, person }) {
    if (request.status === 'denied' && request.endedBy !== null && isSame(request.endedBy, person)) return null;
    return 'Only who denied it can say why.';
  },
};

/** Only who asked may take it back. */
export const isRequester: DeedRule = {
  name: 'is-requester',
  check({ request, person }) {
    if (isSame(request.requester, person)) return null;
    return `Only ${request.requester.name}, who asked for ${request.id}, can withdraw it. Approvers can deny it on its card.`;
  },
};

/** Stopping is for who asked and, once it is approved, for every approver; before, theirs is to deny, which asks for more. */
export const requesterOrApprover: DeedRule = {
  name: 'requester-or-approver',
  check(context, deed) {
    const { policy, request, person, nameOf } = context;
    if (isUndecided(request.status)) return isRequester.check(context, deed);
    if (isSame(request.requester, person) || mayApprove(policy, person)) return null;
    const approvers = groupWords(policy, [policy.approvers], request.platform, { nameOf });
    return `Only ${request.requester.name}, who asked for ${request.id}, and approvers can cancel it: ${approvers}.`;
  },
};

/** Reading needs a right too. */
export const reader: DeedRule = {
  name: 'reader',
  check({ policy, request, person, nameOf }) {
    if (mayRead(policy, person)) return null;
    const lists = [[...new Set([...policy.requesters, ...policy.approvers])]];
    return `You may not see the results of ${request.id}. Ask ${groupWords(policy, lists, person.platform, { nameOf })}.`;
  },
};

/** Breaking the glass is for who asked, where the policy lists them for it. */
export const mayBreakGlass: DeedRule = {
  name: 'may-break-glass',
  check({ policy, request, person, nameOf }) {
    if (!isSame(request.requester, person))
      return `Only ${request.requester.name}, who asked for it, can start ${request.id} without approval.`;
    const allowed = policy.breakGlass?.allowed ?? [];
    if (isMember(policy, allowed, person)) return null;
    if (allowed.length === 0) return 'Nobody may start anything without approval here.';
    return `You may not start anything without approval. These people may: ${groupWords(policy, [allowed], person.platform, { nameOf })}.`;
  },
};
