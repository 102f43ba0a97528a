import { z } from 'zod';

const words = z.looseObject({ text: z.string() });
const OptionShape = z.looseObject({ text: words, value: z.string(), description: words.optional() });

const InputShape = z.looseObject({
  type: z.literal('input'),
  block_id: z.string(),
  label: words,
  hint: words.optional(),
  optional: z.boolean().default(false),
  element: z.looseObject({
    type: z.enum(['plain_text_input', 'static_select', 'external_select']),
    action_id: z.string(),
    placeholder: words.optional(),
    options: z.array(OptionShape).default([]),
    max_length: z.number().optional(),
  }),
});
const ButtonsShape = z.looseObject({
  type: z.literal('actions'),
  block_id: z.string(),
  elements: z.array(z.looseObject({ type: z.literal('button'), action_id: z.string(), text: words })),
});
const SectionShape = z.looseObject({ type: z.literal('section'), block_id: z.string(), text: words });
const DividerShape = z.looseObject({ type: z.literal('divider'), block_id: z.string() });

/** A modal that somebody has open, as the workspace tells of it. */
export const ModalShape = z.object({
  id: z.string(),
  hash: z.string(),
  user: z.string(),
  view: z.looseObject({
    title: words,
    submit: words.optional(),
    close: words.optional(),
    blocks: z.array(z.discriminatedUnion('type', [InputShape, ButtonsShape, SectionShape, DividerShape])),
  }),
  values: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ value: z.string().nullish(), selected_option: OptionShape.nullish() })),
  ),
  errors: z.record(z.string(), z.string()),
  trouble: z.string().nullable(),
});

export type Modal = z.output<typeof ModalShape>;
export type Input = z.output<typeof InputShape>;
export type Option = z.output<typeof OptionShape>;
export type Held = Modal['values'][string][string];

/** What stands in an input, as the workspace knows it. */
export function heldIn(modal: Modal, { block_id, element }: Input): Held {
  return modal.values[block_id]?.[element.action_id] ?? {};
}
