import { text } from '../../model/notice.ts';
import { type FormCommand, type FormValues, INPUTS, KINDS, MOST_COMMANDS } from '../form.ts';
import { cut } from '../text.ts';
import { attached, plainCard } from './frame.ts';
import { LIMITS } from './limits.ts';
import { richBlocks } from './text.ts';
import type { ActionSet, AdaptiveCard, CardElement, ChoiceInput, Container, Outgoing, TextInput } from './wire-card.ts';

/** Opens the form, where somebody typed no words: Teams opens dialogs from a button only. */
export function renderFormButton(): Outgoing {
  const words = 'Ask for live response with a form. Or type it: run ws-042 minidump.ps1 --reason "INC-1234"';
  const body = richBlocks([text(words)], {});
  const open = { type: 'Action.Submit', title: 'Open the form', data: { msteams: { type: 'task/fetch' } } } as const;
  return attached([words], plainCard(body, [open], words));
}

/** The form, as the content of a dialog; with what was entered and what was wrong with it, where it is shown again. */
export function formCard(values: FormValues = {}): AdaptiveCard {
  const given = values.commands ?? [];
  const shown = Math.min(Math.max(given.length, 1), MOST_COMMANDS);
  const all = Array.from({ length: MOST_COMMANDS }, (_, i) => commandInputs(i + 1, given[i], i < shown));
  const body = [
    ...trouble(values.error ?? ''),
    machineInput(values.machine ?? ''),
    ...all.flatMap((inputs, i) => (i + 1 < MOST_COMMANDS ? [inputs, another(i + 1, i + 1 === shown)] : [inputs])),
    reasonInput(values.reason ?? ''),
  ];
  const ask = { type: 'Action.Submit', title: 'Ask for approval', style: 'positive' } as const;
  return plainCard(body, [ask], 'Live response: which machine, what to do, and why.');
}

function trouble(error: string): Container[] {
  const items = richBlocks([text(error)], { color: 'Attention' });
  return items.length === 0 ? [] : [{ type: 'Container', style: 'attention', items }];
}

function machineInput(value: string): ChoiceInput {
  return {
    ...typeahead(INPUTS.machine, 'machines', value),
    label: 'Machine',
    placeholder: 'Type the beginning of its name',
    isRequired: true,
    errorMessage: 'Choose a machine.',
  };
}

function commandInputs(number: number, given: FormCommand | undefined, shown: boolean): Container {
  const items: CardElement[] = [
    {
      type: 'Input.ChoiceSet',
      id: INPUTS.kind(number),
      style: 'compact',
      label: labelled(number, 'What to do'),
      choices: Object.entries(KINDS).map(([value, title]) => ({ title, value })),
      value: given?.kind ?? 'run',
    },
    {
      ...typeahead(INPUTS.script(number), 'library', given?.script ?? ''),
      label: labelled(number, 'Script or library file'),
      placeholder: 'Not needed to collect a file',
    },
    {
      ...typed(INPUTS.words(number), given?.words ?? '', LIMITS.words),
      label: labelled(number, 'Arguments, or the whole path to collect'),
      placeholder: 'C:\\Windows\\Temp\\output.zip',
    },
  ];
  return { type: 'Container', id: `command${number}`, items, ...(shown ? {} : { isVisible: false }) };
}

/** Each label by itself says which command it is about. */
function labelled(number: number, label: string): string {
  return number === 1 ? label : `Command ${number}: ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}

/** Unfolds the next command, and the button for the one after it. */
function another(number: number, shown: boolean): ActionSet {
  const next = number + 1;
  const further = next < MOST_COMMANDS ? [{ elementId: `more${next}`, isVisible: true }] : [];
  return {
    type: 'ActionSet',
    id: `more${number}`,
    ...(shown ? {} : { isVisible: false }),
    actions: [
      {
        type: 'Action.ToggleVisibility',
        title: 'Another command',
        targetElements: [
          { elementId: `command${next}`, isVisible: true },
          { elementId: `more${number}`, isVisible: false },
          ...further,
        ],
      },
    ],
  };
}

function reasonInput(value: string): TextInput {
  return { ...typed(INPUTS.reason, value, LIMITS.words), label: 'Reason', placeholder: 'INC-1234 suspicious process' };
}

function typed(id: string, value: string, maxLength: number): Omit<TextInput, 'label'> {
  return { type: 'Input.Text', id, maxLength, ...(value === '' ? {} : { value: cut(value, maxLength) }) };
}

/** What was chosen must be among the choices to be shown again; others are asked for while somebody types. */
function typeahead(id: string, dataset: 'machines' | 'library', value: string): Omit<ChoiceInput, 'label'> {
  const kept = cut(value, LIMITS.words);
  return {
    type: 'Input.ChoiceSet',
    id,
    style: 'filtered',
    choices: kept === '' ? [] : [{ title: kept, value: kept }],
    'choices.data': { type: 'Data.Query', dataset },
    ...(kept === '' ? {} : { value: kept }),
  };
}
