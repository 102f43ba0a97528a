import { randomBytes } from 'node:crypto';

/** A choice as it stands in a view, is offered, and goes back. */
export interface Option {
  text: { type: string; text: string };
  value: string;
  description?: { type: string; text: string };
}

/** What stands in an input, as Slack sends it. */
export type Value = { type: string; value: string | null } | { type: string; selected_option: Option | null };

/** A modal that one person has open. */
export interface Modal {
  id: string;
  /** Another one after each change of the view by the app. */
  hash: string;
  user: string;
  view: Record<string, unknown>;
  /** By block, then by action. */
  values: Record<string, Record<string, Value>>;
  /** At inputs, by block. */
  errors: Record<string, string>;
  /** What Slack itself says in it when the app doesn't answer, or wrongly. */
  trouble: string | null;
}

/** An input block of a view. */
export interface Input {
  block_id: string;
  optional?: boolean;
  element: {
    type: string;
    action_id: string;
    options?: Option[];
    initial_option?: Option;
    initial_value?: string;
    max_length?: number;
  };
}

/** The input blocks of a view. */
export function inputsIn(view: Record<string, unknown>): Input[] {
  const blocks = Array.isArray(view.blocks) ? view.blocks : [];
  return blocks.filter((block): block is Input => (block as { type?: unknown }).type === 'input');
}

/** All open modals, at most one each: what is opened takes the place of what was there. */
export function createModals(changed: () => void) {
  const open: Modal[] = [];
  const hash = (): string => `${open.length}.${randomBytes(6).toString('hex')}`;

  const close = (modal: Modal): void => {
    const index = open.indexOf(modal);
    if (index >= 0) open.splice(index, 1);
    changed();
  };

  return {
    open,
    find: (id: string): Modal | null => open.find((one) => one.id === id) ?? null,
    of: (user: string): Modal | null => open.find((one) => one.user === user) ?? null,
    add(user: string, view: Record<string, unknown>): Modal {
      for (const other of open.filter((one) => one.user === user)) close(other);
      const id = `V${randomBytes(6).toString('hex').toUpperCase()}`;
      const modal = { id, hash: hash(), user, view, values: valuesOf(view, {}), errors: {}, trouble: null };
      open.push(modal);
      changed();
      return modal;
    },
    /** Inputs that are the same in both views keep what stands in them. */
    update(modal: Modal, view: Record<string, unknown>): void {
      Object.assign(modal, { view, hash: hash(), values: valuesOf(view, modal.values), errors: {}, trouble: null });
      changed();
    },
    tell(modal: Modal, words: Partial<Pick<Modal, 'errors' | 'trouble'>>): void {
      Object.assign(modal, { errors: {}, trouble: null }, words);
      changed();
    },
    close,
  };
}

function valuesOf(view: Record<string, unknown>, before: Modal['values']): Modal['values'] {
  return Object.fromEntries(
    inputsIn(view).map(({ block_id, element }) => {
      const kept = before[block_id]?.[element.action_id];
      const value = kept?.type === element.type ? kept : initialOf(element);
      return [block_id, { [element.action_id]: value }];
    }),
  );
}

function initialOf({ type, initial_option, initial_value }: Input['element']): Value {
  return type === 'plain_text_input'
    ? { type, value: initial_value ?? null }
    : { type, selected_option: initial_option ?? null };
}
