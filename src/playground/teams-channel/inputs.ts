import type { ShownAction } from './card-parts.ts';
import { type Json, object, objects, text } from './json.ts';

/** What somebody filled in, by input id. Chosen values of a list of several are separated by commas. */
export type Filled = Record<string, string>;

/**
 * What a client sends with an action: its data, and over it the inputs that go with it, each as text. Throws where the
 * client wouldn't send anything, because an input is missing or wrong.
 */
export function dataOf({ action, inputs }: ShownAction, filled: Filled = {}): Json {
  const data = object(action.data) ?? {};
  if (action.associatedInputs === 'none') return { ...data };
  const strange = Object.keys(filled).find((id) => !inputs.some((input) => input.id === id));
  if (strange !== undefined) throw new Error(`There is no input “${strange}” on that card.`);
  const values = inputs.map((input) => [text(input.id), filledIn(input, filled[text(input.id)])] as const);
  return { ...data, ...Object.fromEntries(values.filter(([, value]) => value !== '')) };
}

function filledIn(input: Json, given: string | undefined): string {
  const value = given ?? preset(input);
  const wrong = value === '' ? missing(input) : unfit(input, value);
  if (wrong)
    throw new Error(`${text(input.errorMessage) || 'The input is missing or wrong.'} (${text(input.id)}: ${wrong})`);
  return value;
}

/** What stands in the input before anybody touches it. */
function preset(input: Json): string {
  if (input.type === 'Input.Toggle') return text(input.value) || text(input.valueOff) || 'false';
  return input.value === undefined || input.value === null ? '' : String(input.value);
}

const missing = (input: Json): string | null => (input.isRequired === true ? 'it is required' : null);

function unfit(input: Json, value: string): string | null {
  switch (input.type) {
    case 'Input.Text':
      return unfitText(input, value);
    case 'Input.Number':
      return unfitNumber(input, value);
    case 'Input.Toggle':
      return [text(input.valueOn) || 'true', text(input.valueOff) || 'false'].includes(value)
        ? null
        : 'neither on nor off';
    case 'Input.ChoiceSet':
      return unfitChoice(input, value);
    default:
      return null;
  }
}

function unfitText(input: Json, value: string): string | null {
  if (typeof input.maxLength === 'number' && value.length > input.maxLength) return 'it is too long';
  if (input.isMultiline !== true && value.includes('\n')) return 'it has one line only';
  return typeof input.regex === 'string' && !new RegExp(input.regex).test(value) ? 'it has another form' : null;
}

function unfitNumber(input: Json, value: string): string | null {
  const number = Number(value);
  if (Number.isNaN(number)) return 'it is no number';
  const low = typeof input.min === 'number' && number < input.min;
  const high = typeof input.max === 'number' && number > input.max;
  return low || high ? 'it is too small or too large' : null;
}

/** What was searched for is sent as it was found; the card can't know it. */
function unfitChoice(input: Json, value: string): string | null {
  if (object(input['choices.data']) !== null) return null;
  const known = objects(input.choices).map((choice) => text(choice.value));
  const chosen = input.isMultiSelect === true ? value.split(',') : [value];
  return chosen.every((one) => known.includes(one)) ? null : 'there is no such choice';
}
