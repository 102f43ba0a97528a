import { type Json, object, objects, text } from './json.ts';

/** What Teams draws of Adaptive Cards 1.5. Everything newer needs a fallback. */
const DRAWN: ReadonlySet<string> = new Set([
  'AdaptiveCard',
  'TextBlock',
  'RichTextBlock',
  'TextRun',
  'Image',
  'ImageSet',
  'Container',
  'ColumnSet',
  'Column',
  'FactSet',
  'Table',
  'TableRow',
  'TableCell',
  'ActionSet',
  'Input.Text',
  'Input.Number',
  'Input.Date',
  'Input.Time',
  'Input.Toggle',
  'Input.ChoiceSet',
  'Action.Execute',
  'Action.Submit',
  'Action.OpenUrl',
  'Action.ShowCard',
  'Action.ToggleVisibility',
]);

/** Keys whose values are the bot's own business, not parts of the card. */
const OPAQUE: ReadonlySet<string> = new Set(['data', 'msteams', 'metadata', 'choices.data', 'requires', 'refresh']);

/** Whether Teams draws this kind of element or action. */
export const isDrawn = (type: string): boolean => DRAWN.has(type);

/** All elements and actions of a card that have a type, the card and the fallbacks included, from the outside in. */
export function typedParts(part: unknown): Json[] {
  if (Array.isArray(part)) return part.flatMap(typedParts);
  const whole = object(part);
  if (whole === null) return [];
  const inner = Object.entries(whole).flatMap(([key, value]) => (OPAQUE.has(key) ? [] : typedParts(value)));
  return typeof whole.type === 'string' ? [whole, ...inner] : inner;
}

/** The card as Teams draws it: what it doesn't know is replaced by its fallback, or left out. */
export function drawn(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(drawn).filter((item) => item !== undefined);
  const whole = object(part);
  if (whole === null) return part;
  if (typeof whole.type === 'string' && !isDrawn(whole.type)) {
    return object(whole.fallback) === null ? undefined : drawn(whole.fallback);
  }
  const entries = Object.entries(whole).filter(([key]) => key !== 'fallback');
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const inner = OPAQUE.has(key) ? value : drawn(value);
      return inner === undefined ? [] : [[key, inner]];
    }),
  );
}

/** An action as it stands on a card, with the inputs that go with it. */
export interface ShownAction {
  /** The very object of the card. */
  action: Json;
  /** Those of the card that the action stands on, and of the cards around it. */
  inputs: Json[];
}

/** What can be clicked on a card; what opens on a click included. */
export function actionsOf(card: unknown, outer: readonly Json[] = []): ShownAction[] {
  const whole = object(card);
  if (whole === null) return [];
  const inputs = [...outer, ...inputsOf(whole)];
  const of = (part: unknown): ShownAction[] => {
    if (Array.isArray(part)) return part.flatMap(of);
    const one = seen(part);
    if (one === null) return [];
    const own = text(one.type).startsWith('Action.') ? [{ action: one, inputs }] : [];
    return [...own, ...(one.type === 'Action.ShowCard' ? actionsOf(one.card, inputs) : within(one, of))];
  };
  return within(whole, of);
}

/** The inputs of a card, without those of cards that open on a click. */
export function inputsOf(card: unknown): Json[] {
  const of = (part: unknown): Json[] => {
    if (Array.isArray(part)) return part.flatMap(of);
    const one = seen(part);
    if (one === null || one.type === 'Action.ShowCard') return [];
    return [...(text(one.type).startsWith('Input.') ? [one] : []), ...within(one, of)];
  };
  return of(card);
}

/** The part as it is drawn: itself, or its fallback; null where nothing is. */
function seen(part: unknown): Json | null {
  const whole = object(part);
  if (whole === null) return null;
  return typeof whole.type !== 'string' || isDrawn(whole.type) ? whole : seen(whole.fallback);
}

function within<T>(part: Json, of: (inner: unknown) => T[]): T[] {
  return Object.entries(part).flatMap(([key, value]) => (key === 'fallback' || OPAQUE.has(key) ? [] : of(value)));
}

/** All actions in a card's JSON in their order, whether they are drawn or not: what a page counts by. */
export function countedActions(part: unknown): unknown[] {
  if (Array.isArray(part)) return part.flatMap(countedActions);
  const whole = object(part);
  if (whole === null) return [];
  const own = text(whole.type).startsWith('Action.') ? [whole] : [];
  return [...own, ...Object.values(whole).flatMap(countedActions)];
}

/** The data sets that inputs of the card search in; those of cards that open on a click too. */
export function datasetsOf(card: unknown): { input: Json; query: Json }[] {
  const inputs = new Set([...inputsOf(card), ...actionsOf(card).flatMap((shown) => shown.inputs)]);
  return [...inputs].flatMap((input) => objects([input['choices.data']]).map((query) => ({ input, query })));
}
