// What is on the sheets of pictures, in words: docs/images/index.json, which `npm run screenshots` writes beside them.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../docs/images/index.json', import.meta.url));

/** By sheet and by what stands above the picture: the words of the card. */
export type Index = Record<string, Record<string, string>>;

export const readIndex = (): Index => JSON.parse(readFileSync(FILE, 'utf8')) as Index;

export function writeIndex(index: Index): void {
  writeFileSync(FILE, `${JSON.stringify(index, null, 2)}\n`);
}

/** The words of a message as people read them: the notification’s, without markup. */
export function wordsOf(text: string): string {
  return text
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** The state: a card begins with it. */
export const stateIn = (words: string): string => words.split('\n')[0] ?? '';
