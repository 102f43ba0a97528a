import type { z } from 'zod';
import { isObject, type Report, sayIssue, unknownKey } from './issues.ts';
import { type RawRule, ruleSchema, type Sections, sections } from './schema.ts';
import type { Path } from './source.ts';

/** What could be read: a section or rule in which something is wrong is missing here. */
export interface Readable {
  sections: Partial<Sections>;
  rules: readonly (RawRule | null)[];
  /** Names of groups, also of those with something wrong inside. */
  groupNames: ReadonlySet<string> | null;
}

/** Reads every section and rule by itself, so that trouble in one hides none in another; null for what isn't a policy. */
export function readSections(data: unknown, report: Report): Readable | null {
  if (!isObject(data)) {
    report([], 'A policy is a list of settings; it begins with “version: 1”.');
    return null;
  }
  for (const key of Object.keys(data)) if (!Object.hasOwn(sections, key)) report([], unknownKey(key), key);
  const read: Partial<Record<string, unknown>> = {};
  for (const [name, schema] of Object.entries(sections)) read[name] = readAt(schema, data[name], [name], report);
  const parsed = read as Partial<Sections>;
  const rules = (parsed.rules ?? []).map((rule, index) => readAt(ruleSchema, rule, ['rules', index], report) ?? null);
  const groupNames = isObject(data.groups) ? new Set(Object.keys(data.groups)) : null;
  return { sections: parsed, rules, groupNames };
}

/** The value as the schema reads it; reports what is wrong and answers undefined then. */
function readAt<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: Path,
  report: Report,
): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) sayIssue(issue, value, path, report);
  return undefined;
}
