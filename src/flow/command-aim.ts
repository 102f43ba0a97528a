import type { Word } from '../actions/action.ts';
import { quoteWord } from '../actions/quote.ts';
import { UsageError } from '../errors.ts';
import { type Aim, MAX_MACHINES } from '../model/command.ts';
import { isMachine } from '../model/machine.ts';
import { exampleOf } from './command-table.ts';

/** The options that aim a request at several machines. */
export const AIMS: readonly string[] = ['--machines', '--tag', '--group'];

/** Reads what such an option says; `behind` is the word after that. Throws UsageError. */
export function readAim(option: string, value: Word | undefined, end: number, behind?: Word): Aim {
  const text = value?.text.trim() ?? '';
  const wrong = (message: string) => new UsageError(message, value?.position ?? end, exampleOf(option));
  if (text === '') throw wrong(`${option} needs ${NEEDS[option]} after it.`);
  if (option !== '--machines') return { by: option === '--tag' ? 'tag' : 'group', is: text };
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('') || behind?.text.startsWith(',') === true) {
    throw wrong(
      'A name is missing beside a comma. Write the names without blanks between them, or all of them in quotes.',
    );
  }
  const odd = names.find((name) => !isMachine(name));
  if (odd !== undefined) {
    throw wrong(`“${odd}” can't be a machine: a name or id has letters, digits, - _ and . only.`);
  }
  const once = [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
  if (once.length > MAX_MACHINES) throw wrong(tooManyMachines(once.length));
  return { by: 'names', names: once };
}

const NEEDS: Record<string, string> = {
  '--machines': 'names with commas between them',
  '--tag': 'a tag, in quotes where it has blanks',
  '--group': 'the name of a device group, in quotes where it has blanks',
};

/** The option again, as it is typed. */
export function formatAim(aim: Aim): string {
  return aim.by === 'names' ? `--machines ${quoteWord(aim.names.join(','))}` : `--${aim.by} ${quoteWord(aim.is)}`;
}

/** Where a request is to run, in a few words: the machine as typed, or how many there are and why. */
export function whereWords({ machine, aim }: { machine: string; aim?: Aim }, count: number | null): string {
  if (aim === undefined) return machine;
  const machines = count === null ? 'several machines' : `${count} ${count === 1 ? 'machine' : 'machines'}`;
  return aim.by === 'names' ? machines : `${machines} with ${aim.by} ${aim.is}`;
}

/** More than one request takes. */
export function tooManyMachines(count: number | string): string {
  return `That is ${count} machines; one request takes ${MAX_MACHINES} at most. Make several requests of it.`;
}
