import { AppError, ChatError } from '../errors.ts';
import { parseRequestId } from '../model/ids.ts';
import { answer, type PrivateAnswer, strong, text } from '../model/notice.ts';
import { type Person, samePerson } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { type Deed, judge, quorumReached } from '../policy/index.ts';
import { addReason } from './add-reason.ts';
import { adopt, isStray } from './adopt.ts';
import { askAgain } from './ask-again.ts';
import { type CancelOutcome, cancelRequest } from './cancel.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import { forRequester, noteClick, roundOf, say } from './click-notes.ts';
import { confirm } from './deletion.ts';
import { deny, sayWhyDenied } from './denial.ts';
import { chatOf, type Deps, nameLookup } from './deps.ts';
import { clickedOnCopy } from './direct.ts';
import { groundsOf } from './grounds.ts';
import { holdPolicy } from './policy-in-force.ts';
import type { Click, Inbound, Tx } from './ports.ts';
import { release } from './release.ts';
import { review } from './review.ts';
import { type Found, lookOnceMore, settle } from './settle.ts';
import { underTodaysPolicy } from './terms.ts';

/** A person whom the platform can't name within this time is told that their click did nothing. Milliseconds. */
const CHECK_WITHIN = 20_000;

const DEEDS: Partial<Record<Click['action'], Deed>> = {
  approve: 'approve',
  deny: 'deny',
  withdraw: 'withdraw',
  cancel: 'cancel',
  results: 'results',
  it_ran: 'settle',
  it_did_not_run: 'settle',
  reviewed: 'review',
};

/** What stops something never waits, whichever policy is in force; only a refusal does. */
const STOPS: ReadonlySet<Click['action']> = new Set(['withdraw', 'cancel']);

/**
 * Decides on a stored click: who it is, asked fresh; whether they may, by the policy in force; and then it counts, once. Throws
 * OtherPolicy: the click stays stored, for who runs the policy in force.
 */
export async function decide(deps: Deps, inboundId: string): Promise<void> {
  const inbound = await deps.store.transaction((tx) => tx.inbound(inboundId));
  if (inbound?.click === undefined) return;
  const { click } = inbound;
  const person = await whoClicked(deps, inbound, click);
  if (person === null) return;
  const requestId = parseRequestId(click.id.split(':')[0] ?? '');
  const known = requestId === null ? null : await deps.store.transaction((tx) => tx.request(requestId));
  const nameOf = known?.terms ? await nameLookup(deps, known.platform, known.terms) : () => null;
  const settles = DEEDS[click.action] === 'settle';
  const found = settles && known !== null ? await lookOnceMore(deps, inbound, known, person) : null;
  const direct = known !== null && (await clickedOnCopy(deps, known, click));
  const stray = known !== null && (await isStray(deps, known, click));
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      if ((await tx.inbound(inboundId)) === null) return;
      const request = requestId === null ? null : await tx.request(requestId);
      if (request === null) await noteClick(tx, deps, click, person, { outcome: 'refused', rule: 'unknown request' });
      const words =
        request === null
          ? answer('I don’t know that request any more. It may be older than what I keep.')
          : await act(tx, deps, request, click, person, { nameOf, found, direct });
      if (words !== null) await reply(tx, deps, inbound, click, words);
      if (request !== null && stray) await adopt(tx, deps, request, click, person);
      await tx.removeInbound(inboundId);
    }),
  );
}

/** The clicker as the directory knows them now. Null when that could not be found out: they have been told. */
async function whoClicked(deps: Deps, inbound: Inbound, click: Click): Promise<Person | null> {
  try {
    return await chatOf(deps, inbound.platform).lookUp(click.person, { fresh: true });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    if (deps.clock.now() < inbound.createdAt + CHECK_WITHIN && error.code !== 'chat_refused') throw error;
    await deps.store.transaction(async (tx) => {
      if ((await tx.inbound(inbound.id)) === null) return;
      await tx.audit({
        actor: click.person,
        action: 'click.not_checked',
        data: { button: click.action, id: click.id, channel: click.channel, code: error.code },
      });
      await reply(
        tx,
        deps,
        inbound,
        click,
        answer('I couldn’t check who you are, so your click did nothing. Try again in a minute.'),
      );
      await tx.removeInbound(inbound.id);
    });
    return null;
  }
}

/** Whoever holds the clicker's call open takes the answer from there; else, and where it is gone by then, it is delivered. */
async function reply(tx: Tx, deps: Deps, inbound: Inbound, click: Click, words: PrivateAnswer): Promise<void> {
  const row = { platform: inbound.platform, to: click.replyTo, answer: words };
  if (click.openUntil !== null && click.openUntil > deps.clock.now()) {
    await tx.insertAnswer(row, { id: inbound.id, until: click.openUntil });
  } else {
    await tx.enqueue({ queue: `answer.${inbound.platform}`, id: await tx.insertAnswer(row) });
  }
}

/** What was asked outside before the transaction. */
interface Asked {
  nameOf: (person: { platform: Person['platform']; id: string }) => string | null;
  found: Found;
  /** Whether it came from the person's own copy of the card. */
  direct: boolean;
}

