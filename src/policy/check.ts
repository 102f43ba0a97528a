import { MAX_MACHINES } from '../model/command.ts';
import { PLATFORMS, type Platform } from '../model/person.ts';
import { coveredBy } from './covers.ts';
import { isLighter, saidByMachine } from './cross.ts';
import { peopleKnown } from './directory-groups.ts';
import { pinKey } from './glob.ts';
import { directoryGroups, peopleOf, rightsKey, shortest } from './people.ts';
import type { Policy, Rule } from './policy.ts';
import { neverFits } from './samples.ts';
import { counted, PLATFORM_NAMES } from './words.ts';

/** What is valid and yet surely not meant: warnings, one sentence each. */
export function checkPolicy(policy: Policy): string[] {
  return [
    ...groupWarnings(policy),
    ...PLATFORMS.filter((platform) => policy.channels[platform].length > 0).flatMap((platform) => [
      ...peopleWarnings(policy, platform),
      ...[...policy.rules, policy.default].flatMap((rule) => quorumWarnings(policy, rule, platform)),
    ]),
    ...policy.rules.flatMap((rule, index) => [
      ...shadowWarnings(policy, rule, index),
      ...spoofWarnings(policy, rule, index),
      ...pinWarnings(rule),
      ...crowdWarnings(rule),
      ...pathWarnings(rule),
    ]),
    ...glassWarnings(policy),
    ...retentionWarnings(policy),
  ];
}

function groupWarnings(policy: Policy): string[] {
  return [...policy.groups].flatMap(([name, group]) => {
    const warnings: string[] = [];
    const directories = PLATFORMS.flatMap((platform) => directoryGroups(policy, group, platform));
    if (group.users.slack.size + group.users.teams.size + directories.length === 0) {
      warnings.push(`Group “${name}” lists no users, so nobody has a right through it.`);
    }
    if (group.userGroups.length > 0 && !policy.trustUserGroups) {
      warnings.push(`Group “${name}”: its Slack user groups are ignored, because trustUserGroups is false.`);
    }
    return warnings;
  });
}

function peopleWarnings(policy: Policy, platform: Platform): string[] {
  return (['requesters', 'approvers'] as const).flatMap((list) =>
    peopleOf(policy, [policy[list]], platform).length > 0 || !peopleKnown(policy, [policy[list]], platform)
      ? []
      : [`Nobody on ${PLATFORM_NAMES[platform]} is in ${list} (${policy[list].join(', ')}).`],
  );
}

/**
 * A request is decided on its platform and never by who asked, so there must be people enough without them. Who is in a group of a
 * directory can't be seen here, so nothing is said where one could bring enough.
 */
function quorumWarnings(policy: Policy, rule: Rule, platform: Platform): string[] {
  if (rule.refuse !== null || rule.approvals === 0) return [];
  const deciding = shortest([policy.approvers, ...(rule.approvers ? [rule.approvers] : [])]);
  if (!peopleKnown(policy, deciding, platform)) return [];
  const approvers = peopleOf(policy, deciding, platform);
  const requesters = peopleOf(
    policy,
    shortest([policy.requesters, ...(rule.requesters ? [rule.requesters] : [])]),
    platform,
  );
  const where = PLATFORM_NAMES[platform];
  const needs = `Rule “${rule.name}” needs ${counted(rule.approvals, 'approval')}`;
  if (approvers.length < rule.approvals) {
    return [
      `${needs}, but on ${where} ${counted(approvers.length, 'person').replace('persons', 'people')} may approve: it can never run there.`,
    ];
  }
  const asking = new Set(requesters.map(rightsKey));
  const both = approvers.some((person) => asking.has(rightsKey(person)));
  return both && approvers.length === rule.approvals
    ? [`${needs}, and on ${where} only so many people may approve: when one of them asks, the others are too few.`]
    : [];
}

function shadowWarnings(policy: Policy, rule: Rule, index: number): string[] {
  // A rule without approvals lets pass what it doesn't pin, so it hides nothing.
  const hiding = policy.rules.slice(0, index).filter((one) => one.approvals > 0 || one.refuse !== null);
  const earlier = coveredBy(hiding, rule.match)?.map(({ name }) => `“${name}”`);
  if (earlier === undefined) return [];
  const names = earlier.join(' and ');
  const verb = earlier.length > 1 ? 'together match' : 'matches';
  return [`Rule “${rule.name}” can never match: ${names} before it ${verb} all of that.`];
}

/** A rule about paths that are refused in any case stops nothing, and what it meant to name goes by another spelling. */
function pathWarnings({ name, match }: Rule): string[] {
  return (match.paths ?? []).flatMap((glob) => {
    const why = neverFits(glob);
    return why === null ? [] : [`Rule “${name}” names ${glob.source}, which no path can fit. ${why}`];
  });
}

/** First match counts, so a machine that names or tags itself for an earlier, lighter rule escapes a later, stricter one. */
function spoofWarnings(policy: Policy, rule: Rule, index: number): string[] {
  if (rule.refuse !== null || !saidByMachine(rule.match)) return [];
  const stricter = policy.rules.slice(index + 1).find((later) => isLighter(rule, later) && !saidByMachine(later.match));
  if (stricter === undefined) return [];
  return [
    `Rule “${rule.name}” rests on what a machine says of itself and stands before “${stricter.name}”, which is stricter in something: put that one first.`,
  ];
}

function pinWarnings({ name, match, sha256 }: Rule): string[] {
  const globs = [...(match.scripts ?? []), ...(match.files ?? [])];
  if (globs.length === 0) return [];
  return [...sha256.keys()]
    .filter((file) => !globs.some((glob) => glob.test(pinKey(file))))
    .map((file) => `Rule “${name}” pins ${file}, which none of its patterns fits.`);
}

/** What nobody approves shouldn't reach a whole fleet by one slip. */
function crowdWarnings({ name, approvals, refuse, maxMachines }: Rule): string[] {
  if (refuse !== null || approvals > 0 || maxMachines !== null) return [];
  return [
    `Rule “${name}” asks for no approval and has no maxMachines: one line may run it on ${MAX_MACHINES} machines without anybody.`,
  ];
}

function glassWarnings(policy: Policy): string[] {
  const rules = [...policy.rules, policy.default].filter((rule) => rule.breakGlass);
  if (policy.breakGlass === null) {
    return rules.map((rule) => `Rule “${rule.name}” says breakGlass: true, but no breakGlass section says who may.`);
  }
  return rules.length > 0 ? [] : ['breakGlass says who may use it, but no rule allows it.'];
}

/** Shorter than anybody looks back: who did something wrong need only wait. Milliseconds. */
const SHORT_TRAIL = 90 * 86_400_000;

function retentionWarnings({ retention }: Policy): string[] {
  return retention.audit >= SHORT_TRAIL
    ? []
    : [
        'retention.audit is less than 90d: who did what, and by which policy, is forgotten that soon. Nothing younger than 24h is removed.',
      ];
}
