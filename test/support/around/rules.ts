/** What a policy of this test says, as numbers and names: its text is made from it, and the oracle reads it instead of the text. */
export interface Says {
  analysts: readonly string[];
  leads: readonly string[];
  /** Of what no rule is about; one more for tier0. */
  approvals: 1 | 2;
  /** Whether tier0 needs a reason that names an incident, or is refused. */
  tier0: 'reason' | 'no reason' | 'refused';
  /** The digest with which Get-A.ps1 runs without approval. */
  pinned: string;
  /** Who may start without approval what no rule is about. */
  glass: readonly string[];
}

/** What is asked of a request; null: it is refused. */
export type Demand = { approvals: number; reason: boolean; glass: boolean } | null;

/** The policy's text. */
export function textOf(says: Says): string {
  const { analysts, leads, approvals, tier0, pinned, glass } = says;
  const group = (users: readonly string[]) => `{ slack: { users: [${users.join(', ')}] } }`;
  const strict = `approvals: ${approvals + 1}${tier0 === 'reason' ? ', reason: "^INC-"' : ''}`;
  return `version: 1
channels: { slack: [C0SOC] }
groups: { analysts: ${group(analysts)}, leads: ${group(leads)}, glass: ${group(glass)} }
requesters: [analysts, leads]
approvers: [leads]
rules:
  - { name: Tier 0, match: { machineTags: [tier0] }, ${tier0 === 'refused' ? 'refuse: "Not here."' : strict} }
  - { name: Pinned, match: { scripts: [Get-A.ps1] }, approvals: 0, sha256: { Get-A.ps1: ${pinned} } }
default: { approvals: ${approvals}, breakGlass: true }
breakGlass: { allowed: [glass] }
limits: { callsPerMinute: 600, commandsPerPerson: 600/m }
`;
}

/** What this policy demands for this script, in this version, on a machine with these tags. */
export function demandOf(says: Says, script: string, digest: string | undefined, tags: readonly string[]): Demand {
  if (tags.includes('tier0')) {
    if (says.tier0 === 'refused') return null;
    return { approvals: says.approvals + 1, reason: says.tier0 === 'reason', glass: false };
  }
  if (script === 'Get-A.ps1' && digest === says.pinned) return { approvals: 0, reason: false, glass: false };
  return { approvals: says.approvals, reason: false, glass: true };
}

/** Whether somebody may ask at all. */
export const mayAsk = ({ analysts, leads }: Says, user: string) => analysts.includes(user) || leads.includes(user);
