import type { Word } from '../actions/action.ts';
import { escapeEntities, isPlain, isThen, quoteWord } from '../actions/quote.ts';
import { UsageError } from '../errors.ts';
import type { Aim } from '../model/command.ts';
import { AIMS, formatAim, readAim } from './command-aim.ts';
import { exampleOf, nearest } from './command-table.ts';
import type { Token } from './words.ts';

/** The options of a line, each with the word that named it. */
export interface Options {
  reason: { name: Word; text: string } | null;
  breakGlass: { name: Word } | null;
  aim: { name: Word; is: Aim } | null;
}

/** A line's own words, and its options. `ended`: the bare `--`, where there is one. */
export interface Parted {
  words: Word[];
  options: Options;
  ended: Word | null;
}

const OURS = ['--reason', '--break-glass', ...AIMS];

/** Whether the next word is this option's value, unless it has one already. */
export const takesValue = (name: string): boolean => name === '--reason' || AIMS.includes(name);

/** Takes the options out of a line, wherever they stand. Throws UsageError for those we don't know. */
export function takeOptions(tokens: readonly Token[], line: string): Parted {
  const parted: Parted = { words: [], options: { reason: null, breakGlass: null, aim: null }, ended: null };
  const foreign: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (parted.ended !== null || token.quoted || !token.text.startsWith('--')) parted.words.push(token);
    else if (token.text === '--') parted.ended = token;
    else if (!OURS.includes(nameOf(token))) foreign.push(token);
    else i += takeOne(token, tokens.slice(i + 1, i + 3), parted.options, line);
  }
  const [first] = foreign;
  if (first !== undefined) throw unknown(first, foreign, parted, line);
  return parted;
}

/** The options again, as they are typed; each is one word or two. */
export function formatOptions(options: Options): string[] {
  return [
    ...(options.aim === null ? [] : [formatAim(options.aim.is)]),
    ...(options.breakGlass === null ? [] : ['--break-glass']),
    ...(options.reason === null ? [] : ['--reason', quoteWord(options.reason.text)]),
  ];
}

/** How many more words the option took. */
function takeOne(token: Token, [next, afterNext]: readonly Token[], options: Options, line: string): number {
  const name = nameOf(token);
  if (name === '--break-glass') {
    if (token.value !== null) throw wrong('--break-glass takes no value.', token, name);
    if (options.breakGlass !== null) throw twice(name, token);
    options.breakGlass = { name: token };
    return 0;
  }
  const value = token.value ?? valueAfter(next);
  if (AIMS.includes(name)) {
    if (options.aim !== null) throw aimedTwice(options.aim.name, token);
    const behind = token.value === null ? afterNext : next;
    options.aim = { name: token, is: readAim(name, value, line.length, behind) };
    return token.value === null ? 1 : 0;
  }
  if (options.reason !== null) throw twice(name, token);
  const text = value?.text.trim() ?? '';
  if (text === '') throw wrong('--reason needs words after it, in quotes.', value ?? { position: line.length }, name);
  options.reason = { name: token, text };
  return token.value === null ? 1 : 0;
}

/** The next word, unless it is one of ours: then the value was forgotten. */
function valueAfter(next: Token | undefined): Token | undefined {
  if (next === undefined || next.quoted) return next;
  return next.text.startsWith('--') || isThen(next.text) ? undefined : next;
}

const nameOf = (token: Word) => token.text.replace(/=.*$/s, '').toLowerCase();

function twice(name: string, at: Word): UsageError {
  return wrong(`${name} stands there twice; once is enough.`, at, name);
}

function aimedTwice(before: Word, at: Token): UsageError {
  const [first, second] = [nameOf(before), nameOf(at)];
  if (first === second) return twice(second, at);
  return wrong(`${first} and ${second} don’t go together: a request has one way of saying which machines.`, at, second);
}

function wrong(message: string, at: Pick<Word, 'position'>, name: string): UsageError {
  return new UsageError(message, at.position, exampleOf(name));
}

function unknown(first: Token, foreign: readonly Token[], parted: Parted, line: string): UsageError {
  const name = nameOf(first);
  const near = nearest(name, OURS);
  if (near !== null) {
    const typed = line.slice(first.position).replace(/^[^\s=]+/, near);
    const message = `I don't know the option ${name}. Did you mean ${near}? For an option of the script, put -- before it.`;
    return new UsageError(message, first.position, line.slice(0, first.position) + typed);
  }
  const message = `I don't know the option ${name}. If it is meant for the script, put -- before it: what follows -- is left alone.`;
  return new UsageError(message, first.position, behindTheEnd(first, foreign, parted));
}

/** The same line with our options first, and the script's behind a bare `--`. */
function behindTheEnd(first: Token, foreign: readonly Token[], { words, options }: Parted): string {
  const before = words.filter((word) => word.position < first.position);
  const after = [...foreign, ...words.slice(before.length)].sort((a, b) => a.position - b.position);
  return [
    ...before.map(asTyped),
    ...formatOptions(options),
    '--',
    ...after.map((word) => (foreign.includes(word as Token) ? plainly(word.text) : asTyped(word))),
  ].join(' ');
}

/** An unquoted `then` separates, in an example as well. */
const asTyped = (word: Word) => (!word.quoted && isThen(word.text) ? word.text : quoteWord(word.text));
const plainly = (text: string) => (isPlain(text) ? escapeEntities(text) : quoteWord(text));
