import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A source file; its path counts from `src/`, with forward slashes. */
export interface Source {
  path: string;
  text: string;
}

/** One import: of a file of ours (a path from `src/`) or of a package (its name, or `node:…`). */
export interface Import {
  from: string;
  file: string | null;
  package: string | null;
  /** `import(…)` at run time, as opposed to a statement. */
  dynamic: boolean;
}

/** All sources below `src/`. */
export function readSources(): Source[] {
  const root = join(import.meta.dirname, '../../src');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ path: name.replaceAll('\\', '/'), text: readFileSync(join(root, name), 'utf8') }));
}

const STATEMENT = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])(?<specifier>[^'"\n]+)\1/gm;
const CALL = /\b(?:import|require)\(\s*(['"])(?<specifier>[^'"\n]+)\1/g;

/** What a file imports: types, re-exports, side effects and imports at run time included. */
export function importsOf(source: Source): Import[] {
  const find = (pattern: RegExp, dynamic: boolean): Import[] =>
    [...source.text.matchAll(pattern)].map((match) => resolved(source.path, match.groups?.specifier ?? '', dynamic));
  return [...find(STATEMENT, false), ...find(CALL, true)];
}

function resolved(from: string, specifier: string, dynamic: boolean): Import {
  if (specifier.startsWith('.')) {
    return { from, file: posix.join(posix.dirname(from), specifier), package: null, dynamic };
  }
  const name = specifier.startsWith('node:')
    ? specifier
    : specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return { from, file: null, package: Array.isArray(name) ? name.join('/') : name, dynamic };
}
