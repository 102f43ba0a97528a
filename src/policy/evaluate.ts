import type { Command } from '../model/command.ts';
import { shortName } from '../model/machine.ts';
import { exampleOf } from './example.ts';
import { pinKey } from './glob.ts';
import { factsOf, matches, matchesDeletion, matchWords } from './match.ts';
import { pathTrouble } from './path.ts';
import { reasonFits } from './pattern.ts';
import { shortest } from './people.ts';
import type { Matched, Policy, ReasonDemand, Rule, Subject, Verdict } from './policy.ts';

/** What the policy says about commands on one machine: the first match for each, the strictest of all for the request. */
export function evaluate(policy: Policy, subject: Subject): Verdict {
  return strictest(policy, matchAll(policy, subject));
}

/** The same of a request on several machines: the strictest of all commands on all of them. */
export function evaluateAll(policy: Policy, subjects: readonly Subject[]): Verdict {
  return strictest(
    policy,
    subjects.flatMap((subject) => matchAll(policy, subject)),
  );
}

/** The rule that counts for each command. */
export function matchAll(policy: Policy, subject: Subject): Matched[] {
  return subject.commands.map((command) => firstMatch(policy, command, subject));
}

/** The strictest of what matched; without any match, the default. A rule added never makes it lighter. */
export function strictest(policy: Policy, matched: readonly Matched[]): Verdict {
  const rules = [...new Set(matched.map((one) => one.rule))];
  const all = rules.length === 0 ? [policy.default] : rules;
  return {
    ...demandedBy(policy, all, because(matched, all)),
    refuse: refusalOf(matched),
    matched,
  };
}

/** Why it is refused, naming the machines where it isn't for all of them; null where it isn't. */
function refusalOf(matched: readonly Matched[]): string | null {
  const ids = ({ machine }: Matched) => machine.id;
  const machines = new Set(matched.map(ids)).size;
  const sentences = [...new Set(matched.flatMap(({ refuse }) => refuse ?? []))];
  const said = sentences.map((sentence) => {
    const there = matched.filter(({ refuse }) => refuse === sentence);
    const names = new Map(there.map((one) => [ids(one), shortName(one.machine)]));
    return names.size === machines ? sentence : `Not on ${[...names.values()].join(', ')}: ${sentence}`;
  });
  return said.length === 0 ? null : said.join(' ');
}

/** What the policy says about deleting a library file: the first rule that names `delete` and fits, else the default. Never lighter than one approval. */
export function evaluateDeletion(policy: Policy, fileName: string): Verdict {
  const rule = policy.rules.find(({ match }) => matchesDeletion(match, fileName)) ?? policy.default;
  const why =
    rule === policy.default
      ? `Rule “${rule.name}” counts, as no other rule matches.`
      : `Rule “${rule.name}” counts for deleting ${fileName} from the library.`;
  const demanded = demandedBy(policy, [rule], why);
  const terms = { ...demanded.terms, approvals: Math.max(1, rule.approvals), breakGlass: false };
  return { ...demanded, terms, refuse: rule.refuse, matched: [] };
}

/** The strictest of what these rules ask for. */
function demandedBy(policy: Policy, all: readonly Rule[], why: string): Omit<Verdict, 'refuse' | 'matched'> {
  return {
    terms: {
      rule: all.map((rule) => rule.name).join(', '),
      approvals: Math.max(...all.map((rule) => rule.approvals)),
      expireAfter: Math.min(...all.map((rule) => rule.expireAfter)),
      startWithin: Math.min(...all.map((rule) => rule.startWithin)),
      breakGlass: policy.breakGlass !== null && all.every((rule) => rule.breakGlass),
      approverGroups: shortest([policy.approvers, ...all.flatMap((rule) => (rule.approvers ? [rule.approvers] : []))]),
      because: why,
      policyHash: policy.hash,
    },
    reasons: demandsOf(all),
    requesterGroups: shortest([
      policy.requesters,
      ...all.flatMap((rule) => (rule.requesters ? [rule.requesters] : [])),
    ]),
    maxMachines: least(all.flatMap((rule) => rule.maxMachines ?? [])),
  };
}

