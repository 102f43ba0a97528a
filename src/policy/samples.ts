import { normalName, normalPath } from './glob.ts';
import { pathTrouble } from './path.ts';
import type { Glob } from './policy.ts';

/** Signs for private use, which no pattern has in it: what takes these takes anything. */
const ODD = '\uE010';
/** More than a pattern can have question marks. */
const LONG = '\uE011'.repeat(301);
/** What stars stand for in turn: the telling ones first. */
const STAND_INS = {
  path: [LONG, `${ODD}/${LONG}/${ODD}`, `/${LONG}`, ODD, ''],
  // In a name a star runs over slashes as over anything else.
  name: [LONG, ODD, ''],
};

/** What paths begin with where a star stands there. */
const BEGINNINGS = ['x', 'C:', 'C:/x', '/x', ''];

const known = new WeakMap<Glob, readonly string[]>();

/**
 * Words that the glob takes, so odd that another glob which takes all of them takes whatever this one does. A literal is its own
 * and only one. They are in the form in which they are compared.
 */
export function samplesOf(glob: Glob, kind: 'name' | 'path'): readonly string[] {
  const before = known.get(glob);
  if (before !== undefined) return before;
  const normal = kind === 'path' ? normalPath : normalName;
  const source = glob.source.replaceAll('?', ODD);
  // Stars for whole folders stand for none, too, and then their slash goes with them.
  const sources = new Set([source, source.replace(/^\*\*[\\/]/, '')]);
  const samples = [...sources]
    .flatMap((one) => filled(one, STAND_INS[kind]))
    .filter((word) => glob.test(word))
    .map(normal);
  known.set(glob, samples);
  return samples;
}

/** Why no path that is let through can fit this glob, as its refusal says it; null when one can. */
export function neverFits(glob: Glob): string | null {
  let why: string | null = null;
  for (const path of filled(glob.source.replaceAll('?', 'x'), BEGINNINGS)) {
    if (!glob.test(path)) continue;
    // On another system than Windows more may be written, and never less.
    const trouble = pathTrouble(path, 'Linux');
    if (trouble === null) return null;
    why ??= trouble;
  }
  return why;
}

/** The pattern with each of its stars replaced by each of the words. */
function filled(source: string, words: readonly string[]): string[] {
  const [first = '', ...rest] = source.split(/\*+/);
  return rest.reduce((made, part) => words.flatMap((word) => made.map((begun) => begun + word + part)), [first]);
}
