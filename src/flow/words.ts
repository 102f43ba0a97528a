import type { Word } from '../actions/action.ts';
import { QUOTES } from '../actions/quote.ts';
import { UsageError } from '../errors.ts';

/** Text as it was meant; `at[i]` is where its i-th UTF-16 unit stood in what arrived, and one more for the end. */
export interface Clean {
  text: string;
  at: number[];
}

/** A typed word; `value` is what stands after the `=` of `--name=value`. */
export interface Token extends Word {
  value: Word | null;
}

const LINK = /<((?:https?:\/\/|mailto:)[^<>|\s]*)(?:\|([^<>|]*))?>/iy;
const ENTITY = /&(amp|lt|gt);/y;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>' };
const CHARACTERS = new Intl.Segmenter();
const EXAMPLE = 'run ws-042 minidump.ps1 OfficeClickToRun';

/** Line ends and tabs, and the blanks that may not break: what a client puts where a person typed a blank. */
const BLANK = /[\t\n\r\u00a0\u2007\u202f]/;
/** Control characters, what reorders text on the screen, separators of lines, and halves of characters. */
const REFUSED = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Invisible: soft hyphen, zero-width characters, variation selectors and their like. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/**
 * Undoes what chat platforms do to typed text: entities, links made of host names, invisible characters, blanks that
 * don't break, and decomposed letters. A link whose label says something else than its address throws UsageError, as do
 * characters that could make a card show something else than what runs.
 */
export function undisfigure(raw: string): Clean {
  const out: Clean = { text: '', at: [] };
  for (let i = 0; i < raw.length; ) {
    const link = matchAt(LINK, raw, i);
    if (link === null) {
      i = addCharacter(out, raw, i);
      continue;
    }
    const [start, end] = linkText(link, i);
    for (let j = start; j < end; ) j = addCharacter(out, raw, j);
    i += link[0].length;
  }
  return compose(out, raw.length);
}

/** Where in the raw text a link's own words stand: its label where that is the address, else the address. */
function linkText(link: RegExpExecArray, at: number): [start: number, end: number] {
  const [whole, url = '', label] = link;
  if (label === undefined) return [at + 1, at + 1 + url.length];
  const address = url.replace(/^(?:https?:\/\/|mailto:)/i, '');
  const same = [url, address, address.replace(/\/$/, ''), address.replace(/[/?#].*$/, '')];
  if (!same.some((text) => text.toLowerCase() === label.toLowerCase())) {
    throw new UsageError(
      `The link “${label}” leads somewhere else (${address}). Type the words themselves.`,
      at,
      EXAMPLE,
    );
  }
  return [at + whole.length - 1 - label.length, at + whole.length - 1];
}

/** Adds what stands at `i`, if anything, and tells where the next character is. */
function addCharacter(out: Clean, raw: string, i: number): number {
  const entity = matchAt(ENTITY, raw, i);
  if (entity !== null) {
    add(out, ENTITIES[entity[1] ?? ''] ?? '', i);
    return i + entity[0].length;
  }
  const char = String.fromCodePoint(raw.codePointAt(i) ?? 0);
  if (BLANK.test(char)) add(out, ' ', i);
  else if (REFUSED.test(char)) throw new UsageError(refusal(char), i, EXAMPLE);
  else if (!INVISIBLE.test(char)) add(out, char, i);
  return i + char.length;
}

function refusal(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `There is an invisible control character (U+${code}) in the line. Type that part by hand instead of pasting it.`;
}

function add(out: Clean, text: string, at: number): void {
  out.text += text;
  for (let i = 0; i < text.length; i++) out.at.push(at);
}

/** NFC, one visible character at a time so that positions are kept. */
function compose(clean: Clean, end: number): Clean {
  if (clean.text === clean.text.normalize('NFC')) return { text: clean.text, at: [...clean.at, end] };
  const out: Clean = { text: '', at: [] };
  for (const { segment, index } of CHARACTERS.segment(clean.text)) {
    add(out, segment.normalize('NFC'), clean.at[index] ?? end);
  }
  return { text: out.text, at: [...out.at, end] };
}

/** The words of a line. Quotes group, backslashes are literal, a dash that a phone made of `--` is `--` again. */
export function splitWords(line: string): Token[] {
  const clean = undisfigure(line);
  const tokens: Token[] = [];
  let options = true;
  for (let i = nextWord(clean.text, 0); i < clean.text.length; ) {
    const { token, end } = readToken(clean, i, options);
    if (!token.quoted && token.text === '--') options = false;
    tokens.push(token);
    i = nextWord(clean.text, end);
  }
  return tokens;
}

interface Read<T> {
  token: T;
  end: number;
}

function readToken(clean: Clean, start: number, options: boolean): Read<Token> {
  const name = options ? matchAt(/(?:--|[—–])[^\s=]+=/y, clean.text, start)?.[0] : undefined;
  if (name === undefined) {
    const { token, end } = readWord(clean, start);
    return { token: { ...token, value: null }, end };
  }
  const { token: value, end } = readWord(clean, start + name.length);
  const text = dashes(name) + value.text;
  return { token: { text, position: positionOf(clean, start), quoted: false, value }, end };
}

function readWord(clean: Clean, start: number): Read<Word> {
  const closers = QUOTES.get(clean.text.charAt(start));
  if (closers !== undefined) return readQuoted(clean, start, closers);
  const bare = matchAt(/\S*/y, clean.text, start)?.[0] ?? '';
  return {
    token: { text: dashes(bare), position: positionOf(clean, start), quoted: false },
    end: start + bare.length,
  };
}

function readQuoted(clean: Clean, start: number, closers: string): Read<Word> {
  const { text } = clean;
  const position = positionOf(clean, start);
  let word = '';
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charAt(i);
    const doubled = char === text.charAt(i + 1) && /["']/.test(char);
    if (closers.includes(char) && !doubled && !isApostrophe(text, i)) {
      if (/\S/.test(text.charAt(i + 1))) throw notClosed(clean, i);
      return { token: { text: word, position, quoted: true }, end: i + 1 };
    }
    word += char;
    if (closers.includes(char) && doubled) i++;
  }
  const [open, close] = [text.charAt(start), closers.charAt(closers.length - 1)];
  throw new UsageError(`The quote ${open} is never closed. Close it with ${close} before a blank.`, position, EXAMPLE);
}

function notClosed(clean: Clean, at: number): UsageError {
  const message = `After the closing quote ${clean.text.charAt(at)} there must be a blank. To keep a quote inside quotes, double it.`;
  return new UsageError(message, positionOf(clean, at), EXAMPLE);
}

/** The one in `it's`, which closes nothing. */
function isApostrophe(text: string, at: number): boolean {
  return /^[\p{L}\p{N}]['’‘][\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 1), at + 2));
}

const dashes = (word: string) => word.replace(/^[—–]/, '--');

function positionOf(clean: Clean, index: number): number {
  return clean.at[index] ?? 0;
}

function nextWord(text: string, from: number): number {
  return from + (matchAt(/\s*/y, text, from)?.[0].length ?? 0);
}

/** A match of a sticky pattern exactly there. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
