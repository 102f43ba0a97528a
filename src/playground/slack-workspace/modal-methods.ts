import { checkView } from '../../chat/slack/form/check.ts';
import { fromJson } from './content.ts';
import type { Modal } from './modals.ts';
import { APP, TEAM } from './people.ts';
import type { State } from './state.ts';

type Answer = Record<string, unknown>;

/** https://docs.slack.dev/reference/methods/views.open */
export function openView(state: State, args: Answer): Answer {
  const view = readView(args.view);
  if (isRefused(view)) return view;
  const trigger = state.triggers.exchange(String(args.trigger_id ?? ''));
  if ('error' in trigger) return trigger;
  return { view: viewObject(state.modals.add(trigger.user, view.view)) };
}

/** https://docs.slack.dev/reference/methods/views.update */
export function updateView(state: State, args: Answer): Answer {
  const view = readView(args.view);
  if (isRefused(view)) return view;
  const modal = state.modals.find(String(args.view_id ?? ''));
  if (modal === null) return { error: 'not_found' };
  if (args.hash !== undefined && args.hash !== modal.hash) return { error: 'hash_conflict' };
  state.modals.update(modal, view.view);
  return { view: viewObject(modal) };
}

interface Refused extends Answer {
  error: string;
}

/** A view as Slack takes it, with an id for each block; or Slack's refusal. */
export function readView(given: unknown): { view: Record<string, unknown> } | Refused {
  const view = fromJson(given);
  const problems = checkView(view);
  if (problems.length > 0) {
    return { error: 'invalid_arguments', response_metadata: { messages: problems.map((one) => `[ERROR] ${one}`) } };
  }
  const { blocks, ...rest } = view as { blocks: object[] };
  return { view: { ...rest, blocks: blocks.map((block, index) => ({ block_id: `b${index}x`, ...block })) } };
}

/** Whether it is Slack's refusal. */
export const isRefused = (read: ReturnType<typeof readView>): read is Refused => 'error' in read;

/** A view, of a modal or a Home tab, as answers and payloads describe it. */
export function viewObject(modal: Pick<Modal, 'id' | 'hash' | 'view' | 'values'>): Answer {
  const { submit = null, close = null, callback_id = '', private_metadata = '', ...view } = modal.view;
  return {
    id: modal.id,
    team_id: TEAM.id,
    ...view,
    ...{ submit, close, callback_id, private_metadata },
    state: { values: modal.values },
    hash: modal.hash,
    clear_on_close: false,
    notify_on_close: false,
    previous_view_id: null,
    root_view_id: modal.id,
    app_id: APP.id,
    external_id: '',
    app_installed_team_id: TEAM.id,
    bot_id: APP.botId,
  };
}
