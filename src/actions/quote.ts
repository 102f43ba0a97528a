/**
 * Quotes that open a word, each with what may close it. Straight quotes close with themselves alone, so that a
 * typographic quote inside them is text; clients that turn quotes turn both.
 */
export const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['„', '“”'],
  ['”', '”'],
  ['‘', '’'],
  ['‚', '‘’'],
  ['’', '’'],
]);

/** The word that separates commands, unless it is quoted. */
export function isThen(text: string): boolean {
  return text.toLowerCase() === 'then';
}

/** Whether a word means itself without quotes, where options have ended. */
export function isPlain(text: string): boolean {
  const opens = QUOTES.has(text.charAt(0)) || /^[—–]/.test(text);
  return text !== '' && !opens && !isThen(text) && !/[\s"“”„]/.test(text);
}

/** Writes what reading would take for a chat platform's entity or link so that it is read back as it is. */
export function escapeEntities(text: string): string {
  return text.replace(/&(?=(?:amp|lt|gt);)|<(?=https?:\/\/|mailto:)/gi, (char) => (char === '&' ? '&amp;' : '&lt;'));
}

/** A word as it has to be typed to be read as `text`: in double quotes, doubled inside, where it would mean something else. */
export function quoteWord(text: string): string {
  const plain = isPlain(text) && !text.startsWith('--');
  return escapeEntities(plain ? text : `"${text.replaceAll('"', '""')}"`);
}
