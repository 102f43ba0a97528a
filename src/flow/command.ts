import type { Word } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import { UsageError } from '../errors.ts';
import { parseRequestId } from '../model/ids.ts';
import { isMachine } from '../model/machine.ts';
import { formatLine, type Line, MAX_LINE, tooLongToShow } from './command-line.ts';
import { type Options, type Parted, takeOptions, takesValue } from './command-options.ts';
import { readMachine, readRequest, swapWord } from './command-request.ts';
import { exampleOf, isElsewhere, nearestCommand, usageOf } from './command-table.ts';
import { splitWords, type Token } from './words.ts';

export { type DeletionLine, formatLine, type Line, MAX_LINE, type RequestLine } from './command-line.ts';
export { COMMANDS, helpFor } from './command-table.ts';

/** Words that people put between a verb we lack and its machine. */
const FILLERS = new Set(['machine', 'device', 'package', 'investigation', 'app', 'file', 'and', 'from', 'isolation']);

/**
 * Reads a typed line, as any platform delivers it. Throws UsageError, and nothing else, with what is wrong, where it
 * stands in `text`, and an example that is itself understood.
 */
export function parseLine(text: string): Line {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof UsageError) || isUnderstood(error.example)) throw error;
    const verb = /\S+/.exec(text)?.[0] ?? '';
    throw new UsageError(error.message, error.position, exampleOf(nearestCommand(verb) ?? verb));
  }
}

