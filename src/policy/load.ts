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

/**
 * Reads a policy. Throws AppError `policy` whose message lists every problem, one a line with line and column; its
 * `cause` is the list (`Problem[]`).
 */
export function loadPolicy(text: string, options: { platforms: readonly Platform[] }): Policy {
  if (text.length > TEXT_LENGTH) throw new AppError('policy', 'The policy is longer than 2 MB.');
  const source = readSource(text);
  const problems = [...source.problems];
  if (problems.length > 0) throw policyError(problems);

  const report: Report = (path, message, key) => {
    problems.push({ ...source.place(path, key), message: `${nameOf(path, source.data)}${message}` });
  };
  const readable = readSections(source.data, report);
  if (readable !== null) crossCheck(readable, options.platforms, report);
  if (readable === null || problems.length > 0 || !isWhole(readable.sections)) throw policyError(problems);

  const fallback = buildDefault(readable.sections.default);
  const rules = readable.rules.filter((rule) => rule !== null).map((rule) => buildRule(rule, fallback));
  return buildPolicy(readable.sections, rules, fallback, createHash('sha256').update(text).digest('hex'));
}

function isWhole(read: Partial<Sections>): read is Sections {
  return read.version !== undefined;
}

function policyError(problems: readonly Problem[]): AppError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const count = sorted.length === 1 ? 'one problem' : `${sorted.length} problems`;
  return new AppError('policy', [`The policy has ${count}:`, ...lines].join('\n'), { cause: sorted });
}
