import { answer, type PrivateAnswer, strong, text, time } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import type { Request, Review } from '../model/request.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import { mentionApprovers } from './mentions.ts';
import { hasStarted } from './nothing-sent.ts';
import type { Tx } from './ports.ts';

/** Overdue reviews looked at in one tick. */
const AT_ONCE = 100;

/** What was started without approval is to be looked at by somebody else within this time (milliseconds). */
export function openReview(now: number, within: number): Review {
  return { by: now + within, remindAt: now + within, doneAt: null };
}

/** Asks those who may approve to look at it; the card and the reply carry the button. */
export async function askForReview(tx: Tx, deps: Deps, request: Request, review: Review): Promise<void> {
  await tx.insertReply({
    requestId: request.id,
    key: 'break_glass',
    channel: request.channel,
    reply: {
      text: [
        text('‼ Break-glass by '),
        strong(request.requester.name),
        text(`: “${request.reason ?? ''}”. To be reviewed until `),
        time(review.by, 'date'),
        text('. '),
        ...mentionApprovers(deps, request),
      ],
      output: [],
      moreLines: 0,
      buttons: [{ action: 'reviewed', id: request.id, label: 'Reviewed', tone: 'plain' }],
    },
  });
}

/** Somebody who may approve, and didn't ask for it, has looked at it. Rights have been checked. */
export async function review(tx: Tx, deps: Deps, request: Request, person: Person): Promise<PrivateAnswer | null> {
  const decisions = await tx.decisionsOf(request.id);
  if (!decisions.some((one) => one.verdict === 'break_glass')) return answer('There is nothing to review here.');
  const before = decisions.find((one) => one.round === 0);
  if (before !== undefined) return answer(`${before.person.name} reviewed it already.`);
  if (!(await tx.runsOf(request.id)).some(hasStarted)) {
    return answer(
      request.review === undefined || request.review.doneAt === null
        ? 'Nothing was sent to the machine yet, so there is nothing to review. Cancel it if it should not run.'
        : 'Nothing of it was ever sent to the machine, so there is nothing to review.',
    );
  }
  const now = deps.clock.now();
  await tx.insertDecision({ requestId: request.id, round: 0, person, verdict: 'approve', why: 'reviewed', at: now });
  const late = request.review !== undefined && now > request.review.by;
  if (request.review !== undefined) {
    await tx.saveRequest(request, { ...request, review: { ...request.review, doneAt: now } });
  }
  const data = { late, policy: deps.policy().hash };
  await tx.audit({ actor: person, action: 'request.reviewed', requestId: request.id, data });
  await tx.insertReply({
    requestId: request.id,
    key: 'reviewed',
    channel: request.channel,
    reply: {
      text: [strong(person.name), text(` reviewed this break-glass run${late ? ', after its time' : ''}.`)],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
  await wakeReport(tx, request);
  return null;
}

/** A review that is overdue is asked for again, as often as its time passes once more, until somebody has done it. */
export async function remindOfReviews(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  const every = deps.policy().breakGlass?.reviewWithin ?? 24 * 3_600_000;
  for (const { id } of await deps.store.requestsBy({ reviewBy: now, limit: AT_ONCE })) {
    await retryConflicts(() =>
      deps.store.transaction(async (tx) => {
        const request = await tx.request(id);
        const open = request?.review;
        if (request === null || open === undefined || open.doneAt !== null || now < open.remindAt) return;
        // Before something was sent there is nothing to look at.
        if (!(await tx.runsOf(id)).some(hasStarted)) return;
        await tx.saveRequest(request, { ...request, review: { ...open, remindAt: now + every } });
        await tx.audit({ actor: 'bot', action: 'request.review_overdue', requestId: id, data: { by: open.by } });
        await tx.insertReply({
          requestId: id,
          key: `review_overdue:${open.remindAt}`,
          channel: request.channel,
          reply: {
            text: [
              text('‼ '),
              strong(id),
              text(` was started without approval by ${request.requester.name} and should have been reviewed until `),
              time(open.by, 'date'),
              text('. '),
              ...mentionApprovers(deps, request),
            ],
            output: [],
            moreLines: 0,
            buttons: [{ action: 'reviewed', id, label: 'Reviewed', tone: 'plain' }],
          },
        });
        await wakeReport(tx, request);
      }),
    );
  }
}
