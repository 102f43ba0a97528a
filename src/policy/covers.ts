import { acceptsAll, isLiteral } from './glob.ts';
import { kindsOf } from './match.ts';
import type { Glob, RuleMatch } from './policy.ts';

const GLOB_KEYS = [
  'scripts',
  'files',
  'paths',
  'machines',
  'machineTags',
  'machineGroups',
  'osPlatforms',
] as const satisfies (keyof RuleMatch)[];

/** Whether the first surely matches whatever the second does. Doubtful cases are “no”. */
export function covers(first: RuleMatch, second: RuleMatch): boolean {
  const kinds = kindsOf(first);
  if (!kindsOf(second).every((kind) => kinds.includes(kind))) return false;
  return GLOB_KEYS.every((key) => {
    const globs = first[key];
    return globs === undefined || second[key]?.every((glob) => globs.some((one) => globCovers(one, glob))) === true;
  });
}

function globCovers(one: Glob, other: Glob): boolean {
  if (one.source.toLowerCase() === other.source.toLowerCase() || acceptsAll(one)) return true;
  return isLiteral(other) && one.test(other.source);
}
