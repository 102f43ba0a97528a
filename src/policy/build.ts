import type { Platform } from '../model/person.ts';
import type { Group, Policy, Rule, RuleMatch } from './policy.ts';
import type { RawDefault, RawRule, Sections } from './schema.ts';

const EIGHT_HOURS = 8 * 3_600_000;

/** The name that the default goes by, so no rule may have it. */
export const DEFAULT_NAME = 'Default';

/** The default as a rule that matches everything. */
export function buildDefault(raw: RawDefault): Rule {
  return {
    name: DEFAULT_NAME,
    match: {},
    approvals: raw.approvals ?? 1,
    expireAfter: raw.expireAfter ?? EIGHT_HOURS,
    startWithin: raw.startWithin ?? EIGHT_HOURS,
    breakGlass: raw.breakGlass ?? false,
    reason: raw.reason ?? null,
    approvers: raw.approvers ?? null,
    requesters: raw.requesters ?? null,
    maxMachines: raw.maxMachines ?? null,
    sha256: new Map(),
    refuse: null,
  };
}

/** A rule with what it leaves out taken from the default. Only `breakGlass` has to be said by the rule itself. */
export function buildRule(raw: RawRule, fallback: Rule): Rule {
  return {
    name: raw.name,
    match: withoutUndefined(raw.match),
    approvals: raw.approvals ?? fallback.approvals,
    expireAfter: raw.expireAfter ?? fallback.expireAfter,
    startWithin: raw.startWithin ?? fallback.startWithin,
    breakGlass: raw.breakGlass ?? false,
    reason: raw.reason ?? fallback.reason,
    approvers: raw.approvers ?? fallback.approvers,
    requesters: raw.requesters ?? fallback.requesters,
    maxMachines: raw.maxMachines ?? fallback.maxMachines,
    sha256: raw.sha256 ?? new Map(),
    refuse: raw.refuse ?? null,
  };
}

/** The whole, once every section was read without trouble. */
export function buildPolicy(read: Sections, rules: readonly Rule[], fallback: Rule, hash: string): Policy {
  return {
    version: read.version,
    hash,
    channels: { slack: read.channels.slack ?? [], teams: read.channels.teams ?? [] },
    groups: new Map(Object.entries(read.groups).map(([name, group]) => [name, buildGroup(group)])),
    requesters: read.requesters,
    approvers: read.approvers,
    trustUserGroups: read.trustUserGroups,
    rules,
    default: fallback,
    breakGlass: read.breakGlass ?? null,
    notify: read.notify,
    limits: read.limits,
    results: read.results,
    retention: read.retention,
  };
}

function buildGroup(raw: Sections['groups'][string]): Group {
  const users: Record<Platform, ReadonlySet<string>> = {
    slack: new Set(raw.slack.users),
    teams: new Set(raw.teams.users),
  };
  return { users, userGroups: raw.slack.userGroups, entraGroups: raw.teams.entraGroups };
}

function withoutUndefined(match: RawRule['match']): RuleMatch {
  return Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined)) as RuleMatch;
}
