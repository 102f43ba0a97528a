import { answer, type PrivateAnswer, strong, text } from '../model/notice.ts';
import { type Person, samePerson } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { judge } from '../policy/index.ts';
import { endEarly } from './cancel.ts';
import { wakeReport } from './changes.ts';
import { forRequester, noteClick, say } from './click-notes.ts';
import { nothingDeleted } from './deletion-card.ts';
import type { Deps } from './deps.ts';
import { NO_REASON, nothingSent } from './nothing-sent.ts';
import type { Click, Tx } from './ports.ts';

/** Ends a request by the word of somebody who may approve. Rights have been checked. */
export async function deny(
  tx: Tx,
  deps: Deps,
  request: Request,
  person: Person,
  why: string | null,
): Promise<PrivateAnswer | null> {
  const decision = {
    requestId: request.id,
    round: request.round,
    person,
    verdict: 'deny' as const,
    why,
    at: deps.clock.now(),
  };
  const approved = (await tx.decisionsOf(request.id)).some(
    (one) => one.round === request.round && samePerson(one.person, person) && one.verdict === 'approve',
  );
  await tx.replaceDecision(decision);
  const runs = await tx.runsOf(request.id);
  const run = runs.find(({ settledBy }) => settledBy !== null) ?? runs[0];
  const rest = request.deletion === undefined ? nothingSent(run, request) : nothingDeleted(request.deletion);
  await endEarly(tx, deps, request, 'denied', person, why, approved ? { instead: 'approve' } : {});
  // A key of its own, since their approval has been told as their decision.
  await say(tx, request, `denied:${request.round}`, [
    strong(person.name),
    text(
      `${approved ? ' took the approval back and' : ''} denied it${why === null ? NO_REASON : `: “${why}”`}. ${rest}`,
    ),
    ...forRequester(deps, request),
  ]);
  await wakeReport(tx, request);
  if (why !== null) return null;
  // Stopping something must never fail for want of words; they may follow.
  return {
    ...answer(`You denied ${request.id}. Its card gives no reason yet.`),
    buttons: [{ action: 'deny_reason', id: request.id, label: 'Say why', tone: 'plain' }],
  };
}

/** Who denied without a reason, and may still deny, gives it afterwards, once: it stands on the card and in the thread. */
export async function sayWhyDenied(
  tx: Tx,
  deps: Deps,
  request: Request,
  click: Click,
  person: Person,
): Promise<PrivateAnswer | null> {
  const { channel } = click;
  const context = { policy: deps.policy(), person, request, round: null, channel, decisions: [] };
  const judged = judge('deny_reason', { ...context, now: deps.clock.now() });
  const may =
    judged.ok && request.note !== null
      ? { ok: false as const, rule: 'reason-given', sentence: `The card of ${request.id} says why already.` }
      : judged;
  await noteClick(tx, deps, click, person, may.ok ? { outcome: 'taken' } : { outcome: 'refused', rule: may.rule });
  if (!may.ok) return answer(may.sentence);
  if (click.words === null) return answer('Say why in a few words; the card shows them.');
  await tx.saveRequest(request, { ...request, note: click.words });
  await say(tx, request, `denied_because:${request.round}`, [
    strong(person.name),
    text(`, who denied it: “${click.words}”`),
    ...forRequester(deps, request),
  ]);
  await wakeReport(tx, request);
  return null;
}
