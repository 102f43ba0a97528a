import { z } from 'zod';
import { SLACK_CHANNEL, SLACK_USER } from '../model/slack-ids.ts';
import { parseDuration } from './duration.ts';
import { compileGlob, pinKey } from './glob.ts';
import { compilePattern } from './pattern.ts';
import type { Glob } from './policy.ts';

const MOST_RULES = 1_000;
const MOST_PEOPLE = 10_000;

const duration = z
  .string({ error: 'must be a duration like 15m, 8h or 30d' })
  .transform((text, context) => parseDuration(text) ?? refused(context, 'must be a duration like 15m, 8h or 30d'));

const pattern = z.string().transform((source, context) => {
  const compiled = compilePattern(source);
  return compiled.ok ? compiled.pattern : refused(context, compiled.why);
});

const glob = (kind: 'name' | 'path') =>
  z.string().transform((source, context): Glob => {
    const compiled = compileGlob(source, kind);
    return compiled.ok ? compiled.glob : refused(context, compiled.why);
  });

const globs = (kind: 'name' | 'path') => z.array(glob(kind)).min(1).optional();

const ruleName = z
  .string()
  .trim()
  .regex(/^[^\0-\x1f\x7f]{1,80}$/, 'must be one line of 1 to 80 characters');

const groupName = z.string().regex(/^[\w][\w .-]{0,63}$/, 'must be the name of a group: letters, digits, “-”, “_”');

const groupNames = z.array(groupName).min(1);

const id = (form: RegExp, like: string) => z.string({ error: `must be ${like}` }).regex(form, `must be ${like}`);
const slackUser = id(SLACK_USER, 'a Slack user id like U012AB3CD');
const slackUserGroup = id(/^S[A-Z0-9_]+$/, 'a Slack user group id like S012AB3CD');
const slackChannel = id(SLACK_CHANNEL, 'a Slack channel id like C012AB3CD');
const teamsChannel = id(/^19:[^\s;]+@thread\.\w+$/, 'a Teams channel id like 19:…@thread.tacv2');
const entraId = id(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'an Entra object id').toLowerCase();

/** A number as text with its unit, as in `20/m`. */
const perMinute = z
  .string({ error: 'must be a rate like 20/m' })
  .regex(/^\d{1,3}\/m$/, 'must be a rate like 20/m')
  .transform((text) => Number(text.slice(0, -2)))
  .pipe(z.number().min(1).max(600));

const pins = z
  .record(
    z.string().min(1),
    z.string({ error: 'must be 64 hex digits in quotes' }).regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits'),
  )
  .transform((digests, context) => {
    const pinned = new Map(Object.entries(digests).map(([file, hex]) => [pinKey(file), hex.toLowerCase()]));
    if (pinned.size < Object.keys(digests).length) return refused(context, 'names a file twice: case doesn’t count');
    return pinned.size === 0 ? refused(context, 'must name at least one file') : pinned;
  });

/** Terms that a rule and `default` have in common. */
const terms = {
  expireAfter: duration.optional(),
  startWithin: duration.optional(),
  reason: pattern.optional(),
  approvers: groupNames.optional(),
  requesters: groupNames.optional(),
  maxMachines: z.int().min(1).max(10_000).optional(),
  breakGlass: z.boolean().optional(),
};

const match = z.strictObject({
  commands: z
    .array(z.enum(['run', 'get', 'put', 'delete']))
    .min(1)
    .optional(),
  scripts: globs('name'),
  files: globs('name'),
  paths: globs('path'),
  machines: globs('name'),
  machineTags: globs('name'),
  machineGroups: globs('name'),
  osPlatforms: globs('name'),
});

const rule = z.strictObject({
  name: ruleName,
  match,
  approvals: z.int().min(0).max(10).optional(),
  ...terms,
  sha256: pins.optional(),
  refuse: z.string().trim().min(1).max(300).optional(),
});

const fallback = z.strictObject({ approvals: z.int().min(1).max(10).optional(), ...terms }).prefault({});

const group = z.strictObject({
  slack: z
    .strictObject({
      users: z.array(slackUser).max(MOST_PEOPLE).default([]),
      userGroups: z.array(slackUserGroup).default([]),
    })
    .prefault({}),
  teams: z
    .strictObject({ users: z.array(entraId).max(MOST_PEOPLE).default([]), entraGroups: z.array(entraId).default([]) })
    .prefault({}),
});

/** Each section of the file by itself, so that trouble in one hides no trouble in another. */
export const sections = {
  version: z.literal(1, { error: 'must be 1' }),
  channels: z.strictObject({
    slack: z.array(slackChannel).min(1).optional(),
    teams: z.array(teamsChannel).min(1).optional(),
  }),
  groups: z.record(groupName, group),
  requesters: groupNames,
  approvers: groupNames,
  trustUserGroups: z.boolean().default(false),
  rules: z.array(z.unknown()).max(MOST_RULES).default([]),
  default: fallback,
  breakGlass: z.strictObject({ allowed: groupNames, reviewWithin: duration.prefault('24h') }).optional(),
  notify: z
    .strictObject({
      approvers: z.enum(['mention', 'direct', 'none']).default('mention'),
      remindAfter: duration.prefault('15m'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      callsPerMinute: z.int().min(1).max(600).default(10),
      concurrentSessions: z.int().min(1).max(600).default(25),
      offlineQueue: duration.prefault('2h'),
      pollEvery: duration.prefault('5s'),
      commandsPerPerson: perMinute.prefault('20/m'),
    })
    .prefault({}),
  results: z
    .strictObject({
      linkFor: duration.prefault('30m'),
      inlineLines: z.int().min(0).max(100).default(20),
      links: z.enum(['personal', 'channel']).default('personal'),
    })
    .prefault({}),
  retention: z.strictObject({ results: duration.prefault('30d'), audit: duration.prefault('2555d') }).prefault({}),
};

/** One entry of `rules`. */
export const ruleSchema = rule;

export type RawRule = z.output<typeof rule>;
export type RawDefault = z.output<typeof fallback>;
export type Sections = { [Name in keyof typeof sections]: z.output<(typeof sections)[Name]> };

function refused(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
