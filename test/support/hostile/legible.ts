/**
 * What can't be seen, or makes something else be seen, written out by number: not the property by which the product finds it, so that
 * one mistake can't hide in both.
 */
const UNSEEN: readonly [from: number, to: number][] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0e],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];
const [ZWNJ, ZWJ] = [0x200c, 0x200d];

const isUnseen = (code: number): boolean => UNSEEN.some(([from, to]) => code >= from && code <= to);

/** Characters that hide in a text, by number; a joiner is none between two letters or emoji that aren't ASCII. */
export function hiddenIn(text: string, allowed = ''): string[] {
  const chars = [...text];
  return chars.flatMap((char, i) => {
    const code = char.codePointAt(0) ?? 0;
    if (!isUnseen(code) || allowed.includes(char)) return [];
    const joins = (code === ZWNJ || code === ZWJ) && isForeign(chars[i - 1]) && isForeign(chars[i + 1]);
    return joins ? [] : [nameOf(code)];
  });
}

const isForeign = (char = 'a'): boolean => (char.codePointAt(0) ?? 0) > 0x7f && !isUnseen(char.codePointAt(0) ?? 0);

/** A text as people are to see it in a box: each character as it is, what hides by its picture or number. */
export function legible(text: string): string {
  return [...text].map(picture).join('');
}

/** The same of a line: line ends are blanks there. Joiners are by number in it, wherever they stand: `folded` makes them so. */
export function legibleLine(text: string): string {
  return legible(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '));
}

/** What was shown, with joiners by number. */
export const folded = (shown: string): string => shown.replace(/[\u200C\u200D]/g, (char) => picture(char));

function picture(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (!isUnseen(code)) return char;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : `[${nameOf(code)}]`;
}

const nameOf = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