async function act(
  tx: Tx,
  deps: Deps,
  request: Request,
  click: Click,
  person: Person,
  asked: Asked,
): Promise<PrivateAnswer | null> {
  if (!STOPS.has(click.action)) await holdPolicy(tx, deps.policy().hash);
  if (click.action === 'ask_again' || click.action === 'confirm' || click.action === 'add_reason') {
    const mine = samePerson(request.requester, person);
    await noteClick(tx, deps, click, person, mine ? { outcome: 'taken' } : { outcome: 'refused', rule: 'author' });
    if (click.action === 'add_reason') return addReason(tx, deps, request, click, person);
    return click.action === 'confirm'
      ? confirm(tx, deps, request, click, person)
      : askAgain(tx, deps, request, click, person);
  }
  if (click.action === 'deny_reason') return sayWhyDenied(tx, deps, request, click, person);
  const deed = DEEDS[click.action];
  if (deed === undefined) {
    await noteClick(tx, deps, click, person, { outcome: 'refused', rule: 'unknown button' });
    return answer('That button is from an older version of me and does nothing.');
  }
  const decides = deed === 'approve' || deed === 'deny';
  const { request: current, refuse } = decides ? await underTodaysPolicy(tx, deps, request) : { request, refuse: null };
  const judged = judge(deed, {
    policy: deps.policy(),
    person,
    request: current,
    round: decides ? roundOf(click.id) : null,
    channel: click.channel,
    direct: asked.direct,
    decisions: await tx.decisionsOf(request.id),
    now: deps.clock.now(),
    nameOf: asked.nameOf,
  });
  const verdict =
    judged.ok && deed === 'approve' && refuse !== null
      ? { ok: false as const, rule: 'refuse', sentence: refuse }
      : judged;
  if (!verdict.ok) {
    await holdPolicy(tx, deps.policy().hash);
    await noteClick(tx, deps, click, person, { outcome: 'refused', rule: verdict.rule });
    return answer(verdict.sentence);
  }
  await noteClick(tx, deps, click, person, { outcome: 'taken', rule: current.terms?.rule ?? null });
  return perform(tx, deps, current, click, person, asked.found);
}

async function perform(
  tx: Tx,
  deps: Deps,
  request: Request,
  click: Click,
  person: Person,
  found: Found,
): Promise<PrivateAnswer | null> {
  switch (click.action) {
    case 'approve':
      return approve(tx, deps, request, person);
    case 'deny':
      return deny(tx, deps, request, person, click.words);
    case 'withdraw':
    case 'cancel':
      return cancelWords(await cancelRequest(tx, deps, request, person, click.words));
    case 'results':
      return resultsAnswer(request, person);
    case 'it_ran':
    case 'it_did_not_run':
      return settle(tx, deps, request, click, person, found);
    default:
      return review(tx, deps, request, person);
  }
}

async function approve(tx: Tx, deps: Deps, request: Request, person: Person): Promise<PrivateAnswer | null> {
  const now = deps.clock.now();
  const decision = {
    requestId: request.id,
    round: request.round,
    person,
    verdict: 'approve' as const,
    why: null,
    at: now,
  };
  // Judged as undecided, so their other click was a moment faster, on another instance perhaps: what it decided is looked at anew.
  if (!(await tx.insertDecision(decision))) throw new AppError('conflict', `${person.name} has decided meanwhile.`);
  const policy = deps.policy();
  await tx.audit({
    actor: person,
    action: 'request.approve',
    requestId: request.id,
    data: {
      round: request.round,
      ...groundsOf(policy, person),
      terms: request.terms,
      files: request.files,
      commands: request.commands,
      ...(request.deletion === undefined ? {} : { deletes: request.deletion.file }),
    },
  });
  const enough = quorumReached(policy, request, await tx.decisionsOf(request.id));
  await say(tx, request, `decision:${request.round}:${person.id}`, [
    strong(person.name),
    text(enough ? ' approved.' : ' approved; more approvals are needed.'),
    ...forRequester(deps, request),
  ]);
  if (enough) await release(tx, request, now);
  // Also a decision that doesn't suffice holds only for the request as it was judged.
  else await tx.saveRequest(request, request);
  await wakeReport(tx, request);
  return null;
}

/** What a person hears who stopped something; null where the card says it. */
export function cancelWords(outcome: CancelOutcome): PrivateAnswer | null {
  switch (outcome) {
    case 'ended':
      return answer('It has ended already.');
    case 'under_way':
      return answer(
        'It is being deleted this very moment, so it is too late to cancel. The card says what came of it.',
      );
    case 'unclear':
      return answer(
        'It is unclear whether it ran, so there is nothing to cancel. An approver says on the card whether it ran.',
      );
    case 'partly':
      return answer(
        'Cancelled where it could be. On other machines it is unclear whether it ran: an approver says so on the card.',
      );
    case 'requested':
      return answer('Cancel requested. The card says what became of it.');
    default:
      return null;
  }
}

/** The answer that carries a results link, made at delivery for this person alone. */
export function resultsAnswer(request: Request, person: Person): PrivateAnswer {
  if (request.deletion !== undefined)
    return answer(`${request.id} deletes a library file; its card tells how it ended.`);
  return {
    ...answer(`Results of ${request.id}, for you alone:`),
    resultsFor: {
      requestId: request.id,
      person: { platform: person.platform, id: person.id, tenant: person.tenant, name: person.name },
    },
  };
}
