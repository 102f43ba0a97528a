import { compileGlob } from './glob.ts';
import { kindsOf } from './match.ts';
import type { Glob, RuleKind, RuleMatch } from './policy.ts';
import { samplesOf } from './samples.ts';

const GLOB_KEYS = [
  'scripts',
  'files',
  'paths',
  'machines',
  'machineTags',
  'machineGroups',
  'osPlatforms',
] as const satisfies (keyof RuleMatch)[];

/** A rule of more combinations of kinds and patterns is compared with single rules only. */
const MOST_PIECES = 500;

/** What a rule asks of one kind of command: per key a pattern, or several of which one must fit. */
interface Piece {
  kind: RuleKind;
  globs: Partial<Record<(typeof GLOB_KEYS)[number], readonly Glob[]>>;
}

/** What every command of a kind has: a rule that leaves it out asks for any. */
const OWN_KEY = { run: 'scripts', get: 'paths', put: 'files', delete: 'files' } as const;
const ANY = { scripts: [any('name')], files: [any('name')], paths: [any('path')] };

/**
 * The earlier rules that together surely match whatever the last does, in their order; one alone where one will do; null where
 * something may be left over. Doubtful cases are “no”.
 */
export function coveredBy<Earlier extends { match: RuleMatch }>(
  earlier: readonly Earlier[],
  match: RuleMatch,
): readonly Earlier[] | null {
  const kinds = kindsOf(match).map((kind) => pieceOf(kind, match));
  const alone = earlier.find((one) => kinds.every((piece) => covers(one.match, piece)));
  if (alone !== undefined) return [alone];
  const pieces = split(kinds);
  if (pieces === null) return null;
  const together = new Set<Earlier>();
  for (const piece of pieces) {
    const one = earlier.find(({ match: first }) => covers(first, piece));
    if (one === undefined) return null;
    together.add(one);
  }
  return earlier.filter((one) => together.has(one));
}

function pieceOf(kind: RuleKind, match: RuleMatch): Piece {
  const globs: Piece['globs'] = { [OWN_KEY[kind]]: ANY[OWN_KEY[kind]] };
  for (const key of GLOB_KEYS) if (match[key] !== undefined) globs[key] = match[key];
  return { kind, globs };
}

/** The same in pieces with one pattern per key; null where they are too many. */
function split(whole: readonly Piece[]): readonly Piece[] | null {
  let pieces = whole;
  for (const key of GLOB_KEYS) {
    const parts = pieces.reduce((sum, { globs }) => sum + (globs[key]?.length ?? 1), 0);
    if (parts > MOST_PIECES) return null;
    pieces = pieces.flatMap(
      ({ kind, globs }) =>
        globs[key]?.map((glob) => ({ kind, globs: { ...globs, [key]: [glob] } })) ?? [{ kind, globs }],
    );
  }
  return pieces;
}

function covers(first: RuleMatch, { kind, globs }: Piece): boolean {
  if (!kindsOf(first).includes(kind)) return false;
  return GLOB_KEYS.every((key) => {
    const own = first[key];
    return (
      own === undefined ||
      globs[key]?.every((asked) => own.some((glob) => globCovers(glob, asked, key === 'paths' ? 'path' : 'name'))) ===
        true
    );
  });
}

function globCovers(one: Glob, other: Glob, kind: 'name' | 'path'): boolean {
  if (one === other || one.source.toLowerCase() === other.source.toLowerCase()) return true;
  // What three stars mean nobody says.
  if (other.source.includes('***')) return false;
  const samples = samplesOf(other, kind);
  return samples.length > 0 && samples.every((sample) => one.accepts(sample));
}

function any(kind: 'name' | 'path'): Glob {
  const compiled = compileGlob('**', kind);
  if (!compiled.ok) throw new Error('unreachable: ** is a glob');
  return compiled.glob;
}
