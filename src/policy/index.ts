export { checkPolicy } from './check.ts';
export type { Context, Deed, Judgement, NameOf } from './context.ts';
export { approversKnown, couldRead, couldRequest, entraGroupsOf, userGroupsOf } from './directory-groups.ts';
export { parseDuration } from './duration.ts';
export { evaluate, evaluateAll, evaluateDeletion, matchAll, reasonTrouble, strictest } from './evaluate.ts';
export { exampleOf } from './example.ts';
export { type ExplainFacts, explain } from './explain.ts';
export { loadPolicy } from './load.ts';
export { pathTrouble } from './path.ts';
export { approversFor, isMember, mayApprove, mayRead, mayRequest, peopleOf, satisfies } from './people.ts';
export type {
  Group,
  Limits,
  Matched,
  Members,
  PersonId,
  Policy,
  ReasonDemand,
  Rule,
  Subject,
  Verdict,
} from './policy.ts';
export { countApprovals, quorumReached } from './quorum.ts';
export { judge } from './rules/index.ts';
export type { Problem } from './source.ts';
export { judgePerson, judgeRequest, type Visit } from './visitor.ts';
export { PLATFORM_NAMES } from './words.ts';
