import { z } from 'zod';
import { readVerb } from './buttons.ts';
import { LIMITS } from './limits.ts';
import { isObjectId } from './mentions.ts';
import { REFRESH } from './refresh.ts';

const words = (max: number) => z.string().min(1, 'must not be empty').max(max, `at most ${max} characters`);
const few = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item).min(1, 'must not be empty').max(max, `at most ${max} elements`);

/** Whatever there is to say; the size of all of it counts. */
const anyWords = words(LIMITS.message.hard);
const title = words(LIMITS.title + 1);
const id = words(100);
const verb = z.string().refine((value) => readVerb(value) !== null, 'must be a button of this product');
const actionStyle = z.enum(['positive', 'destructive']).optional();
const noInputs = z.literal('none').optional();
const spacing = z.enum(['None', 'Small', 'Medium']).optional();
const hidden = z.literal(false).optional();

const look = {
  size: z.enum(['Small', 'Medium']).optional(),
  weight: z.literal('Bolder').optional(),
  isSubtle: z.literal(true).optional(),
  fontType: z.literal('Monospace').optional(),
  color: z.literal('Attention').optional(),
};

const Mention = z.strictObject({
  type: z.literal('mention'),
  text: words(300),
  mentioned: z.strictObject({ id: z.string().refine(isObjectId, 'must be an Entra object id'), name: words(300) }),
});

const TextBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: anyWords,
  wrap: z.literal(true, 'must wrap'),
  spacing,
  ...look,
});
const TextRun = z.strictObject({ type: z.literal('TextRun'), text: anyWords, ...look });
const RichTextBlock = z.strictObject({ type: z.literal('RichTextBlock'), inlines: few(TextRun, 500), spacing });

const input = {
  id,
  label: words(100),
  isRequired: z.literal(true).optional(),
  errorMessage: words(100).optional(),
  placeholder: words(100).optional(),
  value: words(LIMITS.words).optional(),
};
const TextInput = z.strictObject({
  type: z.literal('Input.Text'),
  maxLength: z.int().positive(),
  isMultiline: z.literal(true).optional(),
  ...input,
});
const ChoiceInput = z.strictObject({
  type: z.literal('Input.ChoiceSet'),
  style: z.enum(['compact', 'filtered']),
  choices: z.array(z.strictObject({ title: words(LIMITS.words), value: words(LIMITS.words) })).max(15),
  'choices.data': z
    .strictObject({ type: z.literal('Data.Query'), dataset: z.enum(['machines', 'library']) })
    .optional(),
  ...input,
});

const Submit = z.strictObject({
  type: z.literal('Action.Submit'),
  title,
  data: z
    .union([
      z.strictObject({ verb, id }),
      z.strictObject({ msteams: z.strictObject({ type: z.literal('task/fetch') }) }),
    ])
    .optional(),
  style: actionStyle,
  associatedInputs: noInputs,
});
const Execute = z
  .strictObject({
    type: z.literal('Action.Execute'),
    title,
    verb,
    data: z.strictObject({ id }),
    style: actionStyle,
    associatedInputs: noInputs,
    fallback: Submit,
  })
  .refine(
    ({ verb: name, data, fallback }) =>
      JSON.stringify(fallback.data) === JSON.stringify({ verb: name, id: data.id }) && fallback.title !== '',
    'must do the same in old clients',
  );
const ToggleVisibility = z.strictObject({
  type: z.literal('Action.ToggleVisibility'),
  title,
  targetElements: few(z.strictObject({ elementId: id, isVisible: z.boolean() }), 10),
});
/** A card that unfolds; none unfolds inside it (adaptivecards forbids that). */
const ShowCard = z.strictObject({
  type: z.literal('Action.ShowCard'),
  title,
  style: actionStyle,
  card: z.strictObject({
    type: z.literal('AdaptiveCard'),
    body: z.array(z.lazy(() => Element)),
    actions: few(z.discriminatedUnion('type', [Execute, Submit]), LIMITS.actions),
  }),
});
const Action = z.discriminatedUnion('type', [Execute, Submit, ShowCard, ToggleVisibility], 'unknown action');

const ActionSet = z.strictObject({
  type: z.literal('ActionSet'),
  actions: few(Action, LIMITS.actions),
  id: id.optional(),
  isVisible: hidden,
});
const Container = z.strictObject({
  type: z.literal('Container'),
  get items() {
    return few(Element, 200);
  },
  style: z.enum(['emphasis', 'good', 'attention', 'warning', 'accent']).optional(),
  bleed: z.literal(true).optional(),
  spacing,
  id: id.optional(),
  isVisible: hidden,
});
const Element: z.ZodType = z.discriminatedUnion(
  'type',
  [TextBlock, RichTextBlock, Container, ActionSet, TextInput, ChoiceInput],
  'unknown element',
);

const Refresh = z.strictObject({
  action: z.strictObject({
    type: z.literal('Action.Execute'),
    title,
    verb: z.literal(REFRESH),
    data: z.strictObject({ id }),
  }),
  userIds: few(z.string().regex(/^29:\S+$/, 'must be a Teams user id'), LIMITS.views),
});

/** The shape of a card of ours: every element and property that isn't named here is a mistake. */
export const CardShape = z.strictObject({
  type: z.literal('AdaptiveCard'),
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  version: z.literal('1.5'),
  refresh: Refresh.optional(),
  body: few(Element, 200),
  actions: few(Action, LIMITS.actions).optional(),
  fallbackText: words(300),
  speak: words(LIMITS.spoken),
  msteams: z.strictObject({ width: z.literal('Full'), entities: few(Mention, 100).optional() }),
});

/** The shape of a message of words. */
export const TextShape = z.strictObject({
  summary: words(LIMITS.summary),
  text: anyWords,
  textFormat: z.literal('xml'),
  entities: few(Mention, 100).optional(),
});

/** The shape of a message that is a card. */
export const AttachedShape = z.strictObject({
  summary: words(LIMITS.summary),
  attachments: z.tuple([
    z.strictObject({ contentType: z.literal('application/vnd.microsoft.card.adaptive'), content: CardShape }),
  ]),
});
