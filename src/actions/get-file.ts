import type { Command } from '../model/command.ts';
import type { Action } from './action.ts';
import { pathTrouble } from './path.ts';
import { quoteWord } from './quote.ts';
import { commandUsage } from './usage.ts';

const EXAMPLE = 'C:\\Windows\\Temp\\output.zip';

/** Collects one file of the machine. All words are one path; a quoted one is taken as it stands. */
export const getFile: Action<Extract<Command, { kind: 'get' }>> = {
  kind: 'get',
  usage: 'get <machine> <path>',
  label: 'Get file',
  order: 2,
  parse(words) {
    const path = words.map((word) => word.text).join(' ');
    if (path.trim() === '') throw commandUsage('Which file? Give its whole path.', words[0], 'get', EXAMPLE);
    const trouble = pathTrouble(path);
    if (trouble === null) return { kind: 'get', path };
    const { message, better } = trouble;
    const mended = better !== null && pathTrouble(better) === null ? quoteWord(better) : EXAMPLE;
    throw commandUsage(message, words[0], 'get', mended);
  },
  format: (command) => quoteWord(command.path),
  show: (command) => command.path,
  toWire: (command) => ({ type: 'GetFile', params: [{ key: 'Path', value: command.path }] }),
  libraryFile: () => null,
  withLibraryFile: (command) => command,
  warnings: (command) =>
    /[*?]/.test(command.path) ? ['Defender knows no wildcards: it looks for a file with exactly this name.'] : [],
};
