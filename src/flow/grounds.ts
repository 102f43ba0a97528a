import { isMember, type PersonId, type Policy } from '../policy/index.ts';

/** What a judgement of somebody rested on, for the audit trail: the policy's text by its hash, and the groups of it that they were found in. */
export function groundsOf(policy: Policy, person: PersonId): { policy: string; groups: string[] } {
  return { policy: policy.hash, groups: [...policy.groups.keys()].filter((name) => isMember(policy, [name], person)) };
}
