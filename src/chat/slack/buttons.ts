import type { ActionsBlock, ConfirmationDialog, Button as SlackButton } from '@slack/types';
import type { Button, ButtonAction } from '../../model/notice.ts';
import { cut, oneLine } from '../text.ts';
import { LIMITS } from './limits.ts';

/** Few enough that they stand in one row on a screen. */
const IN_A_ROW = 5;

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

/** All action ids of this product, whatever its version. */
export const OUR_ACTIONS = /^lr:/;

/** Which button an action id (`lr:approve`, `lr:it_ran:2`) belongs to; null for one that this version doesn't have. */
export function readActionId(actionId: string): ButtonAction | null {
  const name = /^lr:([a-z_]+)(?::\d+)?$/.exec(actionId)?.[1];
  return name !== undefined && Object.hasOwn(ACTIONS, name) ? (name as ButtonAction) : null;
}

/** The buttons, in rows; none for none. Each carries its id and nothing else. */
export function buttonBlocks(buttons: readonly Button[]): ActionsBlock[] {
  const used = new Map<ButtonAction, number>();
  const elements = buttons.map((button) => {
    const count = (used.get(button.action) ?? 0) + 1;
    used.set(button.action, count);
    return slackButton(button, count === 1 ? `lr:${button.action}` : `lr:${button.action}:${count}`);
  });
  const rows: ActionsBlock[] = [];
  for (let i = 0; i < elements.length; i += IN_A_ROW) {
    rows.push({ type: 'actions', elements: elements.slice(i, i + IN_A_ROW) });
  }
  return rows;
}

function slackButton(button: Button, actionId: string): SlackButton {
  return {
    type: 'button',
    action_id: actionId,
    text: plainWords(button.label, LIMITS.button.text),
    value: button.id,
    ...(button.tone === 'plain' ? {} : { style: button.tone }),
    ...(button.confirm === undefined ? {} : { confirm: dialog(button.confirm, button.tone) }),
  };
}

function dialog(confirm: NonNullable<Button['confirm']>, tone: Button['tone']): ConfirmationDialog {
  // Each command on its line: run together, two of them read like one.
  const full = confirm.text.split('\n').map(oneLine).join('\n');
  // Half a command must not be what somebody agrees to.
  const text =
    full.length > LIMITS.confirm.text ? 'Too long for this dialog: the card says exactly what would run.' : full;
  return {
    title: plainWords(confirm.title, LIMITS.confirm.title),
    text: { type: 'plain_text', text: text || '…', emoji: false },
    confirm: plainWords(confirm.yes, LIMITS.confirm.choice),
    deny: plainWords(confirm.no, LIMITS.confirm.choice),
    ...(tone === 'plain' ? {} : { style: tone }),
  };
}

/** Words without any markup, on one line, at most so long; never empty, which Slack refuses. */
export function plainWords(value: string, max: number): { type: 'plain_text'; text: string; emoji: false } {
  return { type: 'plain_text', text: cut(oneLine(value), max) || '…', emoji: false };
}
