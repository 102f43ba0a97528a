import type { Platform } from '../model/person.ts';
import type { NameOf } from './context.ts';
import { approversKnown, couldSatisfy } from './directory-groups.ts';
import { durationWords } from './duration.ts';
import { demandWords, fileOf, reasonTrouble } from './evaluate.ts';
import { approversFor, satisfies } from './people.ts';
import type { PersonId, Policy, Verdict } from './policy.ts';
import { counted, DIRECTORY_GROUPS, groupWords } from './words.ts';

/** Who is asked about, and what is there already. */
export interface ExplainFacts {
  platform: Platform;
  requester?: PersonId | null;
  /** Undefined: nothing is said about the reason. */
  reason?: string | null;
  machines?: number;
  /** Approvals so far. */
  approved?: number;
  nameOf?: NameOf;
}

/** Which rule, why, who can approve, what is missing: one sentence each. */
export function explain(policy: Policy, verdict: Verdict, facts: ExplainFacts): string[] {
  const why = [verdict.terms.because, ...whyNotLighter(verdict)];
  if (verdict.refuse !== null) return [...why, `It is refused: ${verdict.refuse}`];
  return [
    ...why,
    ...requesterSentences(policy, verdict, facts),
    ...approvalSentences(policy, verdict, facts),
    ...reasonSentences(verdict, facts),
    ...limitSentences(policy, verdict, facts),
  ];
}

/** Rules without approvals that would have counted for a pinned file. */
function whyNotLighter({ matched }: Verdict): string[] {
  const sentences = matched.flatMap(({ command, unpinned }) =>
    unpinned.map((rule) => {
      const what = fileOf(command) ?? 'collecting a file';
      return `Rule “${rule.name}” asks for no approval, but doesn’t count here: ${what} isn’t what it pins.`;
    }),
  );
  return [...new Set(sentences)];
}

function requesterSentences(policy: Policy, verdict: Verdict, { platform, requester, nameOf }: ExplainFacts): string[] {
  if (!requester) return [];
  const lists = [policy.requesters, ...verdict.requesterGroups];
  if (satisfies(policy, lists, requester)) return [];
  const who = groupWords(policy, verdict.requesterGroups, platform, { nameOf });
  const name = nameOf?.(requester) ?? 'This person';
  return couldSatisfy(policy, lists, requester)
    ? [
        `${name} may ask for it only as a member of the ${DIRECTORY_GROUPS[platform]} of ${who}, which weren’t looked at here.`,
      ]
    : [`${name} may not ask for it; these people may: ${who}.`];
}

function approvalSentences(policy: Policy, { terms }: Verdict, facts: ExplainFacts): string[] {
  if (terms.approvals === 0) return ['It needs no approval: what would run is pinned.'];
  const { platform, nameOf, requester: except = null, approved = 0 } = facts;
  const who = groupWords(policy, terms.approverGroups, platform, { nameOf, except });
  const there = approversFor(policy, terms, platform, except).length;
  const sentences = [`It needs ${counted(terms.approvals, 'approval')} by ${who}; nobody approves their own request.`];
  if (there < terms.approvals && approversKnown(policy, terms, platform))
    sentences.push(`It can’t get them: only ${there} of these people could approve it.`);
  const missing = terms.approvals - approved;
  if (approved > 0)
    sentences.push(missing > 0 ? `${counted(missing, 'approval')} still missing.` : 'All approvals are there.');
  return sentences;
}

function reasonSentences(verdict: Verdict, { reason }: ExplainFacts): string[] {
  const trouble = reason === undefined ? null : reasonTrouble(verdict, reason);
  if (trouble !== null) return [trouble];
  return verdict.reasons.map(demandWords);
}

function limitSentences(
  policy: Policy,
  { terms, maxMachines }: Verdict,
  { requester, machines = 1 }: ExplainFacts,
): string[] {
  const sentences = [
    `It expires ${durationWords(terms.expireAfter)} after it was asked for, and is cancelled when it hasn’t started ${durationWords(terms.startWithin)} after approval.`,
  ];
  if (maxMachines !== null) {
    const most = `It may run on at most ${counted(maxMachines, 'machine')} at once`;
    sentences.push(machines > maxMachines ? `${most}, so it is refused: these are ${machines}.` : `${most}.`);
  }
  const allowed = policy.breakGlass?.allowed ?? [];
  if (terms.breakGlass && (!requester || couldSatisfy(policy, [allowed], requester))) {
    sentences.push(`In an emergency ${allowed.join(' or ')} may start it at once with --break-glass.`);
  }
  return sentences;
}
