import { type RequestStatus, requestEnded } from '../../model/request.ts';
import type { Context, DeedRule } from '../context.ts';
import { isSame } from '../people.ts';

/** Only what waits can be decided. */
export const waiting: DeedRule = {
  name: 'waiting',
  check: ({ request }) => (request.status === 'waiting' ? null : statusSentence(request.id, request.status)),
};

/** Whether nothing has been decided about it yet. */
export function isUndecided(status: RequestStatus): boolean {
  return ['waiting', 'received', 'unconfirmed'].includes(status);
}

/** Not decided yet, so it can be taken back, or started without approval. */
export const undecided: DeedRule = {
  name: 'undecided',
  check({ request }) {
    if (isUndecided(request.status)) return null;
    return statusSentence(request.id, request.status);
  },
};

/** What has ended can't be stopped. */
export const notEnded: DeedRule = {
  name: 'not-ended',
  check: ({ request }) => (requestEnded(request.status) ? statusSentence(request.id, request.status) : null),
};

/** The button's round is today's: nobody approves what they haven't seen. A decision without a round counts for nothing. */
export const round: DeedRule = {
  name: 'round',
  check({ request, round: seen }) {
    if (seen === request.round) return null;
    if (seen === null) return `Decide with the buttons on the card of ${request.id}, which show what it is about.`;
    return `${request.id} has changed since that card was shown. Look at its newest card and decide there.`;
  },
};

/** Past its time nothing is decided any more, even where the card doesn't say so yet. */
export const notExpired: DeedRule = {
  name: 'not-expired',
  check({ request, now }) {
    return request.expiresAt !== null && now >= request.expiresAt ? statusSentence(request.id, 'expired') : null;
  },
};

/**
 * One person decides once a round; only a denial takes the place of one's own approval, while it waits for others: who sees that it was
 * a mistake must be able to stop it.
 */
export const notDecidedBefore: DeedRule = {
  name: 'not-decided-before',
  check(context, deed) {
    const before = ownDecision(context);
    if (before === undefined || (deed === 'deny' && before.verdict === 'approve')) return null;
    return `You ${before.verdict === 'deny' ? 'denied' : 'approved'} ${context.request.id} already; that counts once.`;
  },
};

/** The request's terms let the glass be broken. */
export const glassBreakable: DeedRule = {
  name: 'glass-breakable',
  check({ request }) {
    if (request.terms?.breakGlass === true) return null;
    return `The policy doesn’t let ${request.id} start without approval (rule “${request.terms?.rule ?? 'Default'}”).`;
  },
};

function ownDecision({ request, person, decisions }: Context) {
  return decisions.find(
    (one) => one.requestId === request.id && one.round === request.round && isSame(one.person, person),
  );
}

function statusSentence(id: string, status: RequestStatus): string {
  return `${id} ${STATUS_WORDS[status]}`;
}

const STATUS_WORDS: Record<RequestStatus, string> = {
  received: 'is still being prepared. Try again in a moment.',
  unconfirmed: 'isn’t confirmed yet by who asked.',
  refused: 'was refused, so there is nothing to do.',
  waiting: 'still waits for approval.',
  approved: 'is approved already.',
  denied: 'was denied, so it is over. Ask again with a new request.',
  expired: 'has expired. Ask again with a new request.',
  withdrawn: 'was withdrawn, so there is nothing to do.',
  done: 'has ended already.',
};
