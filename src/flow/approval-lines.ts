import { person, type Text, text, time } from '../model/notice.ts';
import type { Decision, Request, Run, Terms } from '../model/request.ts';
import { hasStarted } from './nothing-sent.ts';
import type { Surroundings } from './surroundings.ts';

/** Why it is asked for; which rule asks for which approvals, and why that one; or who gave them: the same on every card. */
export function approvalFacts(
  request: Request,
  decisions: readonly Decision[],
  around: Surroundings,
  run: Run | null = null,
): Text[] {
  const lines: Text[] = [];
  if (request.reason !== null) lines.push([text('Why: '), text(request.reason)]);
  if (request.status === 'waiting' && request.terms !== null) {
    lines.push(ruleLine(request, around));
    if (request.terms.because !== '') lines.push([text(request.terms.because)]);
  } else if (decisions.length > 0 || request.terms?.approvals === 0) {
    const loud = loudLines(request, decisions, around.now, run).length > 0;
    if (!loud) lines.push(approvalLine(request, decisions, around.now, run));
  }
  return lines;
}

function ruleLine(request: Request, around: Surroundings): Text {
  const terms = request.terms;
  if (terms === null) return [];
  const expires: Text = request.expiresAt === null ? [] : [text(' · expires '), time(request.expiresAt)];
  return [text(`${ruleOf(terms)}, ${around.approvals} so far`), ...expires];
}

/** `Rule “Default”: 1 approval by leads`. */
export function ruleOf({ rule, approvals, approverGroups }: Terms): string {
  const needed = approvals === 1 ? '1 approval' : `${approvals} approvals`;
  return `Rule “${rule}”: ${needed} by ${[...new Set(approverGroups.flat())].join(', ')}`;
}

function approvalLine(request: Request, decisions: readonly Decision[], now: number, run: Run | null): Text {
  const round = decisions.filter((one) => one.round === request.round);
  const broke = brokenGlass(request, decisions, now, run);
  if (broke !== null) return broke;
  const approvals = round.filter((one) => one.verdict === 'approve');
  if (approvals.length === 0) {
    // Denied or withdrawn before anybody approved is not the same as approved by rule.
    const terms = request.terms;
    const missing = terms !== null && terms.approvals > 0;
    return [text(missing ? ruleOf(terms) : `Rule “${terms?.rule ?? ''}”: no approval needed`)];
  }
  return [
    text(request.approvedAt === null ? 'Had approved: ' : '✔ Approved by '),
    ...approvals.flatMap(
      (one, index): Text => [...(index === 0 ? [] : [text(', ')]), person(one.person), text(' '), time(one.at)],
    ),
  ];
}

/** Who started it without approval, and why; null where nobody did. */
function brokenGlass(request: Request, decisions: readonly Decision[], now: number, run: Run | null): Text | null {
  const broke = decisions.find((one) => one.round === request.round && one.verdict === 'break_glass');
  if (broke === undefined) return null;
  return [
    text(run !== null && hasStarted(run) ? '‼ Started without approval by ' : '‼ Break-glass by '),
    person(broke.person),
    text(` `),
    time(broke.at),
    text(`: “${broke.why ?? ''}”`),
    ...reviewWords(request, now),
  ];
}

/** Among the warnings for as long as its review is open: nobody may overlook it. */
export function loudLines(request: Request, decisions: readonly Decision[], now: number, run: Run | null): Text[] {
  if (request.review === undefined || request.review.doneAt !== null) return [];
  const broke = brokenGlass(request, decisions, now, run);
  return broke === null ? [] : [broke];
}

function reviewWords({ review }: Request, now: number): Text {
  if (review === undefined || review.doneAt !== null) return [];
  const words = now > review.by ? '. Its review is overdue since ' : '. To be reviewed until ';
  return [text(words), time(review.by, 'date')];
}

/** Whom the card is for while it waits; who reviewed it. */
export function footer(request: Request, decisions: readonly Decision[], around: Surroundings): Text[] {
  if (request.status === 'waiting' && around.approvers.length > 0) {
    const who = around.approvers.flatMap(
      (one, index): Text => [...(index === 0 ? [] : [text(', ')]), person(one, around.mention)],
    );
    const others = around.others.length === 0 ? [] : [text(` and others in ${around.others.join(', ')}`)];
    return [[text(around.mention ? 'For ' : 'May approve: '), ...who, ...others]];
  }
  const reviewed = decisions.find((one) => one.round === 0);
  if (reviewed !== undefined) return [[text('Reviewed by '), person(reviewed.person), text(' '), time(reviewed.at)]];
  return [];
}
