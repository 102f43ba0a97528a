/** A choice of a list: what people read, and what the bot gets. */
export interface Choice {
  title: string;
  /** Stands beside it in the list only. */
  detail?: string;
  value: string;
}

/** Asks for the choices that fit what was typed. Rejects where none could be had. */
export type Search = (query: string) => Promise<Choice[]>;

interface ComboboxOptions {
  search: Search;
  /** Those that stand in the card itself. */
  choices: Choice[];
  placeholder: string;
  /** The value that is chosen at first. */
  initial: string;
  required: boolean;
  onChange: () => void;
}

/** A field that offers choices while one types. */
export interface Combobox {
  element: HTMLElement;
  field: HTMLInputElement;
  /** The chosen value; undefined for nothing, and for words that are none of the choices. */
  value(): string | undefined;
  /** Whether nothing stands in it, or one of the choices. */
  isValid(): boolean;
}

/** How long to wait for the next letter, in milliseconds. */
const TYPING = 150;

const keyOf = (title: string): string => title.trim().toLowerCase();

/** A combobox with a list, as the ARIA practices describe it: ↓ opens, Enter takes, Esc closes, the field keeps the focus. */
export function createCombobox({ search, choices, onChange, ...rest }: ComboboxOptions): Combobox {
  const known = new Map(choices.map(({ title, value }) => [keyOf(title), value]));
  const { element, field, list, status } = drawCombobox(rest);
  field.value = choices.find(({ value }) => value === rest.initial)?.title ?? rest.initial;
  if (rest.initial !== '') known.set(keyOf(field.value), rest.initial);
  let shown: Choice[] = [];
  /** The last one chosen from the list: others may have the same title. */
  let taken: Choice | null = null;
  let active = -1;
  let asked = 0;
  let timer = 0;

  const activate = (next: number): void => {
    active = next;
    [...list.children].forEach((option, index) => {
      option.setAttribute('aria-selected', String(index === active));
    });
    const option = list.children[active];
    option?.scrollIntoView({ block: 'nearest' });
    if (option) field.setAttribute('aria-activedescendant', option.id);
    else field.removeAttribute('aria-activedescendant');
  };
  const close = (): void => {
    list.hidden = true;
    field.setAttribute('aria-expanded', 'false');
    status.textContent = '';
    activate(-1);
  };
  const take = (choice: Choice): void => {
    window.clearTimeout(timer);
    asked += 1;
    taken = choice;
    field.value = choice.title;
    close();
    onChange();
  };
  const offer = (found: Choice[]): void => {
    shown = found;
    list.replaceChildren(...found.map((choice, index) => optionFor(choice, `${list.id}-${index}`, take)));
    activate(-1);
    list.hidden = found.length === 0;
    field.setAttribute('aria-expanded', String(found.length > 0));
    status.textContent = found.length === 0 ? 'No results found' : '';
  };
  const ask = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    status.textContent = 'Loading…';
    const found = await search(field.value.trim()).catch(() => null);
    for (const { title, value } of found ?? []) known.set(keyOf(title), value);
    if (mine !== asked) return;
    if (document.activeElement !== field) close();
    else if (found === null) status.textContent = 'Something went wrong. Type on to try again.';
    else offer(found);
    onChange();
  };
  const askIn = (delay: number): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), delay);
  };
  const step = (by: number): void => {
    if (list.hidden) askIn(0);
    else activate(active === -1 && by < 0 ? shown.length - 1 : (active + by + shown.length) % shown.length);
  };
  const pressed = (key: string): boolean => {
    const choice = shown[active];
    if (key === 'ArrowDown' || key === 'ArrowUp') step(key === 'ArrowDown' ? 1 : -1);
    else if (list.hidden) return false;
    else if (key === 'Enter' && choice) take(choice);
    else if (key === 'Escape') close();
    else return false;
    return true;
  };

  field.addEventListener('input', () => {
    askIn(TYPING);
    onChange();
  });
  field.addEventListener('click', () => {
    if (list.hidden) askIn(0);
  });
  field.addEventListener('blur', close);
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || !pressed(event.key)) return;
    // Neither may the dialog around it close nor the card be sent.
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    element,
    field,
    value: () =>
      taken !== null && keyOf(taken.title) === keyOf(field.value) ? taken.value : known.get(keyOf(field.value)),
    isValid: () => field.value.trim() === '' || known.has(keyOf(field.value)),
  };
}

let boxes = 0;

function drawCombobox({ placeholder, required }: Pick<ComboboxOptions, 'placeholder' | 'required'>) {
  boxes += 1;
  const element = make('div', 'combobox');
  const field = make('input', 'ac-input combobox-field');
  const list = make('ul', 'combobox-list');
  const status = make('p', 'combobox-status');
  list.id = `choices-${boxes}`;
  list.hidden = true;
  set(list, { role: 'listbox', 'aria-label': 'Choices' });
  status.setAttribute('role', 'status');
  Object.assign(field, { type: 'text', placeholder, autocomplete: 'off', spellcheck: false });
  set(field, { role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': 'false' });
  if (required) field.setAttribute('aria-required', 'true');
  element.append(field, list, status);
  return { element, field, list, status };
}

function optionFor(choice: Choice, id: string, take: (choice: Choice) => void): HTMLElement {
  const option = make('li', 'combobox-option');
  option.id = id;
  option.textContent = choice.detail === undefined ? choice.title : `${choice.title} · ${choice.detail}`;
  set(option, { role: 'option', 'aria-selected': 'false' });
  // The field keeps the focus; without it the list would close before the click.
  option.addEventListener('pointerdown', (event) => event.preventDefault());
  option.addEventListener('click', () => take(choice));
  return option;
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function set(element: HTMLElement, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
