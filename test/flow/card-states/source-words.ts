import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where cards get their words from. */
const SOURCES = [
  ...['state-words', 'state-of-many', 'deletion-card', 'card', 'card-of-many', 'approval-lines'],
  ...['nothing-sent', 'waits'],
];

/** All that stands in these sources to be said: what is in quotes and more than one word. */
export function wordsInSources(): string[] {
  return [...new Set(SOURCES.flatMap(wordsIn))];
}

function wordsIn(name: string): string[] {
  const path = fileURLToPath(new URL(`../../../src/flow/${name}.ts`, import.meta.url));
  const code = readFileSync(path, 'utf8').replace(/^import .*$|\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return quotedIn(code)
    .map((words) => words.trim())
    .filter((words) => /\p{L}.*\s.*\p{L}/u.test(words));
}

/** What stands in quotes there, and between the holes of what stands in backticks. */
function quotedIn(code: string): string[] {
  const found: string[] = [];
  /** In which brackets and backticks we are; on top the innermost. */
  const within: string[] = [];
  let words = '';
  for (let at = 0; at < code.length; at++) {
    const sign = code.charAt(at);
    if (within.at(-1) === '`' && sign !== '`' && !code.startsWith('${', at)) words += sign;
    else if (sign === "'") {
      const end = code.indexOf("'", at + 1);
      found.push(code.slice(at + 1, end));
      at = end;
    } else if (sign === '`' || (within.at(-1) === '`' && sign === '$')) {
      if (within.at(-1) === '`') found.push(words);
      words = '';
      if (sign === '$') {
        within.push('{');
        at++;
      } else if (within.at(-1) === '`') within.pop();
      else within.push('`');
    } else if (sign === '{') within.push('{');
    else if (sign === '}') within.pop();
  }
  return found;
}
