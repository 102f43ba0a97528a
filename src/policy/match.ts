import type { Command, CommandKind } from '../model/command.ts';
import { type Machine, shortName } from '../model/machine.ts';
import type { Glob, RuleMatch } from './policy.ts';

const KINDS: readonly CommandKind[] = ['run', 'get', 'put'];

/** Keys that speak of one kind of command only. */
const KEY_KIND = { scripts: 'run', files: 'put', paths: 'get' } as const satisfies Partial<
  Record<keyof RuleMatch, CommandKind>
>;

/** What a match compares: the names of this command and machine, one list per key. Absent: the key can't match. */
type Facts = { [Key in Exclude<keyof RuleMatch, 'commands'>]-?: readonly string[] };

/** Whether everything that the rule asks for is so. A key about another kind of command makes it false. */
export function matches(match: RuleMatch, command: Command, machine: Machine): boolean {
  if (match.commands?.includes(command.kind) === false) return false;
  const facts = factsOf(command, machine);
  return (Object.keys(facts) as (keyof Facts)[]).every((key) => {
    const globs = match[key];
    return globs === undefined || facts[key].some((value) => accepting(globs, value) !== null);
  });
}

/** What made it match, for people: `tag tier0`, `script Get-Services.ps1`. Empty for a rule that asks for nothing. */
export function matchWords(match: RuleMatch, command: Command, machine: Machine): string[] {
  const facts = factsOf(command, machine);
  const words = match.commands === undefined ? [] : [`command ${command.kind}`];
  for (const key of Object.keys(facts) as (keyof Facts)[]) {
    const globs = match[key];
    const value = globs === undefined ? undefined : facts[key].find((one) => accepting(globs, one) !== null);
    if (value !== undefined) words.push(`${KEY_WORDS[key]} ${value}`);
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
export function kindsOf(match: Partial<Record<keyof RuleMatch, unknown>>): CommandKind[] {
  const named = Array.isArray(match.commands) ? (match.commands as readonly CommandKind[]) : KINDS;
  return KINDS.filter((kind) => {
    if (!named.includes(kind)) return false;
    return Object.entries(KEY_KIND).every(
      ([key, only]) => match[key as keyof RuleMatch] === undefined || only === kind,
    );
  });
}

function factsOf(command: Command, machine: Machine): Facts {
  return {
    scripts: command.kind === 'run' ? [command.script] : [],
    files: command.kind === 'put' ? [command.file] : [],
    paths: command.kind === 'get' ? [command.path] : [],
    machines: [machine.name, shortName(machine), machine.id],
    machineTags: machine.tags,
    machineGroups: [machine.group],
    osPlatforms: [machine.osPlatform],
  };
}

function accepting(globs: readonly Glob[], value: string): Glob | null {
  return globs.find((glob) => glob.test(value)) ?? null;
}