function isUnderstood(line: string): boolean {
  try {
    read(line);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function read(text: string): Line {
  if (text.length > MAX_LINE) throw tooLong();
  const line = readTokens(splitWords(text), text);
  // What is stored and asked again is the canonical form, which must be readable too.
  if (formatLine(line).length > MAX_LINE) throw tooLong();
  const hidden = line.kind === 'request' ? tooLongToShow(line.commands) : null;
  if (hidden !== null) throw new UsageError(hidden, text.length, exampleOf('run'));
  return line;
}

function tooLong(): UsageError {
  const message = `The line is too long: ${MAX_LINE} characters at most. Make several requests of it, or shorten the reason.`;
  return new UsageError(message, MAX_LINE, exampleOf('run'));
}

function readTokens(tokens: readonly Token[], text: string): Line {
  if (tokens.length === 0) return { kind: 'form' };
  const at = verbAt(tokens);
  const verb = tokens[at]?.text.toLowerCase() ?? '';
  if (verb === 'help' || verb === '?') return { kind: 'help', word: helpWord(tokens[at + 1]?.text) };
  if (asksForHelp(tokens)) return { kind: 'help', word: helpWord(verb) };
  if (isElsewhere(verb)) return { kind: 'isolate-like', verb, machine: machineAmong(tokens.slice(at + 1)) };
  if (verb === 'explain') return readExplain(tokens.toSpliced(at, 1), text);
  return readCommand(takeOptions(tokens, text), text);
}

/** Where the first word stands that is neither an option nor the value of one. */
function verbAt(tokens: readonly Token[]): number {
  return tokens.findIndex((token, i) => {
    const before = tokens[i - 1];
    const isValue = before !== undefined && isOption(before) && takesValue(before.text.toLowerCase());
    return !isValue && !isOption(token);
  });
}

function helpWord(word = ''): string | null {
  return word.toLowerCase().normalize('NFC').trim() || null;
}

const isOption = ({ text, quoted }: Token) => !quoted && text.startsWith('--');

/** `--help` is ours unless it stands behind a bare `--`. */
function asksForHelp(tokens: readonly Token[]): boolean {
  const said = tokens.find(({ text, quoted }) => !quoted && (text === '--' || text.toLowerCase() === '--help'));
  return said !== undefined && said.text !== '--';
}

function machineAmong(tokens: readonly Token[]): string | null {
  const named = tokens.find(({ text }) => isMachine(text) && !FILLERS.has(text.toLowerCase()));
  return named?.text ?? null;
}

/** `explain` takes a request as it would be typed, or all of it in quotes. */
function readExplain(tokens: readonly Token[], text: string): Line {
  const [only, ...more] = tokens;
  const quoted = only?.quoted && more.length === 0 ? only : null;
  const line = quoted === null ? readTokens(tokens, text) : readQuotedLine(quoted);
  if (line.kind === 'request') return { kind: 'explain', line: formatLine(line) };
  const message = 'explain takes a whole request: run, get or put, with machine and all.';
  throw new UsageError(message, only?.position ?? text.length, exampleOf('explain'));
}

/** A line in quotes. Places in it aren't known exactly, so what is wrong stands where the quote does. */
function readQuotedLine(word: Word): Line {
  try {
    return read(word.text);
  } catch (error) {
    throw error instanceof UsageError
      ? new UsageError(error.message, word.position, `explain ${error.example}`)
      : error;
  }
}

function readCommand(parted: Parted, text: string): Line {
  const [first, ...rest] = parted.words;
  if (first === undefined) throw new UsageError('A command is missing; options alone do nothing.', 0, exampleOf('run'));
  const verb = first.text.toLowerCase();
  if (actionNamed(verb) !== undefined) return readRequest(parted, text);
  const line = readOther(verb, { first, rest, options: parted.options, text });
  if (line === null) throw notKnown(first, text);
  return line;
}

interface Other {
  first: Word;
  rest: readonly Word[];
  options: Options;
  text: string;
}

/** The commands that aren't requests; null for a verb that isn't one. */
function readOther(verb: string, other: Other): Line | null {
  const { rest, text } = other;
  switch (verb) {
    case 'status':
    case 'show':
    case 'results':
    case 'withdraw':
    case 'again':
      refuseMore(verb, other, 1);
      return { kind: verb, id: rest[0] === undefined ? null : readId(rest[0], verb) };
    case 'cancel':
      return readCancel(other);
    case 'pending':
    case 'whoami':
    case 'resume':
      refuseMore(verb, other, 0);
      return { kind: verb };
    case 'history':
      refuseMore(verb, other, 1);
      return { kind: verb, machine: rest[0] === undefined ? null : readMachine(rest[0], verb, text.length) };
    case 'machines':
      refuseOptions(verb, other.options);
      return { kind: verb, query: phrase(rest) ?? missing('Which machines? Give a name or an address.', other, verb) };
    case 'library':
      return readLibrary(other);
    case 'pause':
      return { kind: verb, why: readWhy(rest, other.options) };
    default:
      return null;
  }
}

function readId(word: Word, verb: string): string {
  const id = parseRequestId(word.text);
  if (id !== null) return id;
  throw new UsageError(
    `“${word.text}” isn't the id of a request; those look like LR-8K3F2Q.`,
    word.position,
    exampleOf(verb),
  );
}

function readCancel({ rest: [first, ...rest], options }: Other): Line {
  if (first === undefined) return { kind: 'cancel', id: null, why: readWhy([], options) };
  if (isMeantAsId(first)) return { kind: 'cancel', id: readId(first, 'cancel'), why: readWhy(rest, options) };
  return { kind: 'cancel', id: null, why: readWhy([first, ...rest], options) };
}

/** In a thread the id may be left out, so the first word may be a reason; many six-letter words could be ids. */
function isMeantAsId({ text, quoted }: Word): boolean {
  if (quoted) return false;
  if (/^LR-/i.test(text) || /^LR\w*\d/i.test(text)) return true;
  return parseRequestId(text) !== null && (/\d/.test(text) || text === text.toUpperCase());
}

/** The reason of a cancel or pause: its words, or `--reason`. */
function readWhy(words: readonly Word[], options: Options): string | null {
  refuseOptions('this', { ...options, reason: null });
  const said = phrase(words);
  if (options.reason === null) return said;
  if (said === null) return options.reason.text;
  const message = 'The reason stands there twice: once as words, once as --reason.';
  throw new UsageError(message, options.reason.name.position, exampleOf('pause'));
}

function readLibrary(other: Other): Line {
  const [what] = other.rest;
  const verb = what?.text.toLowerCase() ?? 'list';
  if (verb === 'list') {
    refuseMore('library', other, 1);
    return { kind: 'library', file: null };
  }
  if (verb === 'show') {
    refuseMore('library', other, 2);
    return { kind: 'library', file: libraryFile(other) };
  }
  if (verb === 'delete') {
    const { reason, breakGlass } = other.options;
    if (breakGlass !== null) {
      const message = 'Deleting from the library always waits for approval: it is for the whole tenant.';
      throw new UsageError(message, breakGlass.name.position, 'library delete old.ps1');
    }
    refuseMore('library', { ...other, options: { ...other.options, reason: null } }, 2);
    return { kind: 'deletion', file: libraryFile(other), reason: reason?.text ?? null };
  }
  const message = `library knows list, show <file> and delete <file>, not “${what?.text}”.`;
  throw new UsageError(message, what?.position ?? 0, exampleOf('library'));
}

function libraryFile(other: Other): string {
  const file = other.rest[1];
  return phrase(file === undefined ? [] : [file]) ?? missing('Which file?', other, 'library');
}

function phrase(words: readonly Word[]): string | null {
  return (
    words
      .map((word) => word.text)
      .join(' ')
      .trim() || null
  );
}

function missing(message: string, { text }: Other, verb: string): never {
  throw new UsageError(message, text.length, exampleOf(verb));
}

function refuseMore(verb: string, { rest, options }: Other, most: number): void {
  refuseOptions(verb, options);
  const extra = rest[most];
  if (extra === undefined) return;
  const message = `“${extra.text}” is one word too many. It is typed: ${usageOf(verb)}`;
  throw new UsageError(message, extra.position, exampleOf(verb));
}

function refuseOptions(verb: string, { reason, breakGlass, aim }: Options): void {
  const name = (reason ?? breakGlass ?? aim)?.name;
  if (name === undefined) return;
  throw new UsageError(`${verb} takes no option.`, name.position, exampleOf(verb));
}

function notKnown(word: Word, text: string): UsageError {
  const near = nearestCommand(word.text);
  const hint = near === null ? '“help” lists what I know.' : `Did you mean “${near}”?`;
  const message = `I don't know the word “${word.text}”. ${hint}`;
  if (near === null) return new UsageError(message, word.position, 'help');
  return new UsageError(message, word.position, swapWord(text, word, near));
}
