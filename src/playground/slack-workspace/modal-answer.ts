import { z } from 'zod';
import { isRefused, readView } from './modal-methods.ts';
import { inputsIn, type Modal } from './modals.ts';
import type { Delivery } from './state.ts';

/** What becomes of a modal that was sent: it closes, shows another view, or stays with words at its inputs or at its top. */
export type ModalAnswer =
  | 'close'
  | { view: Record<string, unknown> }
  | { errors: Record<string, string> }
  | { trouble: string };

/** Slack's own words where an app doesn't answer as it must. */
const TROUBLE = { trouble: 'We had some trouble connecting. Try again?' };

/** https://docs.slack.dev/surfaces/modals#response_actions */
const Answer = z.discriminatedUnion('response_action', [
  z.strictObject({ response_action: z.literal('clear') }),
  z.strictObject({ response_action: z.literal('update'), view: z.unknown() }),
  z.strictObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string().min(1)) }),
]);

/** Reads what the app answered to a modal that was sent. */
export function readAnswer(modal: Modal, { body, failure }: Pick<Delivery, 'body' | 'failure'>): ModalAnswer {
  if (failure !== null) return TROUBLE;
  if (body.trim() === '') return 'close';
  const answer = Answer.safeParse(json(body));
  if (!answer.success) return TROUBLE;
  switch (answer.data.response_action) {
    case 'clear':
      return 'close';
    case 'update': {
      const view = readView(answer.data.view);
      return isRefused(view) ? TROUBLE : view;
    }
    case 'errors': {
      const blocks = inputsIn(modal.view).map(({ block_id }) => block_id);
      const named = Object.keys(answer.data.errors);
      const fits = named.length > 0 && named.every((block) => blocks.includes(block));
      return fits ? { errors: answer.data.errors } : TROUBLE;
    }
  }
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
