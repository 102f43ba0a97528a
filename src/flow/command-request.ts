import type { Action, Word } from '../actions/action.ts';
import { ACTIONS, actionNamed, actionOf } from '../actions/index.ts';
import { isThen, quoteWord } from '../actions/quote.ts';
import { onMachine } from '../actions/usage.ts';
import { UsageError } from '../errors.ts';
import { type Aim, type Command, MAX_COMMANDS } from '../model/command.ts';
import { isMachine } from '../model/machine.ts';
import { formatAim } from './command-aim.ts';
import { formatLine, type RequestLine } from './command-line.ts';
import type { Parted } from './command-options.ts';
import { exampleOf, nearest } from './command-table.ts';

/** The words of one command, without its machine; `verb` undefined where nothing stands between two `then`. */
interface Part {
  /** The `then` before it; null for the first. */
  separator: Word | null;
  verb: Word | undefined;
  words: Word[];
  /** Where the next `then` or the end of the line stands. */
  end: number;
}

/** Reads `run …`, `get …`, `put …` and what follows each `then`. */
export function readRequest(parted: Parted, line: string): RequestLine {
  const [first, ...more] = partsOf(parted.words, line.length);
  const action = actionOf({ kind: readVerb(first, line).kind });
  const where = readWhere(parted, first, action.kind);
  const named = parted.options.aim === null ? 1 : 0;
  const parts = [{ ...first, words: first.words.slice(named) }, ...more];
  const commands = parts.map((part) => readCommand(part, where, parted, line));
  const request: RequestLine = {
    kind: 'request',
    ...where,
    commands,
    reason: parted.options.reason?.text ?? null,
    breakGlass: parted.options.breakGlass !== null,
  };
  checkCount(request, parts);
  checkOrder(request, parts);
  return request;
}

/** Which machine, or which ones. */
type Where = Pick<RequestLine, 'machine' | 'aim'>;

/** With an option that says which machines, none is named behind the verb. */
function readWhere({ options }: Parted, first: Part, kind: string): Where {
  const aim = options.aim?.is;
  if (aim === undefined) return { machine: readMachine(first.words[0], kind, first.end) };
  checkNotNamed(first.words[0], aim, kind);
  const [only, ...others] = aim.by === 'names' ? aim.names : [];
  return only !== undefined && others.length === 0 ? { machine: only } : { machine: '', aim };
}

function checkNotNamed(word: Word | undefined, aim: Aim, kind: string): void {
  const names = aim.by === 'names' ? aim.names.map((name) => name.toLowerCase()) : [];
  if (word === undefined || word.quoted || !names.includes(word.text.toLowerCase())) return;
  const message = `With --machines no machine is named behind ${kind}: all of them stand there. If “${word.text}” is meant, put it in quotes.`;
  throw new UsageError(message, word.position, exampleOf('--machines'));
}

function partsOf(words: readonly Word[], end: number): [Part, ...Part[]] {
  const parts: [Part, ...Part[]] = [{ separator: null, verb: undefined, words: [], end }];
  let part = parts[0];
  for (const word of words) {
    if (!word.quoted && isThen(word.text)) {
      part.end = word.position;
      part = { separator: word, verb: undefined, words: [], end };
      parts.push(part);
    } else if (part.verb === undefined) part.verb = word;
    else part.words.push(word);
  }
  return parts;
}

function readVerb({ separator, verb }: Part, line: string): Action {
  const action = actionNamed(verb?.text.toLowerCase() ?? '');
  if (action !== undefined) return action;
  const example = exampleOf('then');
  if (verb === undefined) {
    throw new UsageError('A command is missing: “then” stands between two of them.', separator?.position ?? 0, example);
  }
  const kinds = ACTIONS.map(({ kind }) => kind);
  const near = nearest(verb.text, kinds);
  const hint = near === null ? 'If “then” is an argument, put it in quotes.' : `Did you mean “${near}”?`;
  const message = `After “then” comes ${kinds.join(', ')}, not “${verb.text}”. ${hint}`;
  throw new UsageError(message, verb.position, near === null ? example : swapWord(line, verb, near));
}

