import type { Button, ButtonAction } from '../../model/notice.ts';
import { cut, oneLine } from '../text.ts';
import { LIMITS } from './limits.ts';
import { richBlocks } from './text.ts';
import type { CardAction, CardElement, Execute, ShowCard, Submit, TextInput } from './wire-card.ts';

/** The input that carries a reason; what is typed comes along with the click under this name. */
export const WHY = 'why';

const ACTIONS: Record<ButtonAction, true> = {
  approve: true,
  deny: true,
  withdraw: true,
  cancel: true,
  results: true,
  it_ran: true,
  it_did_not_run: true,
  reviewed: true,
  ask_again: true,
  add_reason: true,
  confirm: true,
  deny_reason: true,
};

/** The buttons of a request that waits, each for some people only. */
const WAITING: readonly ButtonAction[] = ['approve', 'deny', 'withdraw'];

/** Which button a verb belongs to; null for one that this version doesn't have. */
export function readVerb(verb: string): ButtonAction | null {
  return Object.hasOwn(ACTIONS, verb) ? (verb as ButtonAction) : null;
}

/** Buttons as a card has them: what stands above them, and the buttons themselves. */
export interface ButtonRow {
  above: CardElement[];
  actions: CardAction[];
}

/** The buttons in the open. */
export function buttonRow(buttons: readonly Button[]): ButtonRow {
  return { above: reasonInput(buttons), actions: buttons.map(asked) };
}

/**
 * The buttons of a waiting request folded behind one, for a card that those concerned see in a version of their own: should that
 * not reach them, they aren't locked out.
 */
export function foldedRow(buttons: readonly Button[]): ButtonRow {
  const waiting = buttons.filter(({ action }) => WAITING.includes(action));
  if (waiting.length === 0) return buttonRow(buttons);
  const inside: ShowCard = {
    type: 'Action.ShowCard',
    title: 'Decide…',
    card: { type: 'AdaptiveCard', body: reasonInput(waiting), actions: waiting.map(execute) },
  };
  return { above: [], actions: [inside, ...buttons.filter(({ action }) => !WAITING.includes(action)).map(asked)] };
}

function reasonInput(buttons: readonly Button[]): TextInput[] {
  const action = buttons.map((button) => button.action).find((one) => ASKED_FOR[one] !== undefined);
  const words = action === undefined ? undefined : ASKED_FOR[action];
  if (words === undefined) return [];
  // A denial counts without; what is for the reason alone needs one.
  const needed = action === 'deny' ? {} : { isRequired: true as const, errorMessage: SAY_WHY };
  return [{ type: 'Input.Text', id: WHY, ...words, ...needed, maxLength: LIMITS.why }];
}

const SAY_WHY = 'Say why, in a few words.';

/** The buttons that words are typed for. */
const ASKED_FOR: Partial<Record<ButtonAction, { label: string; placeholder: string }>> = {
  deny: { label: 'If you deny it: why?', placeholder: 'Everybody reads it on the card' },
  deny_reason: { label: 'Why did you deny it?', placeholder: 'Everybody reads it on the card' },
  add_reason: { label: 'Reason', placeholder: 'INC-1234 suspicious process' },
};

/**
 * Teams has no dialog that asks “are you sure”, so what needs one unfolds the question with the button inside. An approval
 * doesn't: the card above it says exactly what would run.
 */
function asked(button: Button): CardAction {
  const { confirm } = button;
  if (confirm === undefined || button.action === 'approve') return execute(button);
  const lines = [confirm.title, ...confirm.text.split('\n')];
  return {
    type: 'Action.ShowCard',
    title: `${title(button.label)}…`,
    card: {
      type: 'AdaptiveCard',
      body: lines.flatMap((line, i) => richBlocks([{ kind: i === 0 ? 'strong' : 'text', text: line }], {})),
      actions: [execute({ ...button, label: confirm.yes })],
    },
  };
}

function execute(button: Button): Execute<ButtonAction> {
  const { action: verb, id } = button;
  const look = {
    title: title(button.label),
    ...styleOf(button.tone),
    ...(ASKED_FOR[verb] === undefined ? NO_INPUTS : {}),
  };
  const fallback: Submit = { type: 'Action.Submit', ...look, data: { verb, id } };
  return { type: 'Action.Execute', verb, data: { id }, ...look, fallback };
}

const NO_INPUTS = { associatedInputs: 'none' } as const;

function styleOf(tone: Button['tone']): { style?: 'positive' | 'destructive' } {
  if (tone === 'plain') return {};
  return { style: tone === 'primary' ? 'positive' : 'destructive' };
}

function title(label: string): string {
  return cut(oneLine(label), LIMITS.title) || '…';
}
