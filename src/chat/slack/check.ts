import { z } from 'zod';
import { SLACK_USER } from '../../model/slack-ids.ts';
import { LIMITS } from './limits.ts';

/** A message as it goes to Slack, before or after JSON. */
export interface SlackMessage {
  text?: unknown;
  blocks?: unknown;
}

/** The two ways to count the words of a message: ours, and where Slack itself refuses. */
export type WordCap = typeof LIMITS.message.words | typeof LIMITS.message.hard;

/**
 * What Slack would refuse or mangle in a message, one line each: a JSON pointer and the rule. Only the blocks that this
 * product uses are known; any other is a problem. Empty when all is well.
 */
export function checkMessage(message: SlackMessage, cap: WordCap = LIMITS.message.words): string[] {
  const parsed = Message.safeParse(message);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message: rule }) => `${pointer(path)}: ${rule}`);
  const words = countWords(message.blocks);
  if (words > cap) problems.push(`/blocks: ${words} characters of text, at most ${cap}`);
  problems.push(...twice(message.blocks, 'block_id'), ...twice(message.blocks, 'action_id'));
  return problems;
}

/** How many characters people can read in these blocks, dialogs and link addresses included. */
export function countWords(blocks: unknown): number {
  let count = 0;
  for (const [key, value] of leaves(blocks)) {
    if (typeof value === 'string' && (key === 'text' || key === 'url' || key === 'fallback')) count += value.length;
  }
  return count;
}

/** Every value that is no object or array, with the key it stands under. */
function* leaves(value: unknown, key = ''): Generator<[string, unknown]> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item, key);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* leaves(item, name);
  } else yield [key, value];
}

/** What must be the only one of its name, and isn't. */
export function twice(blocks: unknown, name: string): string[] {
  const seen = new Set<unknown>();
  const problems: string[] = [];
  for (const [key, value] of leaves(blocks)) {
    if (key !== name) continue;
    if (seen.has(value)) problems.push(`/blocks: ${name} ${JSON.stringify(value)} stands twice`);
    seen.add(value);
  }
  return problems;
}

/** Where a problem is, as a JSON pointer. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part)}`).join('') || '/';
}

/** A text of at most so many characters, and of one at least. */
export const words = (max: number) => z.string().min(1, 'must not be empty').max(max, `at most ${max} characters`);
/** Some of these, at most so many. */
export const few = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item).min(1, 'must not be empty').max(max, `at most ${max} elements`);

/** Slack opens nothing but the web; plain http is for loopback stand-ins. */
const url = words(LIMITS.url).refine(
  (value) =>
    /^https:\/\/[^\s|<>]+$/.test(value) ||
    /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(\/[^\s|<>]*)?$/.test(value),
  'must be an https address',
);
export const blockId = words(LIMITS.id).optional();

export const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: words(max), emoji: z.boolean().optional() });
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: words(max), verbatim: z.boolean().optional() });
const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

const Confirm = z.strictObject({
  title: plainText(LIMITS.confirm.title),
  text: anyText(LIMITS.confirm.text),
  confirm: plainText(LIMITS.confirm.choice),
  deny: plainText(LIMITS.confirm.choice),
  style: z.enum(['primary', 'danger']).optional(),
});

const Button = z.strictObject({
  type: z.literal('button'),
  text: plainText(LIMITS.button.text),
  action_id: words(LIMITS.id),
  value: words(LIMITS.button.value).optional(),
  url: url.optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: Confirm.optional(),
  accessibility_label: words(LIMITS.button.label).optional(),
});

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
  })
  .optional();

const RichWords = z.strictObject({ type: z.literal('text'), text: words(LIMITS.message.hard), style });
const RichLink = z.strictObject({ type: z.literal('link'), url, text: words(LIMITS.section.text).optional(), style });
const RichUser = z.strictObject({ type: z.literal('user'), user_id: z.string().regex(SLACK_USER), style });
const RichDate = z.strictObject({
  type: z.literal('date'),
  timestamp: z.int().nonnegative(),
  format: words(100),
  fallback: words(100).optional(),
  style,
});
const border = z.union([z.literal(0), z.literal(1)]).optional();
const inSection = few(z.discriminatedUnion('type', [RichWords, RichLink, RichUser, RichDate]), 500);
const RichSection = z.strictObject({ type: z.literal('rich_text_section'), elements: inSection });
const RichQuote = z.strictObject({ type: z.literal('rich_text_quote'), elements: inSection, border });
const RichPreformatted = z.strictObject({
  type: z.literal('rich_text_preformatted'),
  elements: few(z.discriminatedUnion('type', [RichWords, RichLink]), 500),
  border,
});
const RichList = z.strictObject({
  type: z.literal('rich_text_list'),
  style: z.enum(['bullet', 'ordered']),
  elements: few(RichSection, 500),
  indent: z.int().min(0).max(8).optional(),
  border,
});

const Header = z.strictObject({ type: z.literal('header'), text: plainText(LIMITS.header), block_id: blockId });
export const Section = z
  .strictObject({
    type: z.literal('section'),
    text: anyText(LIMITS.section.text).optional(),
    fields: few(anyText(LIMITS.section.field), LIMITS.section.fields).optional(),
    expand: z.boolean().optional(),
    block_id: blockId,
  })
  .refine((section) => section.text !== undefined || section.fields !== undefined, 'needs text or fields');
const Context = z.strictObject({
  type: z.literal('context'),
  elements: few(anyText(LIMITS.context.text), LIMITS.context.elements),
  block_id: blockId,
});
export const Actions = z.strictObject({
  type: z.literal('actions'),
  elements: few(Button, LIMITS.actions),
  block_id: blockId,
});
const RichText = z.strictObject({
  type: z.literal('rich_text'),
  elements: few(z.discriminatedUnion('type', [RichSection, RichPreformatted, RichQuote, RichList]), 100),
  block_id: blockId,
});
export const Divider = z.strictObject({ type: z.literal('divider'), block_id: blockId });

/** Any block that this product shows to be read. */
export const MessageBlock = z.discriminatedUnion(
  'type',
  [Header, Section, Context, Actions, RichText, Divider],
  'unknown block',
);

const Message = z.object({
  text: z
    .string('must be there')
    .min(1, 'must not be empty')
    .max(LIMITS.message.text, `at most ${LIMITS.message.text} characters`),
  blocks: few(MessageBlock, LIMITS.message.blocks).optional(),
});
