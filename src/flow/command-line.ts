import { actionOf } from '../actions/index.ts';
import { quoteWord } from '../actions/quote.ts';
import type { Command } from '../model/command.ts';

/** The longest line that is read, in UTF-16 units; its canonical form isn't longer either. */
export const MAX_LINE = 2000;

/** What a person asks for with a line that becomes a request. */
export interface RequestLine {
  kind: 'request';
  machine: string;
  commands: Command[];
  reason: string | null;
  breakGlass: boolean;
}

/** A typed line, understood. Ids are canonical, or null where the thread has to tell. */
export type Line =
  | RequestLine
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
    case 'cancel':
      return [line.kind, ...given(line.id), ...given(line.why)].join(' ');
    case 'history':
      return [line.kind, ...given(line.machine)].join(' ');
    case 'explain':
      return `explain ${line.line}`;
    case 'machines':
      return `machines ${quoteWord(line.query)}`;
    case 'library':
      return line.file === null ? 'library' : `library show ${quoteWord(line.file)}`;
    case 'pause':
      return [line.kind, ...given(line.why)].join(' ');
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

function formatRequest({ machine, commands, reason, breakGlass }: RequestLine): string {
  const [first = '', ...more] = commands.map((command) => actionOf(command).format(command));
  const kinds = commands.map((command) => command.kind);
  return [
    `${kinds[0]} ${quoteWord(machine)} ${first}`,
    ...more.map((words, i) => `then ${kinds[i + 1]} ${words}`),
    ...(breakGlass ? ['--break-glass'] : []),
    // Always in quotes: one word of a reason shouldn't look like an argument.
    ...(reason === null ? [] : ['--reason', inQuotes(quoteWord(reason))]),
  ].join(' ');
}

const inQuotes = (word: string) => (word.startsWith('"') ? word : `"${word}"`);

function given(word: string | null): string[] {
  return word === null ? [] : [quoteWord(word)];
}
