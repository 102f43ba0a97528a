import type { Word } from '../actions/action.ts';
import { actionNamed, actionOf } from '../actions/index.ts';
import { UsageError } from '../errors.ts';
import { formatLine, parseLine } from '../flow/command.ts';
import { splitWords } from '../flow/words.ts';
import type { Command, CommandKind } from '../model/command.ts';

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

/** Why a form can't be asked yet: a sentence, and the input that it is about, by its name. */
export interface FormError {
  error: string;
  input: string;
}

/** What the form asks for, in people's words. */
export const KINDS: Record<CommandKind, string> = { run: 'Run script', get: 'Collect file', put: 'Place library file' };

/**
 * The typed line that a submitted form (its inputs by name) stands for, or what is wrong with it. The line goes the way of any typed
 * line, through the same checks.
 */
export function readForm(inputs: Record<string, unknown>): { line: string } | FormError {
  const { machine = '', commands = [], reason = '' } = enteredIn(inputs);
  if (machine === '') return { error: 'Choose a machine.', input: INPUTS.machine };
  if (commands.length === 0) {
    const error = 'Say what to do: choose a script or a file, or give a path to collect.';
    return { error, input: INPUTS.script(1) };
  }
  const read: Command[] = [];
  for (const [i, command] of commands.entries()) {
    const outcome = understood(() => readCommand(command));
    if (!('error' in outcome)) read.push(outcome.value);
    else {
      const error = commands.length > 1 ? `Command ${i + 1}: ${outcome.error}` : outcome.error;
      return { error, input: wrongInput(inputs, i, command) };
    }
  }
  return wholeLine(inputs, machine, read, reason);
}

/** The line of all of it. What only shows in the whole is told at the input that brings it in: machine, then commands, then reason. */
function wholeLine(
  inputs: Record<string, unknown>,
  machine: string,
  commands: Command[],
  reason: string,
): { line: string } | FormError {
  const written = (asked: Command[], why: string | null): string =>
    formatLine({ kind: 'request', machine, commands: asked, reason: why, breakGlass: false });
  const line = written(commands, reason === '' ? null : reason);
  const last = numbersOf(inputs).at(-1) ?? 1;
  const steps = [
    { line: written([HARMLESS], null), input: INPUTS.machine },
    {
      line: written(commands, null),
      input: commands.at(-1)?.kind === 'get' ? INPUTS.words(last) : INPUTS.script(last),
    },
    { line, input: INPUTS.reason },
  ];
  for (const { line: step, input } of steps) {
    const outcome = understood(() => parseLine(step));
    if ('error' in outcome) return { error: outcome.error, input };
  }
  return { line };
}

/** A command that is never what is wrong. */
const HARMLESS: Command = { kind: 'get', path: 'C:\\a' };

/** The numbers of the commands with something in them: the second of them needn't be the second on the form. */
function numbersOf(inputs: Record<string, unknown>): number[] {
  return Array.from({ length: MOST_COMMANDS }, (_, i) => i + 1).filter(
    (number) => entered(inputs, INPUTS.script(number)) !== '' || entered(inputs, INPUTS.words(number)) !== '',
  );
}

/** Which of its inputs keeps a command from being understood. */
function wrongInput(inputs: Record<string, unknown>, index: number, { kind, script, words }: FormCommand): string {
  const number = numbersOf(inputs)[index] ?? 1;
  if (kind === null) return INPUTS.kind(number);
  if (kind === 'get') return script === '' ? INPUTS.words(number) : INPUTS.script(number);
  const nameFits = script !== '' && !('error' in understood(() => actionOf({ kind }).parse([word(script)])));
  return nameFits && words !== '' ? INPUTS.words(number) : INPUTS.script(number);
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
