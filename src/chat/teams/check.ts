import type { z } from 'zod';
import { checkMentions, checkRun, checkText, checkXml } from './check-words.ts';
import { LIMITS, sizeOf } from './limits.ts';
import { AttachedShape, CardShape, TextShape } from './shapes.ts';

/** The two caps of size: ours, and what may be filled with what is never cut. */
export type SizeCap = typeof LIMITS.message.bytes | typeof LIMITS.message.hard;

/**
 * What Teams would refuse or mangle in a message of ours, and which of its words would do something, one line each. Only what this
 * product uses is known; anything else is a problem. Empty when all is well.
 */
export function checkOutgoing(outgoing: object, cap: SizeCap = LIMITS.message.bytes): string[] {
  if ('attachments' in outgoing) {
    const parsed = AttachedShape.safeParse(outgoing);
    return parsed.success ? checkParsed(parsed.data.attachments[0].content, cap) : problemsOf(parsed.error);
  }
  const parsed = TextShape.safeParse(outgoing);
  if (!parsed.success) return problemsOf(parsed.error);
  const { text, entities = [] } = parsed.data;
  return [...checkXml(text, entities), ...checkMentions(entities, text), ...checkSize(text, cap)];
}

/** The same for a card by itself: a personal view, a dialog. */
export function checkCard(card: unknown, cap: SizeCap = LIMITS.message.bytes): string[] {
  const parsed = CardShape.safeParse(card);
  return parsed.success ? checkParsed(parsed.data, cap) : problemsOf(parsed.error);
}

function checkParsed(card: z.infer<typeof CardShape>, cap: SizeCap): string[] {
  const parts = [...objects(card)];
  const texts = (type: string) => parts.filter((part) => part.type === type).map((part) => String(part.text));
  const { entities = [] } = card.msteams;
  return [
    ...texts('TextBlock').flatMap((text) => checkText(text, entities)),
    ...texts('TextRun').flatMap(checkRun),
    ...checkMentions(entities, texts('TextBlock').join('\n')),
    ...checkIds(parts),
    ...checkSize(card, cap),
  ];
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(
    ({ path, message }) => `${path.map((part) => `/${String(part)}`).join('') || '/'}: ${message}`,
  );
}

/** Every object inside, however deep. */
function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    yield* objects(Object.values(value));
  }
}

/** Elements are found by their ids, and inputs arrive under theirs. What only carries an id has no type. */
function checkIds(parts: readonly Record<string, unknown>[]): string[] {
  const ids = parts.filter(({ type, id }) => type !== undefined && id !== undefined).map(({ id }) => id);
  return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `the id ${JSON.stringify(id)} stands twice`);
}

function checkSize(value: unknown, cap: SizeCap): string[] {
  const bytes = sizeOf(value);
  return bytes > cap ? [`${bytes} bytes, at most ${cap}`] : [];
}
