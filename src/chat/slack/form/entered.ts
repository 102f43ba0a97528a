import { createHash } from 'node:crypto';
import { LIMITS } from '../limits.ts';
import type { Values } from './shapes.ts';

/** A choice as Slack shows it and sends it back. */
export interface Choice {
  text: string;
  value: string;
}

/** What stands in the inputs of a form, by their names: words, and choices with the words that were shown for them. */
export interface Entered {
  words: Record<string, string>;
  choices: Record<string, Choice>;
}

export const NOTHING: Entered = { words: {}, choices: {} };

/** What was entered. Each input is a block of its own, called as the input is. */
export function enteredInView(values: Values): Entered {
  const words: [string, string][] = [];
  const choices: [string, Choice][] = [];
  for (const [name, actions] of Object.entries(values)) {
    for (const { value, selected_option } of Object.values(actions)) {
      if (selected_option) choices.push([name, { text: selected_option.text.text, value: selected_option.value }]);
      else if (value) words.push([name, value]);
    }
  }
  return { words: Object.fromEntries(words), choices: Object.fromEntries(choices) };
}

/** The same with the plain value of each, as a form is read. */
export function inputsOf({ words, choices }: Entered): Record<string, string> {
  return {
    ...words,
    ...Object.fromEntries(Object.entries(choices).map(([name, { value }]) => [name, value])),
  };
}

/** What stands for a file's name as the value of a choice: itself, where Slack takes such a one. */
export function choiceValue(fileName: string): string {
  const takes = fileName.length <= LIMITS.option.value && !/\p{Cs}/u.test(fileName);
  if (takes && !STANDS_FOR.test(fileName)) return fileName;
  return `file:${createHash('sha256').update(fileName).digest('hex').slice(0, 40)}`;
}

const STANDS_FOR = /^file:[0-9a-f]{40}$/;

/** Whether a value stands for a name that is too long for Slack. No file can be called like that. */
export const standsForName = (value: string): boolean => STANDS_FOR.test(value);
