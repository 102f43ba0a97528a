import type { Command } from '../model/command.ts';
import type { Action } from './action.ts';
import { libraryNameWarnings, readLibraryName } from './library-name.ts';
import { quoteWord } from './quote.ts';
import { commandUsage } from './usage.ts';

/** Places a file of the library on the machine, in live response's working folder. */
export const putFile: Action<Extract<Command, { kind: 'put' }>> = {
  kind: 'put',
  usage: 'put <machine> <file>',
  label: 'Put file',
  order: 0,
  parse([first, second]) {
    const file = readLibraryName(first, 'put', 'tool.exe');
    if (second === undefined) return { kind: 'put', file };
    const message = `A put places one file, so “${second.text}” is one word too many.`;
    throw commandUsage(message, second, 'put', quoteWord(file));
  },
  format: (command) => quoteWord(command.file),
  show: (command) => command.file,
  toWire: (command) => ({ type: 'PutFile', params: [{ key: 'FileName', value: command.file }] }),
  libraryFile: (command) => command.file,
  withLibraryFile: (command, fileName) => ({ ...command, file: fileName }),
  warnings: (command) => libraryNameWarnings(command.file),
};
