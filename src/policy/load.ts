import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Platform } from '../model/person.ts';
import { buildDefault, buildPolicy, buildRule } from './build.ts';
import { crossCheck } from './cross.ts';
import { nameOf, type Report } from './issues.ts';
import type { Policy } from './policy.ts';
import type { Sections } from './schema.ts';
import { readSections } from './sections.ts';
import { type Problem, readSource } from './source.ts';

const TEXT_LENGTH = 2_000_000;
/** So many problems are told in full: finding the place of one more takes as long as the file is. */
const MOST_PROBLEMS = 100;
const MESSAGE_LENGTH = 300;

/**
 * Reads a policy. Throws AppError `policy` whose message lists the problems, one a line with line and column, and says how
 * many more there are past a hundred; its `cause` is the list (`Problem[]`).
 */
export function loadPolicy(text: string, options: { platforms: readonly Platform[] }): Policy {
  if (text.length > TEXT_LENGTH) throw new AppError('policy', 'The policy is longer than 2 MB.');
  const source = readSource(text);
  if (source.problems.length > 0) throw policyError(source.problems, source.problems.length);

  const problems: Problem[] = [];
  let count = 0;
  const report: Report = (path, message, key) => {
    count += 1;
    if (count > MOST_PROBLEMS) return;
    problems.push({ ...source.place(path, key), message: `${nameOf(path, source.data)}${message}` });
  };
  const readable = readSections(source.data, report);
  if (readable !== null) crossCheck(readable, options.platforms, report);
  if (readable === null || problems.length > 0 || !isWhole(readable.sections)) {
    throw policyError(problems, count);
  }

  const fallback = buildDefault(readable.sections.default);
  const rules = readable.rules.filter((rule) => rule !== null).map((rule) => buildRule(rule, fallback));
  return buildPolicy(readable.sections, rules, fallback, createHash('sha256').update(text).digest('hex'));
}

function isWhole(read: Partial<Sections>): read is Sections {
  return read.version !== undefined;
}

function policyError(found: readonly Problem[], count: number): AppError {
  const told = found
    .slice(0, MOST_PROBLEMS)
    .map((problem) => ({ ...problem, message: cut(problem.message) }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = told.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  if (count > told.length) lines.push(`and ${count - told.length} more`);
  const words = count === 1 ? 'one problem' : `${count} problems`;
  return new AppError('policy', [`The policy has ${words}:`, ...lines].join('\n'), { cause: told });
}

function cut(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH)}…`;
}
