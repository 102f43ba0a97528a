import type { Word } from './action.ts';
import { commandUsage } from './usage.ts';

/** Characters that no library file can have; with a slash it is a path, which the library doesn't know. */
const IMPOSSIBLE = /[\\/:*?"<>|]/;

/** The name of a library file, as typed. Throws UsageError where no library can have such a file. */
export function readLibraryName(word: Word | undefined, kind: 'run' | 'put', example: string): string {
  const what = kind === 'run' ? 'script' : 'file';
  if (word === undefined || word.text.trim() === '') {
    throw commandUsage(`Which ${what}? Name a ${what} of the live response library.`, word, kind, example);
  }
  const bad = IMPOSSIBLE.exec(word.text)?.[0];
  if (bad !== undefined) {
    const message = `“${word.text}” can't be a ${what} of the library, because of the ${bad} in it. Use its name there, without a path.`;
    throw commandUsage(message, word, kind, example);
  }
  return word.text;
}

/** What is known to go wrong with such a name (learn.microsoft.com: alphanumerics, `-`, `_`, `.`; field: blanks fail). */
export function libraryNameWarnings(name: string): string[] {
  if (/\s/.test(name)) return [`“${name}” has a blank in its name; Defender is known to fail on that. Rename it.`];
  if (/^[\w.-]*$/.test(name)) return [];
  return [`“${name}” has more than letters, digits, - _ and . in its name; Defender may not accept that.`];
}
