import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import { type Json, object, text } from './json.ts';

const require = createRequire(import.meta.url);
let loaded: typeof AdaptiveCards | null = null;

/**
 * Microsoft's own parser, without what draws. The package's modules don't load in Node; its bundle does. It is large, so the first
 * card loads it, not the start.
 */
function parser(): typeof AdaptiveCards {
  loaded ??= require('adaptivecards/dist/adaptivecards.js') as typeof AdaptiveCards;
  return loaded;
}

/** As many buttons stand side by side in Teams. */
const MOST_ACTIONS = 6;

/** What Microsoft's parser and its own checks complain of, one sentence each. */
export function parserProblems(card: Json): string[] {
  const cards = parser();
  const context = new cards.SerializationContext(cards.Versions.v1_5);
  const parsed = new cards.AdaptiveCard();
  parsed.hostConfig = new cards.HostConfig({ actions: { maxActions: MOST_ACTIONS }, supportsInteractivity: true });
  parsed.parse(withoutQueries(card) as Json, context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  return [...events, ...parsed.validateProperties().validationEvents.map((event) => event.message)];
}

/** `choices.data` is of a later version, but Teams knows it: in its place stands a choice, so that the list isn't empty. */
function withoutQueries(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutQueries);
  const whole = object(part);
  if (whole === null) return part;
  const { 'choices.data': query, ...rest } = whole;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutQueries(value)]));
  const none = !Array.isArray(inner.choices) || inner.choices.length === 0;
  return query !== undefined && none ? { ...inner, choices: [{ title: 'found', value: 'found' }] } : inner;
}

/** Lists of parts that the parser's schemas don't name. */
const LISTS: Record<string, readonly string[]> = {
  AdaptiveCard: ['body', 'actions', 'msteams', 'metadata'],
  Container: ['items'],
  Column: ['items'],
  TableCell: ['items'],
  ColumnSet: ['columns'],
  Table: ['rows'],
  TableRow: ['cells'],
  ActionSet: ['actions'],
  RichTextBlock: ['inlines'],
  'Action.ShowCard': ['card'],
};
const EVERYWHERE = ['type', 'fallback', 'requires', 'targetWidth'];

/** The properties that a kind of element or action has; null for an unknown kind. */
function propertiesOf(type: string): ReadonlySet<string> | null {
  const cards = parser();
  const { elements, actions } = cards.GlobalRegistry;
  const { AdaptiveCard, Column, TableRow, TableCell, TextRun } = cards;
  const plain: Record<string, new () => AdaptiveCards.SerializableObject> = {
    AdaptiveCard,
    Column,
    TableRow,
    TableCell,
    TextRun,
  };
  const kind = plain[type] ?? elements.findByName(type)?.objectType ?? actions.findByName(type)?.objectType;
  if (kind === undefined) return null;
  const schema = new kind().getSchema();
  const names = Array.from({ length: schema.getCount() }, (_, index) => schema.getItemAt(index).name);
  return new Set([...names, ...(LISTS[type] ?? []), ...EVERYWHERE]);
}

/** Properties of a part that nothing reads. */
export function unknownProperties(part: Json): string[] {
  const known = propertiesOf(text(part.type));
  return known === null ? [] : Object.keys(part).filter((name) => !known.has(name));
}
