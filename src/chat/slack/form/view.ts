import type { InputBlock, KnownBlock, ModalView, PlainTextElement } from '@slack/types';
import type { PrivateAnswer } from '../../../model/notice.ts';
import { INPUTS, KINDS, MOST_COMMANDS } from '../../form.ts';
import { beginning, cut, oneLine, spoken } from '../../text.ts';
import { plainWords } from '../buttons.ts';
import { LIMITS } from '../limits.ts';
import { type Choice, type Entered, NOTHING } from './entered.ts';
import { type Origin, writeOrigin } from './origin.ts';

/** What Slack calls our modals and their parts; none begins as the buttons of cards do. */
export const FORM = 'lrform:run';
export const REASON = 'lrform:reason';
export const DENIAL = 'lrform:denial';
export const ANOTHER = 'lrform:another';
/** In a message: opens the form. */
export const OPEN = 'lrform:open';
/** The field for the channel; the others are called as in every form. */
export const CHANNEL = 'channel';

/** The characters that a typed line takes, more or less; the line itself is checked. */
const LONGEST = 2000;

/** The action id of an input: it is also its block's id with this in front. */
const actionId = (input: string): string => `lrform:${input}`;

/** The inputs with a typeahead. */
export const TYPEAHEAD = /^lrform:(machine|script[1-9])$/;

/** The form: which machine, what to do, why, and where its card goes. All that it shows of others is plain text. */
export function formView(asked: { entered: Entered; origin: Origin; channels: readonly Choice[] }): ModalView {
  const { entered, origin, channels } = asked;
  const numbers = Array.from({ length: origin.commands }, (_, i) => i + 1);
  return {
    ...modal(FORM, 'Run live response', origin),
    submit: words('Ask for approval'),
    blocks: [
      machineInput(entered, origin.names),
      ...numbers.flatMap((number) => commandInputs(number, entered)),
      ...(origin.commands < MOST_COMMANDS ? [another()] : []),
      reasonInput(entered, true),
      ...channelInput(entered, channels),
    ],
  };
}

/** The reason that a request lacks. */
export function reasonView(origin: Origin): ModalView {
  const asks = `Asks again for what ${origin.request ?? 'you asked for'} asked, with this reason.`;
  return {
    ...modal(REASON, 'Add a reason', origin),
    submit: words('Ask again'),
    blocks: [{ ...reasonInput(NOTHING, false), hint: words(asks) }],
  };
}

/** Why somebody denied. */
export function denialView(origin: Origin): ModalView {
  const id = origin.request ?? 'it';
  const field = line(INPUTS.reason, 'Ask the owner of the machine first', NOTHING);
  return {
    ...modal(DENIAL, 'Say why', origin),
    submit: words('Say it'),
    blocks: [
      {
        ...input(INPUTS.reason, `Why did you deny ${id}?`, field, false),
        hint: words('Everybody reads it on the card.'),
      },
    ],
  };
}

/** Words for one person, where there is no message that only they could see. */
export function noticeView(said: PrivateAnswer): ModalView {
  const lines = [...said.lines.map(spoken), ...said.output.map(oneLine)].join('\n');
  return {
    type: 'modal',
    title: words('Live response'),
    close: words('Close'),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: cut(lines, LIMITS.section.text) || '…', emoji: false } },
    ],
  };
}

function modal(callback: string, title: string, origin: Origin) {
  return {
    type: 'modal' as const,
    callback_id: callback,
    title: words(title),
    close: words('Close'),
    private_metadata: writeOrigin(origin),
  };
}

function machineInput(entered: Entered, names: readonly string[]): InputBlock {
  const hint = names.length === 0 ? {} : { hint: words(`Offered first where I know them: ${names.join(', ')}`) };
  const field = typeahead(INPUTS.machine, 'Type the beginning of its name', entered);
  return { ...input(INPUTS.machine, 'Machine', field, false), ...hint };
}

function commandInputs(number: number, entered: Entered): KnownBlock[] {
  const [kind, script, typed] = [INPUTS.kind(number), INPUTS.script(number), INPUTS.words(number)];
  const kinds = Object.entries(KINDS).map(([value, title]) => option({ text: title, value }));
  const chosen = kinds.find(({ value }) => value === entered.choices[kind]?.value) ?? kinds[0];
  const select = {
    type: 'static_select' as const,
    action_id: actionId(kind),
    options: kinds,
    ...(chosen === undefined ? {} : { initial_option: chosen }),
  };
  return [
    ...(number === 1 ? [] : [{ type: 'divider' as const, block_id: `above${number}` }]),
    input(kind, labelled(number, 'What to do'), select, false),
    input(
      script,
      labelled(number, 'Script or library file'),
      typeahead(script, 'Not needed to collect a file', entered),
      true,
    ),
    input(
      typed,
      labelled(number, 'Arguments, or the whole path to collect'),
      line(typed, 'C:\\Windows\\Temp\\output.zip', entered),
      true,
    ),
  ];
}

/** Each label by itself says which command it is about. */
function labelled(number: number, label: string): string {
  return number === 1 ? label : `Command ${number}: ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}

function another(): KnownBlock {
  return {
    type: 'actions',
    block_id: 'another',
    elements: [{ type: 'button', action_id: ANOTHER, text: words('Another command') }],
  };
}

function reasonInput(entered: Entered, optional: boolean): InputBlock {
  return input(INPUTS.reason, 'Reason', line(INPUTS.reason, 'INC-1234 suspicious process', entered), optional);
}

/** Where the card goes; none where the policy has no channel here, which the answer to the form says. */
function channelInput(entered: Entered, channels: readonly Choice[]): InputBlock[] {
  const options = channels.slice(0, LIMITS.options).map(option);
  const [first] = options;
  if (first === undefined) return [];
  const chosen = options.find(({ value }) => value === entered.choices[CHANNEL]?.value) ?? first;
  const element = { type: 'static_select' as const, action_id: actionId(CHANNEL), options, initial_option: chosen };
  return [input(CHANNEL, 'Channel of the card', element, false)];
}

function input(name: string, label: string, element: InputBlock['element'], optional: boolean): InputBlock {
  return { type: 'input', block_id: name, label: words(label), element, ...(optional ? { optional } : {}) };
}

function typeahead(name: string, placeholder: string, entered: Entered): InputBlock['element'] {
  const chosen = entered.choices[name];
  return {
    type: 'external_select',
    action_id: actionId(name),
    min_query_length: 0,
    placeholder: words(placeholder),
    ...(chosen === undefined ? {} : { initial_option: option(chosen) }),
  };
}

function line(name: string, placeholder: string, entered: Entered): InputBlock['element'] {
  // As it was typed, but for halves of characters: JSON that holds one isn't read everywhere.
  const value = beginning(entered.words[name] ?? '', LONGEST).replace(/\p{Cs}/gu, '\uFFFD');
  return {
    type: 'plain_text_input',
    action_id: actionId(name),
    max_length: LONGEST,
    placeholder: words(placeholder),
    ...(value === '' ? {} : { initial_value: value }),
  };
}

function option({ text, value }: Choice) {
  return { text: plainWords(text, LIMITS.option.text), value };
}

function words(value: string): PlainTextElement {
  return { type: 'plain_text', text: cut(oneLine(value), LIMITS.placeholder) || '…', emoji: false };
}