/** A machine as typed. Throws UsageError for what can be neither a name nor an id. */
export function readMachine(word: Word | undefined, name: string, end: number): string {
  if (word === undefined) throw new UsageError('Which machine? Give its name or id.', end, exampleOf(name));
  if (isMachine(word.text)) return word.text;
  const message = word.text.includes(',')
    ? `Several machines are named behind --machines: --machines ${word.text}`
    : `“${word.text}” can't be a machine: a name or id has letters, digits, - _ and . only.`;
  throw new UsageError(message, word.position, onMachine(exampleOf(name), word.text.split(',')[0] ?? ''));
}

function readCommand(part: Part, where: Where, parted: Parted, line: string): Command {
  const action = readVerb(part, line);
  checkNotRepeated(part, where, line);
  if (action.kind === 'get') checkDash(part, where, parted.ended, line);
  try {
    return action.parse(part.words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const position = part.words.length === 0 ? part.end : error.position;
    throw new UsageError(error.message, position, exampleThere(error.example, where));
  }
}

/** The example of a command, for the machines that were typed. */
function exampleThere(example: string, { machine, aim }: Where): string {
  if (aim === undefined) return onMachine(example, quoteWord(machine));
  return `${onMachine(example, '').replace('  ', ' ')} ${formatAim(aim)}`;
}

/** Words after `then` go to the machine of the first command, so its name there would become a script or a path. */
function checkNotRepeated({ separator, words: [first, ...rest] }: Part, { machine }: Where, line: string): void {
  if (separator === null || machine === '' || first === undefined || first.quoted || rest.length === 0) return;
  if (first.text.toLowerCase() !== machine.toLowerCase()) return;
  const message = `After “then” the machine isn't named again. If “${first.text}” is meant, put it in quotes.`;
  throw new UsageError(message, first.position, swapWord(line, first, ''));
}

/** A phone makes one dash of `--`, but a file's name can have such a dash as well: in a path that can't be told apart. */
function checkDash({ words }: Part, where: Where, ended: Word | null, line: string): void {
  const [before, after] = [words[0], words.at(-1)];
  if (ended === null || before === undefined || after === undefined) return;
  if (line.startsWith('--', ended.position) || ended.position < before.position || ended.position > after.position)
    return;
  const at = words.findIndex((word) => word.position > ended.position);
  const path = words.map((word) => word.text).toSpliced(at, 0, line.charAt(ended.position));
  throw new UsageError(
    'Put a path with a dash of its own in quotes.',
    ended.position,
    exampleThere(`get ws-042 ${quoteWord(path.join(' '))}`, where),
  );
}

function checkCount(request: RequestLine, parts: readonly Part[]): void {
  const extra = parts[MAX_COMMANDS];
  if (extra === undefined) return;
  const message = `That is ${parts.length} commands; one request takes ${MAX_COMMANDS} at most. Make another request of the rest.`;
  const example = formatLine({ ...request, commands: request.commands.slice(0, MAX_COMMANDS) });
  throw new UsageError(message, extra.verb?.position ?? 0, example);
}

/** Defender puts first, then runs, then gets (learn.microsoft.com, run-live-response); another order would not be kept. */
function checkOrder(request: RequestLine, parts: readonly Part[]): void {
  const orders = request.commands.map((command) => actionOf(command).order);
  const back = orders.findIndex((order, i) => order < (orders[i - 1] ?? 0));
  if (back < 0) return;
  const commands = request.commands.toSorted((a, b) => actionOf(a).order - actionOf(b).order);
  const message = 'In one session Defender puts first, then runs, then gets. Keep that order, or make two requests.';
  throw new UsageError(message, parts[back]?.verb?.position ?? 0, formatLine({ ...request, commands }));
}

/** The line as typed with another word in this one's place. */
export function swapWord(line: string, word: Word, other: string): string {
  const tail = line.slice(word.position).replace(other === '' ? /^\S+\s*/ : /^\S+/, () => other);
  return line.slice(0, word.position) + tail;
}
