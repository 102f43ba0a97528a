import { actionOf } from '../actions/index.ts';
import { quoteWord } from '../actions/quote.ts';
import type { Aim, Command } from '../model/command.ts';
import { visible } from '../model/visible.ts';
import { formatAim } from './command-aim.ts';

/** The longest line that is read, in UTF-16 units; its canonical form isn't longer either. */
export const MAX_LINE = 2000;
/**
 * The commands of a request as cards show them: a hidden character takes up to nine there. Every form of a card, on every platform, has
 * room for so much whole.
 */
const MAX_SHOWN = 3000;

/** What a person asks for with a line that becomes a request. */
export interface RequestLine {
  kind: 'request';
  /** Empty where `aim` says which ones. */
  machine: string;
  aim?: Aim;
  commands: Command[];
  reason: string | null;
  breakGlass: boolean;
}

/** What a person asks for who wants a file out of the library. */
export interface DeletionLine {
  kind: 'deletion';
  file: string;
  reason: string | null;
}

/** A typed line, understood. Ids are canonical, or null where the thread has to tell. */
export type Line =
  | RequestLine
  | DeletionLine
  | { kind: 'status' | 'show' | 'results' | 'withdraw' | 'again'; id: string | null }
  | { kind: 'cancel'; id: string | null; why: string | null }
  | { kind: 'pending' }
  | { kind: 'history'; machine: string | null }
  /** `line`: a request in canonical form. */
  | { kind: 'explain'; line: string }
  | { kind: 'whoami' }
  | { kind: 'machines'; query: string }
  | { kind: 'library'; file: string | null }
  | { kind: 'pause'; why: string | null }
  | { kind: 'resume' }
  | { kind: 'help'; word: string | null }
  /** No words at all. */
  | { kind: 'form' }
  /** A machine action that we lack; the machine where one was named. */
  | { kind: 'isolate-like'; verb: string; machine: string | null };

/** The canonical spelling: parseLine(formatLine(line)) equals any line that parseLine gave. */
export function formatLine(line: Line): string {
  switch (line.kind) {
    case 'request':
      return formatRequest(line);
    case 'deletion':
      return [`library delete ${quoteWord(line.file)}`, ...reasonOf(line.reason)].join(' ');
    case 'cancel':
      return [line.kind, ...given(line.id), ...quoted(line.why)].join(' ');
    case 'history':
      return [line.kind, ...given(line.machine)].join(' ');
    case 'explain':
      return `explain ${line.line}`;
    case 'machines':
      return `machines ${quoteWord(line.query)}`;
    case 'library':
      return line.file === null ? 'library' : `library show ${quoteWord(line.file)}`;
    case 'pause':
      return [line.kind, ...quoted(line.why)].join(' ');
    case 'help':
      return [line.kind, ...given(line.word)].join(' ');
    case 'isolate-like':
      return [line.verb, ...given(line.machine)].join(' ');
    case 'form':
      return '';
    case 'pending':
    case 'whoami':
    case 'resume':
      return line.kind;
    default:
      return [line.kind, ...given(line.id)].join(' ');
  }
}

function formatRequest({ machine, aim, commands, reason, breakGlass }: RequestLine): string {
  const names = aim?.by === 'names' ? aim.names : [];
  const [first, ...more] = commands.map((command) => ({
    kind: command.kind,
    words: formatCommand(command, machine, names),
  }));
  return [
    ...given(first?.kind ?? null),
    ...(aim === undefined ? given(machine) : []),
    first?.words,
    ...more.map(({ kind, words }) => `then ${kind} ${words}`),
    ...(aim === undefined ? [] : [formatAim(aim)]),
    ...(breakGlass ? ['--break-glass'] : []),
    ...reasonOf(reason),
  ].join(' ');
}

/** A file that is called like a machine is quoted, or it would be taken for the machine named again. */
function formatCommand(command: Command, machine: string, names: readonly string[]): string {
  const action = actionOf(command);
  const words = action.format(command);
  const name = action.libraryFile(command) ?? '';
  const lower = name.toLowerCase();
  const taken = lower !== '' && (lower === machine.toLowerCase() || names.some((one) => one.toLowerCase() === lower));
  const same = taken && words.startsWith(name);
  return same ? `"${name}"${words.slice(name.length)}` : words;
}

function reasonOf(reason: string | null): string[] {
  return reason === null ? [] : ['--reason', ...quoted(reason)];
}

function given(word: string | null): string[] {
  return word === null ? [] : [quoteWord(word)];
}

/** A reason always stands in quotes: a single word of it could be taken for an argument or an id. */
function quoted(words: string | null): string[] {
  return given(words).map((word) => (word.startsWith('"') ? word : `"${word}"`));
}

/** Commands as people read them, one string each: `run minidump.ps1 OfficeClickToRun`. */
export function shownCommands(request: { commands: readonly Command[] }): string[] {
  return request.commands.map((command) => `${command.kind} ${actionOf(command).show(command)}`);
}

/**
 * Why no card could show every command whole, and on several machines each of their names, which is what an approver agrees to; null where
 * it can.
 */
export function tooLongToShow(commands: readonly Command[], names: readonly string[] = []): string | null {
  const length = (words: readonly string[]) => words.reduce((sum, word) => sum + visible(word).length, 0);
  const shown = length(shownCommands({ commands }));
  if (shown <= MAX_SHOWN && names.length > 1) {
    const all = shown + length(names) + names.length * 2;
    if (all <= MAX_SHOWN) return null;
    return `Commands and machines are too long for a card, which has to show all of them: ${all} characters where ${MAX_SHOWN} fit. Make several requests of it.`;
  }
  if (shown <= MAX_SHOWN) return null;
  return `The commands are too long for a card, which has to show all that runs: ${shown} characters where ${MAX_SHOWN} fit, with each hidden one shown by its number, like [U+200B]. Leave hidden characters out.`;
}
