import { type Input, inputsIn, type Modal, type Option, type Value } from './modals.ts';

/**
 * Puts what a person entered into a modal's inputs, as far as Slack's clients let them: of a select only what it offers, in a
 * line no more than it takes. `offered`: what an app has offered for a block so far.
 */
export function fill(modal: Modal, filled: Record<string, string>, offered: (block: string) => Option[]): void {
  const inputs = inputsIn(modal.view);
  for (const [block, entered] of Object.entries(filled)) {
    const input = inputs.find(({ block_id }) => block_id === block);
    if (input === undefined) throw new Error(`The modal has no input ${block}.`);
    const { action_id } = input.element;
    modal.values[block] = { [action_id]: valueFor(input, entered, modal.values[block]?.[action_id], offered(block)) };
  }
}

function valueFor({ element, block_id }: Input, entered: string, before: Value | undefined, offered: Option[]): Value {
  const { type } = element;
  if (type === 'plain_text_input') {
    if (entered.length > (element.max_length ?? 3000)) throw new Error(`That is too long for ${block_id}.`);
    if (/[\r\n]/.test(entered)) throw new Error(`${block_id} takes one line.`);
    return { type, value: entered === '' ? null : entered };
  }
  if (entered === '') return { type, selected_option: null };
  const held = before && 'selected_option' in before && before.selected_option ? [before.selected_option] : [];
  const choices = type === 'static_select' ? (element.options ?? []) : [...offered, ...held];
  const chosen = choices.find(({ value }) => value === entered);
  if (chosen === undefined) throw new Error(`${block_id} doesn't offer ${entered}.`);
  return { type, selected_option: chosen };
}
