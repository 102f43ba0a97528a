import type { Command, CommandKind } from '../model/command.ts';
import type { Machine } from '../model/machine.ts';
import type { KnownPerson, Platform } from '../model/person.ts';
import type { Terms } from '../model/request.ts';

/** Somebody as rights know them: platform, user id and, where they were asked for, groups of the directory; never a name. */
export type PersonId = Pick<KnownPerson, 'platform' | 'id' | 'groups'>;

/** Who is in which group of a platform's directory, by its id, as listed there: for naming people, never for judging one. */
export type Members = ReadonlyMap<string, readonly PersonId[]>;

/** A policy as read: durations in milliseconds, patterns compiled, every group named here exists. */
export interface Policy {
  version: 1;
  /** sha256 of the text it was read from, hex. */
  hash: string;
  /** Where the bot answers; the first one takes what was typed in a private chat. */
  channels: Record<Platform, readonly string[]>;
  groups: ReadonlyMap<string, Group>;
  requesters: readonly string[];
  approvers: readonly string[];
  /** Whether Slack user groups count at all: in many workspaces every member may edit them. */
  trustUserGroups: boolean;
  rules: readonly Rule[];
  /** What counts where no rule matches; its `name` is `Default`. */
  default: Rule;
  /** Null: nobody may break the glass. */
  breakGlass: { allowed: readonly string[]; reviewWithin: number } | null;
  notify: { approvers: 'mention' | 'direct' | 'none'; remindAfter: number };
  limits: Limits;
  results: { linkFor: number; inlineLines: number; links: 'personal' | 'channel' };
  /** How long records are kept. */
  retention: { results: number; audit: number };
}

export interface Limits {
  callsPerMinute: number;
  concurrentSessions: number;
  /** How long Defender keeps an action for a machine that is off. */
  offlineQueue: number;
  pollEvery: number;
  /** Commands that one person may type in a minute. */
  commandsPerPerson: number;
}

/** A group's people. */
export interface Group {
  users: Readonly<Record<Platform, ReadonlySet<string>>>;
  /** Ids of Slack user groups. Who is found in one of them on Slack is in this group, where the policy trusts such groups. */
  userGroups: readonly string[];
  /** Object ids of Entra groups in lower case. Who is found in one of them on Teams is in this group. */
  entraGroups: readonly string[];
}

/** One rule. What the file leaves out is as in `default`, except `breakGlass`, which a rule has to say itself. */
export interface Rule {
  name: string;
  match: RuleMatch;
  approvals: number;
  expireAfter: number;
  startWithin: number;
  breakGlass: boolean;
  /** Null: no reason needed. */
  reason: RegExp | null;
  /** Narrow the policy's own lists; null: they hold as they are. */
  approvers: readonly string[] | null;
  requesters: readonly string[] | null;
  maxMachines: number | null;
  /** Pinned digests by file name in lower case, hex in lower case. */
  sha256: ReadonlyMap<string, string>;
  /** The sentence for whoever asks for what is never done; null: it may be done. */
  refuse: string | null;
}

/** A glob as written, and what it accepts. */
export interface Glob {
  source: string;
  test(value: string): boolean;
  /** The same for a value that is already in the form in which it is compared. */
  accepts(normal: string): boolean;
}

/** What rules can be about: the commands of a session, and `delete` of a library file, which only a rule that names it matches. */
export type RuleKind = CommandKind | 'delete';

/** Every given key must match; within a key one entry is enough. An absent key asks nothing. */
export interface RuleMatch {
  commands?: readonly RuleKind[];
  scripts?: readonly Glob[];
  files?: readonly Glob[];
  paths?: readonly Glob[];
  machines?: readonly Glob[];
  machineTags?: readonly Glob[];
  machineGroups?: readonly Glob[];
  osPlatforms?: readonly Glob[];
}

/** What a policy is asked about: commands on one machine, with the library's digests (null: no such file). */
export interface Subject {
  commands: readonly Command[];
  machine: Machine;
  fileDigest(fileName: string): string | null;
}

/** The rule that counts for one command on one machine. */
export interface Matched {
  command: Command;
  machine: Machine;
  rule: Rule;
  /** Why this command may not run whatever the rules' approvals say; null: it may. */
  refuse: string | null;
  /** Rules without approvals that would have matched, had the file been the one they pin. */
  unpinned: readonly Rule[];
}

/** A reason that a rule demands. */
export interface ReasonDemand {
  rule: string;
  pattern: RegExp;
}

/** What a policy says about a request: the strictest of all that matched. */
export interface Verdict {
  terms: Terms;
  /** Set: it is never done, and this is the sentence for who asked. It wins over everything else. */
  refuse: string | null;
  /** All of them must be met. */
  reasons: readonly ReasonDemand[];
  /** The requester must be in a group of every list. */
  requesterGroups: readonly (readonly string[])[];
  maxMachines: number | null;
  matched: readonly Matched[];
}
