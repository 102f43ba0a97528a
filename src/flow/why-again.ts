import type { Decision, Request, Terms } from '../model/request.ts';
import { countApprovals, type Policy, reasonTrouble, type Verdict } from '../policy/index.ts';

/**
 * Why what was asked for before, with the reason it has, may not be done at all by today's policy, and what would help; null when it
 * may. A reason can't be given later: whoever approves has seen the one on the card.
 */
export function refusedNow(
  verdict: Pick<Verdict, 'refuse' | 'reasons' | 'maxMachines'>,
  reason: string | null,
  machines = 1,
): string | null {
  if (verdict.refuse !== null) return `The policy now refuses this: ${verdict.refuse}`;
  const most = verdict.maxMachines;
  if (most !== null && machines > most) {
    return `The policy now allows this on at most ${most} ${most === 1 ? 'machine' : 'machines'} at once, and these are ${machines}.`;
  }
  const unmet = verdict.reasons.find((demand) => reasonTrouble({ reasons: [demand] }, reason) !== null);
  if (unmet === undefined) return null;
  const other = reason === null ? '' : ', and this one doesn’t';
  return `Rule “${unmet.rule}” now needs a reason that fits ${unmet.pattern.source}${other}. Ask again with --reason "…".`;
}

/** Whether those who decide are asked for the same. */
export function sameDemand(before: Terms, now: Terms): boolean {
  const asked = ({ approvals, approverGroups }: Terms) => JSON.stringify([approvals, approverGroups]);
  return asked(before) === asked(now);
}

/** `2 approvals by leads` */
export function demand({ approvals, approverGroups }: Terms): string {
  return `${approvals} ${approvals === 1 ? 'approval' : 'approvals'} by ${[...new Set(approverGroups.flat())].join(', ')}`;
}

/** Why something waits once more: what opened its round, and what the policy says of it since. Null where there is nothing to say. */
export function whyWaiting({ note, judgedAnew }: Pick<Request, 'note' | 'judgedAnew'>): string | null {
  const since = judgedAnew?.note ?? null;
  if (since === null) return note;
  return note === null ? `${since.charAt(0).toLowerCase()}${since.slice(1)}` : `${note} ${since}`;
}

/** What an approval that no longer suffices was given by, and how that stands now. */
export interface Shortfall {
  policy: Policy;
  request: Request;
  terms: Terms;
  /** The name of the machine where what it says of itself, and not the policy, asks for more. */
  machine: string | null;
  /** As they were given, and of whom they count by now. */
  given: readonly Decision[];
  counting: readonly Decision[];
}

/** The words without their end, for where nobody is asked again. */
export function withoutAgain(why: string): string {
  return why.replace(/,? (?:so it|It) needs approval again\.$/, (end) => (end.startsWith(',') ? '.' : ''));
}

/** Which of policy, machine and people has changed, so that an approval no longer suffices. */
export function whyAgain(now: Shortfall): string {
  return `${cause(now)} It needs approval again.`;
}

function cause({ policy, request, terms, machine, given, counting }: Shortfall): string {
  const round = given.filter((one) => one.round === request.round);
  const broke = round.find(({ verdict }) => verdict === 'break_glass');
  if (broke !== undefined) {
    return terms.breakGlass
      ? `${broke.person.name} may not start anything without approval any more.`
      : `Rule “${terms.rule}” no longer lets anybody start without approval.`;
  }
  if (machine !== null) return `${machine} now falls under rule “${terms.rule}”: ${demand(terms)}.`;
  if (request.terms !== null && !sameDemand(request.terms, terms)) {
    return `The policy has changed: rule “${terms.rule}” now asks for ${demand(terms)}.`;
  }
  const lost = round.filter(
    ({ verdict, person }) =>
      verdict === 'approve' &&
      countApprovals(
        policy,
        { ...request, terms },
        counting.filter((one) => one.person.id === person.id),
      ) === 0,
  );
  const names = lost.map(({ person }) => person.name).join(', ');
  return names === '' ? `It has fewer than ${demand(terms)}.` : `${names} approved it and may not approve it any more.`;
}
