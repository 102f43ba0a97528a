import { UsageError } from '../errors.ts';
import type { Word } from './action.ts';

/** The machine in the examples of actions, which don't know whose command they read. */
const EXAMPLE_MACHINE = 'ws-042';

/** A UsageError of one command. `words`: what stands after the machine in a line that would work. */
export function commandUsage(message: string, at: Word | undefined, kind: string, words: string): UsageError {
  return new UsageError(message, at?.position ?? 0, `${kind} ${EXAMPLE_MACHINE} ${words}`);
}

/** The example of such an error, for the machine that was typed. */
export function onMachine(example: string, machine: string): string {
  return example.replace(` ${EXAMPLE_MACHINE} `, () => ` ${machine} `);
}
