import picomatch from 'picomatch';
import type { Glob } from './policy.ts';

const PATTERN_LENGTH = 300;
/** More would let a hostile name keep the matcher busy. */
const MOST_STARS = 4;
/** Stands for a slash in what isn't a path, so that `*` runs over it: a tag may be `env/prod`. */
const SLASH_IN_NAME = '\uE000';

/** A glob compiled, or why it is refused. */
export type CompiledGlob = { ok: true; glob: Glob } | { ok: false; why: string };

/**
 * Only `*`, `**` and `?` are special: brackets, braces, `!` and the rest are common in Windows names and mean themselves.
 * Case doesn't count; `\` is `/`; hidden files are files.
 */
export function compileGlob(source: string, kind: 'name' | 'path'): CompiledGlob {
  if (source.trim() === '') return { ok: false, why: 'must not be empty' };
  if (source.length > PATTERN_LENGTH) return { ok: false, why: `must have at most ${PATTERN_LENGTH} characters` };
  if ((source.match(/\*+/g) ?? []).length > MOST_STARS)
    return { ok: false, why: `must have at most ${MOST_STARS} stars` };
  const normal = kind === 'path' ? normalPath : normalName;
  // picomatch alone takes `\` for an escape and `[1]` for a class, so it gets slashes only, and everything else escaped.
  const accepts = picomatch(normal(source).replace(/[^\w\s*?/.:\uE000-]/g, '\\$&'), {
    nocase: true,
    dot: true,
    windows: false,
    nonegate: true,
    noextglob: true,
    nobrace: true,
    nobracket: true,
  });
  return { ok: true, glob: { source, test: (value) => accepts(normal(value)), accepts: (value) => accepts(value) } };
}

/** A path as it is compared: slashes forward and single, no `.` steps, none at the end; case is the comparison's business. */
export function normalPath(path: string): string {
  const slashes = path
    .trim()
    .normalize('NFC')
    .replace(/[\\/]+/g, '/');
  const direct = slashes.replace(/(?<=\/)\.(?:\/|$)/g, '');
  return direct.length > 1 ? direct.replace(/\/$/, '') : direct;
}

/** A name as it is compared. */
export function normalName(name: string): string {
  return name.trim().normalize('NFC').replace(/[\\/]/g, SLASH_IN_NAME);
}

/** Whether the glob is a plain word without wildcards. */
export function isLiteral(glob: Glob): boolean {
  return !/[*?]/.test(glob.source);
}

/** The key of a file among pins: case doesn't count. */
export function pinKey(fileName: string): string {
  return fileName.trim().normalize('NFC').toLowerCase();
}
