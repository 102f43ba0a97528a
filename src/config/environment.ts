import { AppError } from '../errors.ts';
import { SETTINGS, type Setting, type SettingName, unknownNames } from './settings.ts';
import { type Parse, Unfit } from './values.ts';

/** The environment's variables, read one by one while what is wrong with them is collected. */
export interface Environment {
  has(name: SettingName): boolean;
  /** The value; undefined and one more problem when it is missing (`what` says what it would be) or doesn't do. */
  required<T>(name: SettingName, parse: Parse<T>, what: string): T | undefined;
  /** The value, or the fallback when it isn't set; undefined and one more problem when it doesn't do. */
  optional<T, F extends T | undefined>(name: SettingName, parse: Parse<T>, fallback: F): T | F | undefined;
  problem(name: string, words: string): void;
  problems(): string[];
  error(): AppError;
}

/**
 * Reads from these variables; `only` those of a part, whatever is wrong with the others. One that is set but empty is a problem:
 * it may be a secret that got lost on the way.
 */
export function createEnvironment(env: NodeJS.ProcessEnv, only?: readonly SettingName[]): Environment {
  const found: { name: string; words: string }[] = [];
  const problem = (name: string, words: string): void => void found.push({ name, words });
  const asked = (name: string): boolean => only === undefined || only.some((each) => each === name);
  const settings: readonly Setting[] = SETTINGS.filter(({ name }) => asked(name));
  for (const { name } of settings) {
    if (env[name]?.trim() === '') problem(name, 'is empty; give it a value or remove it.');
  }
  for (const { name, near } of unknownNames(Object.keys(env))) {
    if (near !== null && asked(near)) problem(name, `isn't a setting of this bot; did you mean ${near}?`);
  }

  function parsed<T>(name: SettingName, value: string, parse: Parse<T>): T | undefined {
    if (value.trim() === '') return undefined;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      problem(name, error.message);
      return undefined;
    }
  }

  const problems = (): string[] => inOrder(found).map(({ name, words }) => `${name}: ${words}`);
  return {
    has: (name) => env[name] !== undefined,
    required(name, parse, what) {
      const value = env[name];
      if (value !== undefined) return parsed(name, value, parse);
      problem(name, `is missing: ${what}.`);
      return undefined;
    },
    optional(name, parse, fallback) {
      const value = env[name];
      return value === undefined ? fallback : parsed(name, value, parse);
    },
    problem,
    problems,
    error: () => new AppError('config', problems().join('\n')),
  };
}

/** In the order of the table, unknown names last. */
function inOrder(found: readonly { name: string; words: string }[]): { name: string; words: string }[] {
  const place = (name: string): number => {
    const index = SETTINGS.findIndex((setting) => setting.name === name);
    return index === -1 ? SETTINGS.length : index;
  };
  return [...found].sort((a, b) => place(a.name) - place(b.name));
}

export type Complete<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The same object without undefined in its type, or undefined when a part is missing. */
export function complete<T extends object>(parts: T): Complete<T> | undefined {
  if (Object.values(parts).includes(undefined)) return undefined;
  return parts as Complete<T>;
}
