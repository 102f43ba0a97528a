import type { Command, WireCommand } from '../model/command.ts';
import type { Action, Word } from './action.ts';
import { libraryNameWarnings, readLibraryName } from './library-name.ts';
import { quoteWord } from './quote.ts';
import { commandUsage } from './usage.ts';

type RunScript = Extract<Command, { kind: 'run' }>;

/** Defender's portal warns against these in arguments (MicrosoftDocs/defender-docs#399). */
const RISKY = /[;&|!$()]/g;

/** Runs a script of the library. */
export const runScript: Action<RunScript> = {
  kind: 'run',
  usage: 'run <machine> <script> [argument…]',
  label: 'Run script',
  order: 1,
  parse([first, ...rest]) {
    const script = readLibraryName(first, 'run', 'minidump.ps1 OfficeClickToRun');
    return { kind: 'run', script, args: rest.map((word) => readArgument(word, script)) };
  },
  format: (command) => [command.script, ...command.args].map(quoteWord).join(' '),
  show: (command) => [command.script, ...argsOf(command)].join(' '),
  toWire: (command): WireCommand => ({
    type: 'RunScript',
    params: [
      { key: 'ScriptName', value: command.script },
      // Without arguments the key is left out: what Defender makes of an empty value is unknown.
      ...argsOf(command).map((value) => ({ key: 'Args' as const, value })),
    ],
  }),
  libraryFile: (command) => command.script,
  withLibraryFile: (command, fileName) => ({ ...command, script: fileName }),
  warnings: (command) => [...libraryNameWarnings(command.script), ...argumentWarnings(command.args)],
};

/** Defender's one string of arguments; none where there are none. */
function argsOf(command: RunScript): string[] {
  const quoted = command.args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg));
  return quoted.length === 0 ? [] : [quoted.join(' ')];
}

function readArgument(word: Word, script: string): string {
  if (word.text === '') {
    throw commandUsage('An empty argument would get lost on the way. Leave it out.', word, 'run', quoteWord(script));
  }
  // Defender takes one string and splits it again: there is no way to carry a double quote through. A bare word's
  // typographic quotes were straight ones before a phone turned them.
  if (!(word.quoted ? /"/ : /["“”„]/).test(word.text)) return word.text;
  const message =
    'Defender loses double quotes inside an argument. Leave them out, or pass the text as base64 (for instance ' +
    '-EncodedCommand <base64>) to a script that decodes it.';
  const bare = word.text.replaceAll(/["“”„]/g, '');
  throw commandUsage(message, word, 'run', `${quoteWord(script)} ${quoteWord(bare)}`);
}

function argumentWarnings(args: readonly string[]): string[] {
  const risky = [...new Set(args.join('').match(RISKY))];
  const warnings: string[] = [];
  if (risky.length > 0) {
    warnings.push(`Defender advises against ${risky.join(' ')} in arguments; the script may get something else.`);
  }
  if (args.some((arg) => /\s/.test(arg) && arg.endsWith('\\'))) {
    warnings.push('A quoted argument ends in a backslash, which can swallow the quote after it.');
  }
  return warnings;
}
