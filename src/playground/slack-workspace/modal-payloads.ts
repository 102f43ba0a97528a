import { viewObject } from './modal-methods.ts';
import type { Input, Modal } from './modals.ts';
import { LEGACY_TOKEN, nameOf } from './payloads.ts';
import { APP, TEAM } from './people.ts';
import type { ResponseUrls } from './response-url.ts';
import { messageObject } from './shown.ts';
import type { State } from './state.ts';

/** A shortcut of the workspace, or one of a message. */
export interface UsedShortcut {
  user: string;
  callbackId: string;
  /** Set for the shortcut of a message. */
  message?: { channel: string; ts: string };
}

/** What every interaction carries: who acts, and where. */
export function commonTo(state: State, user: string) {
  const member = state.member(user);
  if (!member) throw new Error(`Nobody is called ${user}.`);
  return {
    user: { id: member.id, username: member.name, name: member.name, team_id: member.teamId },
    api_app_id: APP.id,
    token: LEGACY_TOKEN,
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export function shortcutPayload(state: State, urls: ResponseUrls, used: UsedShortcut) {
  const common = {
    ...commonTo(state, used.user),
    callback_id: used.callbackId,
    action_ts: state.nextTs(),
    trigger_id: state.triggers.mint(used.user),
  };
  if (used.message === undefined) return { type: 'shortcut', ...common };
  const channel = state.channel(used.message.channel);
  const message = state.message(used.message.channel, used.message.ts);
  if (!channel || !message) throw new Error('There is no such message.');
  const { ts, threadTs } = message;
  const origin = { ts, ephemeral: false };
  return {
    type: 'message_action',
    ...common,
    channel: { id: channel.id, name: nameOf(channel) },
    message_ts: ts,
    message: messageObject(state, message),
    response_url: urls.mint({ channel: channel.id, to: used.user, origin, threadTs }),
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload */
export function suggestionPayload(state: State, modal: Modal, { block_id, element }: Input, query: string) {
  return {
    type: 'block_suggestion',
    ...commonTo(state, modal.user),
    container: { type: 'view', view_id: modal.id },
    action_id: element.action_id,
    block_id,
    value: query,
    view: viewObject(modal),
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, of a button in a modal. */
export function viewActionPayload(state: State, modal: Modal, actionId: string) {
  const found = buttonsIn(modal.view).find(({ element }) => element.action_id === actionId);
  if (found === undefined) throw new Error(`There is no button ${actionId} in the modal.`);
  const { type, action_id, text } = found.element;
  return {
    type: 'block_actions',
    ...commonTo(state, modal.user),
    container: { type: 'view', view_id: modal.id },
    trigger_id: state.triggers.mint(modal.user),
    view: viewObject(modal),
    actions: [{ action_id, block_id: found.blockId, text, type, action_ts: state.nextTs() }],
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export function submissionPayload(state: State, modal: Modal) {
  return {
    type: 'view_submission',
    ...commonTo(state, modal.user),
    trigger_id: state.triggers.mint(modal.user),
    view: viewObject(modal),
    response_urls: [],
  };
}

/** The buttons of a view, each with its block. */
export function buttonsIn(view: Record<string, unknown>): { blockId: unknown; element: Record<string, unknown> }[] {
  const blocks = (Array.isArray(view.blocks) ? view.blocks : []) as { block_id?: unknown; elements?: unknown }[];
  return blocks.flatMap(({ block_id, elements }) =>
    (Array.isArray(elements) ? (elements as Record<string, unknown>[]) : [])
      .filter(({ type }) => type === 'button')
      .map((element) => ({ blockId: block_id, element })),
  );
}
