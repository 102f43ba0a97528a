import type { Platform } from '../model/person.ts';
import { fitsNearlyAll } from './breadth.ts';
import { buildDefault, buildRule, DEFAULT_NAME } from './build.ts';
import type { Report } from './issues.ts';
import { kindsOf } from './match.ts';
import type { Rule, RuleMatch } from './policy.ts';
import type { RawRule } from './schema.ts';
import type { Readable } from './sections.ts';

/** What no section can say by itself: names that must exist, and rules that contradict themselves or the default. */
export function crossCheck(read: Readable, platforms: readonly Platform[], report: Report): void {
  checkChannels(read, platforms, report);
  checkGroupNames(read, report);
  const fallback = read.sections.default === undefined ? null : buildDefault(read.sections.default);
  const seen = new Set([DEFAULT_NAME.toLowerCase()]);
  read.rules.forEach((rule, index) => {
    if (rule === null) return;
    const path = ['rules', index];
    const name = rule.name.toLowerCase();
    if (seen.has(name)) report([...path, 'name'], 'is the name of another rule');
    seen.add(name);
    const trouble = contradiction(rule) ?? (fallback === null ? null : restsOnMachine(rule, fallback));
    if (trouble !== null) report(path, trouble);
  });
}

function checkChannels({ sections }: Readable, platforms: readonly Platform[], report: Report): void {
  if (sections.channels === undefined) return;
  for (const platform of platforms) {
    if (sections.channels[platform] === undefined) {
      report(['channels'], `must name a channel for ${platform}, which is on`);
    }
  }
}

function checkGroupNames(read: Readable, report: Report): void {
  const known = read.groupNames;
  if (known === null) return;
  const check = (names: readonly string[] | undefined, path: (string | number)[]) => {
    names?.forEach((name, index) => {
      if (!known.has(name)) report([...path, index], `“${name}” is not one of the groups`);
    });
  };
  const { requesters, approvers, breakGlass, default: fallback } = read.sections;
  check(requesters, ['requesters']);
  check(approvers, ['approvers']);
  check(breakGlass?.allowed, ['breakGlass', 'allowed']);
  check(fallback?.approvers, ['default', 'approvers']);
  check(fallback?.requesters, ['default', 'requesters']);
  read.rules.forEach((rule, index) => {
    check(rule?.approvers, ['rules', index, 'approvers']);
    check(rule?.requesters, ['rules', index, 'requesters']);
  });
}

/** Why a rule can't mean what it says; null when it can. */
function contradiction(rule: RawRule): string | null {
  const kinds = kindsOf(rule.match);
  if (kinds.length === 0) {
    return 'can never match: scripts are for run, paths for get, files for put and delete, and delete has no machine. Make a rule of each';
  }
  const { name: _, match: __, refuse, ...terms } = rule;
  if (refuse !== undefined && Object.values(terms).some((term) => term !== undefined)) {
    return 'refuses, so its other terms can’t count. Take them out';
  }
  const pinnable = kinds.some((kind) => kind === 'run' || kind === 'put');
  if (rule.sha256 !== undefined && !pinnable) return 'pins files, but matches nothing that runs or places one';
  if (rule.approvals === 0 && kinds.includes('delete'))
    return 'deletes from the library, which always needs an approval';
  if (rule.approvals === 0 && rule.sha256 === undefined) {
    return 'must pin with sha256 what may run without approval; a file collected always needs one';
  }
  return null;
}

/** A machine chooses its own name and tags, so they can't be what makes a rule lighter than the default. */
function restsOnMachine(raw: RawRule, fallback: Rule): string | null {
  const rule = buildRule(raw, fallback);
  if (!saidByMachine(rule.match) || !isLighter(rule, fallback)) return null;
  return 'is lighter than the default, so it may not rest on machines or machineTags alone: a machine chooses its own name and tags. Add scripts, files, paths or machineGroups that don’t fit nearly everything';
}

/** Keys about what no machine says of itself. */
const OF_OTHERS = ['scripts', 'files', 'paths', 'machineGroups'] as const;

/** Whether only what a machine says of itself narrows the rule. */
export function saidByMachine(match: RuleMatch): boolean {
  if (match.machines === undefined && match.machineTags === undefined) return false;
  return OF_OTHERS.every((key) => match[key] === undefined || fitsNearlyAll(key, match[key]));
}

/** Whether a rule asks for less than another in any respect. */
export function isLighter(rule: Rule, than: Rule): boolean {
  if (rule.refuse !== null) return false;
  if (than.refuse !== null) return true;
  return (
    rule.approvals < than.approvals ||
    rule.expireAfter > than.expireAfter ||
    rule.startWithin > than.startWithin ||
    (rule.maxMachines ?? Number.POSITIVE_INFINITY) > (than.maxMachines ?? Number.POSITIVE_INFINITY) ||
    (rule.breakGlass && !than.breakGlass) ||
    (than.reason !== null && rule.reason?.source !== than.reason.source) ||
    isWider(rule.approvers, than.approvers) ||
    isWider(rule.requesters, than.requesters)
  );
}

function isWider(names: readonly string[] | null, than: readonly string[] | null): boolean {
  return than !== null && (names === null || names.some((name) => !than.includes(name)));
}
