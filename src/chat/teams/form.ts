import type { Word } from '../../actions/action.ts';
import { actionNamed, actionOf } from '../../actions/index.ts';
import { UsageError } from '../../errors.ts';
import { formatLine, parseLine } from '../../flow/command.ts';
import { splitWords } from '../../flow/words.ts';
import type { Command, CommandKind } from '../../model/command.ts';

/** As many commands as the form has room for; a typed line takes more. */
export const MOST_COMMANDS = 5;

/** What the inputs of the form are called; commands count from 1. */
export const INPUTS = {
  machine: 'machine',
  kind: (command: number) => `kind${command}`,
  script: (command: number) => `script${command}`,
  words: (command: number) => `words${command}`,
  reason: 'reason',
} as const;

/** One command as entered: what to do (null: nothing that the form offers), a file of the library, and arguments or a path. */
export interface FormCommand {
  kind: CommandKind | null;
  script: string;
  words: string;
}

/** What the form is filled in with; all of it may be wrong. */
export interface FormValues {
  machine?: string;
  commands?: readonly FormCommand[];
  reason?: string;
  /** What is wrong, as a sentence. */
  error?: string;
}

/**
 * The typed line that a submitted form (its inputs by name) stands for, or what is wrong with it as a sentence. The line goes the way
 * of any typed line, through the same checks.
 */
export function readForm(inputs: Record<string, unknown>): { line: string } | { error: string } {
  const { machine = '', commands = [], reason = '' } = enteredIn(inputs);
  if (machine === '') return { error: 'Choose a machine.' };
  if (commands.length === 0) return { error: 'Say what to do: choose a script or a file, or give a path to collect.' };
  const read: Command[] = [];
  for (const [i, command] of commands.entries()) {
    const outcome = understood(() => readCommand(command));
    if ('error' in outcome)
      return { error: commands.length > 1 ? `Command ${i + 1}: ${outcome.error}` : outcome.error };
    read.push(outcome.value);
  }
  const line = formatLine({
    kind: 'request',
    machine,
    commands: read,
    reason: reason === '' ? null : reason,
    breakGlass: false,
  });
  const outcome = understood(() => parseLine(line));
  return 'error' in outcome ? outcome : { line };
}

/** What was entered, to show it again. Commands with nothing in them are left out. */
export function enteredIn(inputs: Record<string, unknown>): FormValues {
  const commands = Array.from({ length: MOST_COMMANDS }, (_, i) => ({
    kind: kindOf(entered(inputs, INPUTS.kind(i + 1))),
    script: entered(inputs, INPUTS.script(i + 1)),
    words: entered(inputs, INPUTS.words(i + 1)),
  }));
  return {
    machine: entered(inputs, INPUTS.machine),
    commands: commands.filter(({ script, words }) => script !== '' || words !== ''),
    reason: entered(inputs, INPUTS.reason),
  };
}

function entered(inputs: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(inputs, name) ? inputs[name] : '';
  return typeof value === 'string' ? value.trim() : '';
}

function kindOf(value: string): CommandKind | null {
  return actionNamed(value)?.kind ?? null;
}

type Outcome<T> = { value: T } | { error: string };

function understood<T>(read: () => T): Outcome<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof UsageError) return { error: error.message };
    throw error;
  }
}

function readCommand({ kind, script, words }: FormCommand): Command {
  if (kind === null) throw new UsageError('Choose what to do.', 0, '');
  const misplaced = misfit(kind, script, words);
  if (misplaced !== null) throw new UsageError(misplaced, 0, '');
  switch (kind) {
    case 'run':
      return actionOf({ kind }).parse([word(script), ...splitWords(words)]);
    case 'get':
      return actionOf({ kind }).parse([word(pathIn(words))]);
    case 'put':
      return actionOf({ kind }).parse([word(script)]);
  }
}

/** What stands where it has no meaning is asked about, not dropped. */
function misfit(kind: CommandKind, script: string, words: string): string | null {
  if (kind === 'get')
    return script === '' ? null : `A file is collected by its path alone: clear “${script}”, or choose Run script.`;
  if (script === '') return kind === 'run' ? 'Choose the script to run.' : 'Choose the library file to place.';
  return kind === 'put' && words !== ''
    ? 'A library file is placed without arguments: clear them, or choose Run script.'
    : null;
}

/** A path as people paste it: Windows copies it in quotes. */
function pathIn(words: string): string {
  return /^"([^"]*)"$/.exec(words)?.[1] ?? words;
}

function word(value: string): Word {
  return { text: value, position: 0, quoted: true };
}
