import { z } from 'zod';
import { Actions, blockId, Divider, few, plainText, pointer, Section, twice, words } from '../check.ts';
import { LIMITS } from '../limits.ts';

const { option, modal, input } = LIMITS;

export const OptionShape = z.strictObject({
  text: plainText(option.text),
  value: words(option.value),
  description: plainText(option.description).optional(),
});

const actionId = words(LIMITS.id);
const placeholder = plainText(LIMITS.placeholder).optional();

const TextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: actionId,
  max_length: z.int().min(1).max(input.text).optional(),
  multiline: z.boolean().optional(),
  placeholder,
  initial_value: words(input.text).optional(),
});
const StaticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    action_id: actionId,
    placeholder,
    options: few(OptionShape, LIMITS.options),
    initial_option: OptionShape.optional(),
  })
  .refine(
    ({ options, initial_option: initial }) =>
      initial === undefined || options.some((one) => JSON.stringify(one) === JSON.stringify(initial)),
    'initial_option must be one of the options, letter by letter',
  );
const ExternalSelect = z.strictObject({
  type: z.literal('external_select'),
  action_id: actionId,
  placeholder,
  min_query_length: z.int().min(0).optional(),
  initial_option: OptionShape.optional(),
});
const Input = z.strictObject({
  type: z.literal('input'),
  block_id: blockId,
  label: plainText(input.label),
  hint: plainText(input.hint).optional(),
  optional: z.boolean().optional(),
  element: z.discriminatedUnion('type', [TextInput, StaticSelect, ExternalSelect]),
});

const View = z.strictObject({
  type: z.literal('modal'),
  title: plainText(modal.title),
  submit: plainText(modal.title).optional(),
  close: plainText(modal.title).optional(),
  callback_id: words(modal.callback).optional(),
  private_metadata: z.string().max(modal.metadata).optional(),
  blocks: few(z.discriminatedUnion('type', [Input, Section, Actions, Divider], 'unknown block'), modal.blocks),
});

/** What Slack would refuse in a modal, one line each, as `checkMessage` does for messages. Empty when all is well. */
export function checkView(view: unknown): string[] {
  const parsed = View.safeParse(view);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${pointer(path)}: ${message}`);
  const { blocks, submit } = parsed.data;
  const problems = [...twice(blocks, 'block_id'), ...twice(blocks, 'action_id')];
  if (submit === undefined && blocks.some(({ type }) => type === 'input'))
    problems.push('/submit: must be there where there are inputs');
  return problems;
}

/** The answer to a typeahead: with one option too many, Slack shows none. */
export const OptionsShape = z.strictObject({ options: z.array(OptionShape).max(LIMITS.options) });
