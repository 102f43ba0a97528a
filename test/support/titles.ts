import { readFileSync } from 'node:fs';

/** A call of `it` or `describe` with its title as it stands in the source. */
const TITLE = /\b(?:it|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** The titles in a test file. What a loop fills in reads as an ellipsis: `is … after …`. */
export function titlesOf(file: URL): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(TITLE)].map(([, single, double, template]) => {
    const title = single ?? double ?? (template ?? '').replace(/\$\{[^}]*\}/g, '…').replace(/…+/g, '…');
    return title.replace(/\\(.)/g, '$1');
  });
}
