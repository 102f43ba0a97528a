import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type * as Renderer from 'adaptivecards';
import type { AdaptiveCard, Outgoing } from '../../../src/chat/teams/wire-card.ts';

// The package's main entry is broken in Node; the bundle isn't.
const renderer: typeof Renderer = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

/** The card of a message. */
export function contentOf(outgoing: Outgoing): AdaptiveCard {
  const [attachment] = outgoing.attachments ?? [];
  assert.ok(attachment, 'the message has no card');
  return attachment.content;
}

/** What Microsoft's own renderer has to say against a card. Choices that are asked for later count as missing there. */
export function rendererProblems(card: AdaptiveCard): string[] {
  const parsed = new renderer.AdaptiveCard();
  parsed.hostConfig = new renderer.HostConfig({ actions: { maxActions: 6 } });
  const context = new renderer.SerializationContext();
  parsed.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
  const invalid = parsed.validateProperties().validationEvents.map(({ message }) => message);
  return [...events, ...invalid].filter((problem) => !/must have at least one choice/.test(problem));
}

/** Every object inside, however deep. */
export function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    yield* objects(Object.values(value));
  }
}

export const ofType = (value: unknown, type: string) => [...objects(value)].filter((each) => each.type === type);

/** The words of each block, in order: what somebody reads, markup as it is. */
export function blocks(card: unknown): string[] {
  return [...objects(card)].flatMap((each) => {
    if (each.type === 'TextBlock') return [String(each.text)];
    return each.type === 'RichTextBlock'
      ? [
          ofType(each.inlines, 'TextRun')
            .map(({ text }) => String(text))
            .join(''),
        ]
      : [];
  });
}

/** What stands in type of one width, with blanks as typed. */
export function monospaced(card: unknown): string[] {
  return ofType(card, 'RichTextBlock')
    .map((block) => ofType(block.inlines, 'TextRun').filter(({ fontType }) => fontType === 'Monospace'))
    .filter((runs) => runs.length > 0)
    .map((runs) => runs.map(({ text }) => String(text).replaceAll('\u00A0', ' ')).join(''));
}
