import type { Command, CommandKind } from '../model/command.ts';
import { type Machine, shortName } from '../model/machine.ts';
import { normalName, normalPath } from './glob.ts';
import type { Glob, RuleKind, RuleMatch } from './policy.ts';

/** What a rule that names no commands is about. */
const KINDS: readonly RuleKind[] = ['run', 'get', 'put'];

const ON_MACHINES: readonly RuleKind[] = KINDS;

/** Keys that speak of some kinds only. */
const KEY_KINDS: Partial<Record<keyof RuleMatch, readonly RuleKind[]>> = {
  scripts: ['run'],
  files: ['put', 'delete'],
  paths: ['get'],
  machines: ON_MACHINES,
  machineTags: ON_MACHINES,
  machineGroups: ON_MACHINES,
  osPlatforms: ON_MACHINES,
};

/** A name of the command or machine: as people read it, and as it is compared. */
interface Fact {
  value: string;
  normal: string;
}

/** What rules are compared with, one list per key; empty where the key speaks of something else. */
export type Facts = { [Key in Exclude<keyof RuleMatch, 'commands'>]-?: readonly Fact[] };

const FACT_KEYS = ['scripts', 'files', 'paths', 'machines', 'machineTags', 'machineGroups', 'osPlatforms'] as const;

/** The facts of a command on a machine, made once and then compared with every rule. */
export function factsOf(command: Command, machine: Machine): Facts {
  return {
    scripts: command.kind === 'run' ? names(command.script) : [],
    files: command.kind === 'put' ? names(command.file) : [],
    paths: command.kind === 'get' ? [{ value: command.path, normal: normalPath(command.path) }] : [],
    machines: names(machine.name, shortName(machine), machine.id),
    machineTags: names(...machine.tags),
    machineGroups: names(machine.group),
    osPlatforms: names(machine.osPlatform),
  };
}

/** Whether everything that the rule asks for is so. A key about another kind of command makes it false. */
export function matches(match: RuleMatch, kind: CommandKind, facts: Facts): boolean {
  if (match.commands?.includes(kind) === false) return false;
  return FACT_KEYS.every((key) => match[key] === undefined || accepted(match[key], facts[key]) !== undefined);
}

/** What made it match, for people: `tag tier0`, `script Get-Services.ps1`. Empty for a rule that asks for nothing. */
export function matchWords(match: RuleMatch, command: Command, machine: Machine): string[] {
  const facts = factsOf(command, machine);
  const words = match.commands === undefined ? [] : [`command ${command.kind}`];
  for (const key of FACT_KEYS) {
    const fact = accepted(match[key] ?? [], facts[key]);
    if (fact !== undefined) words.push(`${KEY_WORDS[key]} ${fact.value}`);
  }
  return words;
}

const KEY_WORDS: Record<keyof Facts, string> = {
  scripts: 'script',
  files: 'file',
  paths: 'path',
  machines: 'machine',
  machineTags: 'tag',
  machineGroups: 'device group',
  osPlatforms: 'system',
};

/** Kinds of commands that the rule can match at all; empty where its keys contradict each other. */
export function kindsOf(match: Partial<Record<keyof RuleMatch, unknown>>): RuleKind[] {
  const named = Array.isArray(match.commands) ? (match.commands as readonly RuleKind[]) : KINDS;
  return [...new Set(named)].filter((kind) =>
    Object.entries(KEY_KINDS).every(
      ([key, kinds]) => match[key as keyof RuleMatch] === undefined || kinds.includes(kind),
    ),
  );
}

/** Whether the rule is about deleting this library file. */
export function matchesDeletion(match: RuleMatch, fileName: string): boolean {
  if (match.commands === undefined || !kindsOf(match).includes('delete')) return false;
  return match.files === undefined || accepted(match.files, names(fileName)) !== undefined;
}

function accepted(globs: readonly Glob[], facts: readonly Fact[]): Fact | undefined {
  return facts.find(({ normal }) => globs.some((glob) => glob.accepts(normal)));
}

function names(...values: string[]): Fact[] {
  return values.map((value) => ({ value, normal: normalName(value) }));
}
