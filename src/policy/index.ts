import type { Person, Platform } from '../model/person.ts';
import type { Decision, Request, Terms } from '../model/request.ts';
import type { PersonId, Policy, Subject, Verdict } from './policy.ts';

export type { Group, Limits, Matched, PersonId, Policy, ReasonDemand, Rule, Subject, Verdict } from './policy.ts';

// Signatures first; the bodies follow from the files of this folder.

/** Throws AppError `policy` naming every problem with line and column. */
export declare function loadPolicy(text: string, options: { platforms: readonly Platform[] }): Policy;
/** `15m` → milliseconds; null when it isn't a duration. */
export declare function parseDuration(text: string): number | null;
/** First match per command, strictest result of all. */
export declare function evaluate(policy: Policy, subject: Subject): Verdict;
/** Why this reason isn't enough, one sentence; null when it is. */
export declare function reasonTrouble(verdict: Verdict, reason: string | null): string | null;
/** Why a path is refused whatever the rules say (`..`, device paths, 8.3 names, streams), one sentence; null when it isn't. */
export declare function pathTrouble(path: string, osPlatform: string): string | null;

export declare function isMember(policy: Policy, groupNames: readonly string[], person: PersonId): boolean;
/** Whether the person is in a group of every list. */
export declare function satisfies(policy: Policy, lists: readonly (readonly string[])[], person: PersonId): boolean;
export declare function mayRequest(policy: Policy, person: PersonId): boolean;
export declare function mayApprove(policy: Policy, person: PersonId): boolean;
export declare function mayRead(policy: Policy, person: PersonId): boolean;
/** Who may approve under these terms on this platform, without `except` (the requester). */
export declare function approversFor(
  policy: Policy,
  terms: Pick<Terms, 'approverGroups'>,
  platform: Platform,
  except?: PersonId | null,
): PersonId[];

/** What somebody wants to do to a request. `settle`: say whether an unclear run ran. `review`: of a broken glass. */
export type Deed = 'approve' | 'deny' | 'withdraw' | 'cancel' | 'settle' | 'results' | 'break_glass' | 'review';

export interface Context {
  policy: Policy;
  /** Looked up now. */
  person: Person;
  request: Request;
  /** The round that the button named; null when typed. */
  round: number | null;
  /** Where it came from; null where the platform doesn't say. */
  channel: string | null;
  /** All decisions of the request. */
  decisions: readonly Decision[];
  now: number;
  /** Names for sentences; people without one are left out. */
  nameOf?: (person: PersonId) => string | null;
}

export type Judgement = { ok: true } | { ok: false; rule: string; sentence: string };

/** Whether the person may do this to the request now; if not, which rule forbids it, and a sentence for the person. */
export declare function judge(deed: Deed, context: Context): Judgement;
/** The same for what needs no request: asking for one at all, reading (machines, library, requests), pausing. */
export declare function judgePerson(
  deed: 'request' | 'read' | 'pause',
  context: Pick<Context, 'policy' | 'person' | 'nameOf'>,
): Judgement;
/** Whether the person may ask for exactly this (the rules' own `requesters`, `refuse` and reason included). */
export declare function judgeRequest(
  context: Pick<Context, 'policy' | 'person' | 'nameOf'> & {
    verdict: Verdict;
    reason: string | null;
    machines: number;
  },
): Judgement;
/** Approvals of this round by different people who may approve under the request's terms today; never the requester's. */
export declare function countApprovals(
  policy: Policy,
  request: Pick<Request, 'terms' | 'round' | 'platform' | 'requester'>,
  decisions: readonly Decision[],
): number;
export declare function quorumReached(
  policy: Policy,
  request: Pick<Request, 'terms' | 'round' | 'platform' | 'requester'>,
  decisions: readonly Decision[],
): boolean;

/** Which rule, why, who can approve, what is missing: one sentence each. */
export declare function explain(
  policy: Policy,
  verdict: Verdict,
  facts: {
    platform: Platform;
    requester?: PersonId | null;
    reason?: string | null;
    approved?: number;
    nameOf?: (person: PersonId) => string | null;
  },
): string[];
/** What is valid and yet surely not meant: warnings, one sentence each. */
export declare function checkPolicy(policy: Policy): string[];