/** Why this reason isn't enough, one sentence; null when it is. */
export function reasonTrouble(verdict: Pick<Verdict, 'reasons'>, reason: string | null): string | null {
  const unmet = verdict.reasons.find(({ pattern }) => reason === null || !reasonFits(pattern, reason));
  if (unmet === undefined) return null;
  return reason === null
    ? `${demandWords(unmet)} Add one with --reason "…".`
    : `${demandWords(unmet)} Yours doesn’t fit.`;
}

/** What a rule wants of a reason: an example first, since not everybody reads patterns. */
export function demandWords({ rule, pattern }: Verdict['reasons'][number]): string {
  const example = exampleOf(pattern);
  return example === null
    ? `Rule “${rule}” needs a reason that fits ${pattern.source}.`
    : `Rule “${rule}” needs a reason like “${example}” (it has to fit ${pattern.source}).`;
}

function firstMatch(policy: Policy, command: Command, subject: Subject): Matched {
  const { machine } = subject;
  const hostile = command.kind === 'get' ? pathTrouble(command.path, machine.osPlatform) : null;
  const facts = factsOf(command, machine);
  const unpinned: Rule[] = [];
  for (const rule of policy.rules) {
    if (!matches(rule.match, command.kind, facts)) continue;
    const pin = rule.refuse === null ? pinOf(rule, command, subject) : 'none';
    // Without approvals only what is pinned may run; anything else goes on to the next rule, at last to the default.
    if (rule.refuse === null && rule.approvals === 0 && pin !== 'kept') {
      unpinned.push(rule);
      continue;
    }
    return { command, machine, rule, refuse: hostile ?? rule.refuse ?? brokenPin(pin, rule, command), unpinned };
  }
  return { command, machine, rule: policy.default, refuse: hostile, unpinned };
}

type Pin = 'none' | 'kept' | 'broken';

function pinOf(rule: Rule, command: Command, subject: Subject): Pin {
  const fileName = fileOf(command);
  const pinned = fileName === null ? undefined : rule.sha256.get(pinKey(fileName));
  if (fileName === null || pinned === undefined) return 'none';
  return subject.fileDigest(fileName)?.toLowerCase() === pinned ? 'kept' : 'broken';
}

/** A rule that asks for approval pins for more safety: another version must not slip on to a later, lighter rule. */
function brokenPin(pin: Pin, rule: Rule, command: Command): string | null {
  if (pin !== 'broken') return null;
  return `${fileOf(command)} in the library isn’t the version that rule “${rule.name}” pins. Put the pinned version back into the library, or ask whoever keeps the policy file to check this one and to put its sha256 into the rule.`;
}

/** The library file of a command; null where it has none. */
export function fileOf(command: Command): string | null {
  switch (command.kind) {
    case 'run':
      return command.script;
    case 'put':
      return command.file;
    case 'get':
      return null;
  }
}

function demandsOf(rules: readonly Rule[]): ReasonDemand[] {
  const bySource = new Map<string, ReasonDemand>();
  for (const { name, reason } of rules) {
    if (reason !== null && !bySource.has(reason.source)) bySource.set(reason.source, { rule: name, pattern: reason });
  }
  return [...bySource.values()];
}

function least(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : Math.min(...numbers);
}

function because(matched: readonly Matched[], rules: readonly Rule[]): string {
  const names = rules.map((rule) => `“${rule.name}”`);
  if (names.length > 1) return `Rules ${names.join(', ')} count; the strictest of them holds for all of it.`;
  const [first] = matched;
  if (new Set(matched.map(({ machine }) => machine.id)).size > 1) return `Rule ${names.join()} counts on all of them.`;
  const words = first === undefined ? [] : matchWords(first.rule.match, first.command, first.machine);
  if (first === undefined || words.length === 0) return `Rule ${names.join()} counts, as no other rule matches.`;
  return `Rule ${names.join()} counts on ${shortName(first.machine)}: ${words.join(', ')}.`;
}
