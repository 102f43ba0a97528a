import { OptionsShape } from '../../chat/slack/form/check.ts';
import type { Oddity } from './deliver.ts';
import { readAnswer } from './modal-answer.ts';
import { fill } from './modal-fill.ts';
import {
  shortcutPayload,
  submissionPayload,
  suggestionPayload,
  type UsedShortcut,
  viewActionPayload,
} from './modal-payloads.ts';
import { inputsIn, type Modal, type Option } from './modals.ts';
import type { ResponseUrls } from './response-url.ts';
import type { Delivery, State } from './state.ts';

/** What a person put into the inputs, by block: words, or the value of an option. Empty takes out what stood there. */
export type Filled = Record<string, string>;

/** Somebody types into a select of their modal that asks the app. */
export interface Suggested extends Oddity {
  user: string;
  block: string;
  query: string;
}

/** A button of their modal. */
export interface Pressed extends Oddity {
  user: string;
  actionId: string;
  filled?: Filled;
}

/** What people do with shortcuts and modals. All of it throws where there is no such thing in view. */
export interface ModalPeople {
  shortcut(used: UsedShortcut & Oddity): Promise<Delivery>;
  /** The options that the list shows: none where the app's answer is not to Slack's liking. */
  suggest(typed: Suggested): Promise<{ delivery: Delivery; options: Option[] }>;
  pressInModal(pressed: Pressed): Promise<Delivery>;
  /** Null where Slack itself keeps it back, since something that must be there is missing. */
  submitModal(sent: { user: string; filled?: Filled } & Oddity): Promise<Delivery | null>;
  closeModal(user: string): void;
}

type About = Pick<Delivery, 'kind' | 'what' | 'user' | 'triggerId'>;

interface Deps {
  state: State;
  urls: ResponseUrls;
  interact: (about: About, payload: object, oddity: Oddity) => Promise<Delivery>;
}

/** Creates what people do with shortcuts and modals. */
export function createModalPeople({ state, urls, interact }: Deps): ModalPeople {
  /** By modal and block: what was offered there, since nothing else can be chosen. */
  const offered = new Map<string, Option[]>();

  const open = (user: string): Modal => {
    const modal = state.modals.of(user);
    if (modal === null) throw new Error('No modal is open.');
    return modal;
  };
  const fillIn = (modal: Modal, filled: Filled = {}): void =>
    fill(modal, filled, (block) => offered.get(`${modal.id} ${block}`) ?? []);

  return {
    async shortcut(used) {
      const payload = shortcutPayload(state, urls, used);
      const { user, callbackId: what } = used;
      return interact({ kind: 'shortcut', what, user, triggerId: payload.trigger_id }, payload, used);
    },

    async suggest(typed) {
      const modal = open(typed.user);
      const input = inputsIn(modal.view).find(({ block_id }) => block_id === typed.block);
      if (input?.element.type !== 'external_select') throw new Error(`Nothing is asked for in ${typed.block}.`);
      const payload = suggestionPayload(state, modal, input, typed.query);
      const about = { kind: 'typing', what: typed.query, user: typed.user, triggerId: null } as const;
      const delivery = await interact(about, payload, typed);
      const answer = OptionsShape.safeParse(delivery.failure === null ? json(delivery.body) : null);
      const options = answer.success ? (answer.data.options as Option[]) : [];
      const key = `${modal.id} ${typed.block}`;
      offered.set(key, [...options, ...(offered.get(key) ?? [])]);
      return { delivery, options };
    },

    async pressInModal(pressed) {
      const modal = open(pressed.user);
      fillIn(modal, pressed.filled);
      const payload = viewActionPayload(state, modal, pressed.actionId);
      const about = {
        kind: 'click',
        what: pressed.actionId,
        user: pressed.user,
        triggerId: payload.trigger_id,
      } as const;
      return interact(about, payload, pressed);
    },

    async submitModal(sent) {
      const modal = open(sent.user);
      fillIn(modal, sent.filled);
      const missing = missingIn(modal);
      state.modals.tell(modal, { errors: missing });
      if (Object.keys(missing).length > 0) return null;
      const payload = submissionPayload(state, modal);
      const what = String(modal.view.callback_id ?? '');
      const delivery = await interact(
        { kind: 'form', what, user: sent.user, triggerId: payload.trigger_id },
        payload,
        sent,
      );
      const answer = readAnswer(modal, delivery);
      if (answer === 'close') state.modals.close(modal);
      else if ('view' in answer) state.modals.update(modal, answer.view);
      else state.modals.tell(modal, answer);
      return delivery;
    },

    closeModal: (user) => state.modals.close(open(user)),
  };
}

function missingIn(modal: Modal): Record<string, string> {
  const empty = inputsIn(modal.view).filter(({ block_id, optional, element }) => {
    const value = modal.values[block_id]?.[element.action_id];
    const held = value && 'value' in value ? value.value : value?.selected_option;
    return !optional && !held;
  });
  return Object.fromEntries(empty.map(({ block_id }) => [block_id, 'Please complete this required field.']));
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
