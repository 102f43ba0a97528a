import type { z } from 'zod';
import type { Path } from './source.ts';

/** Says that something is wrong at a place of the file; `key` points at a key instead of its value. */
export type Report = (path: Path, message: string, key?: string) => void;

/** Tells an issue of the schema in words; `base` is where the value that was checked stands. */
export function sayIssue(issue: z.core.$ZodIssue, value: unknown, base: Path, report: Report): void {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report(path, unknownKey(key), key);
    return;
  }
  const missing = issue.code !== 'invalid_key' && isMissing(value, issue.path);
  report(path, missing ? 'is missing' : issueWords(issue));
}

function issueWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue);
    case 'too_small':
      return issue.origin === 'array' ? 'must have at least one entry' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    case 'invalid_value':
      return `must be ${issue.values.join(', ')}`;
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join(', ');
    default:
      return issue.message;
  }
}

const TYPES: Partial<Record<string, string>> = {
  string: 'must be text',
  boolean: 'must be true or false',
  array: 'must be a list: [one, two]',
  int: 'must be a whole number',
  number: 'must be a whole number',
};

function typeWords(issue: z.core.$ZodIssueInvalidType): string {
  if (!issue.message.startsWith('Invalid input')) return issue.message;
  return TYPES[issue.expected] ?? 'must be a map of settings';
}

function isMissing(value: unknown, path: Path): boolean {
  let here = value;
  for (const step of path) here = Reflect.get(Object(here), step);
  return here === undefined;
}

/** What is said of a key that the schema doesn't have. */
export function unknownKey(key: string): string {
  return `“${key}” is not a setting that exists here`;
}

/** A place in words: `rules → Domain controllers → approvals: `. */
export function nameOf(path: Path, data: unknown): string {
  const words: string[] = [];
  let here = data;
  for (const step of path) {
    here = Reflect.get(Object(here), step);
    const name = typeof step === 'number' && isObject(here) && typeof here.name === 'string' ? here.name : null;
    words.push(name ?? (typeof step === 'number' ? `entry ${step + 1}` : String(step)));
  }
  return words.length === 0 ? '' : `${words.join(' → ')}: `;
}

/** Whether it is a map of settings. */
export function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
