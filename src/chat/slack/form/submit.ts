import { sentenceFor } from '../../../errors.ts';
import type { Click, TypedLine } from '../../../flow/ports.ts';
import { answer, type PrivateAnswer } from '../../../model/notice.ts';
import type { PersonRef } from '../../../model/person.ts';
import { LATE, soon } from '../../acknowledge.ts';
import { INPUTS, readForm } from '../../form.ts';
import type { Inbox } from '../../inbox.ts';
import { beginning, cut, oneLine, spoken } from '../../text.ts';
import type { FormDeps } from './deps.ts';
import { choiceValue, type Entered, enteredInView, inputsOf, standsForName } from './entered.ts';
import { readOrigin } from './origin.ts';
import type { Submission } from './shapes.ts';
import { CHANNEL } from './view.ts';
import { personOf, replyToOf } from './who.ts';

/** How long the library is waited for where a choice only stands for a name; milliseconds. */
const LOOK_WITHIN = 1_000;
/** Characters of a sentence at a field. */
const LONGEST = 300;
/** Characters of a reason, as with every click. */
const LONGEST_REASON = 300;

/** A form as filled in: from here on a typed line, or what is wrong, by the input's name. */
export type Filled = { line: TypedLine } | { errors: Record<string, string> };

/** Reads a submitted form. What it says of where it was asked for is used for answers only. */
export async function readSubmission(body: Submission, deps: Pick<FormDeps, 'inbox' | 'clock'>): Promise<Filled> {
  const { view } = body;
  const person = personOf(body);
  const entered = await withNames(enteredInView(view.state.values), person, deps.inbox.suggest);
  if ('errors' in entered) return entered;
  const form = readForm(inputsOf(entered));
  if ('error' in form) return { errors: at(form.input, form.error) };
  const origin = readOrigin(view.private_metadata);
  const channel = entered.choices[CHANNEL]?.value ?? null;
  const replyTo = replyToOf(body, { ...origin, channel: origin.channel ?? channel }, deps.clock.now());
  return {
    line: { delivery: deliveryOf(body), person, channel, place: channel, thread: null, text: form.line, replyTo },
  };
}

/** The same submission twice is one: a form that is sent is gone, and one that is drawn anew has another hash. */
export const deliveryOf = ({ view }: Submission): string => `slack:view:${view.id}:${view.hash}`;

/** A sentence at an input. */
export function at(input: string, sentence: string): Record<string, string> {
  return { [input]: cut(oneLine(sentence), LONGEST) };
}

/** Has the line taken, and its answer delivered privately. Null when it is stored, else what to say at which field. */
export async function take(
  line: TypedLine,
  deps: Pick<FormDeps, 'inbox' | 'tellLater' | 'log'>,
): Promise<Record<string, string> | null> {
  const { replyTo: to, delivery } = line;
  try {
    const said = await deps.inbox.typed(line);
    if (said === null) return null;
    if (said.refused) return at(INPUTS.machine, said.lines.map(spoken).join(' '));
    // The request is stored by now, whatever becomes of its answer.
    await deps.inbox.tell({ to, delivery, answer: said }).catch(() => deps.tellLater(to, Promise.resolve(said)));
    return null;
  } catch (error) {
    deps.log.error({ platform: 'slack', error }, 'A delivery was not stored');
    return at(INPUTS.machine, `${sentenceFor(error)} Nothing was stored.`);
  }
}

/** The same for whose form is closed by now: what was taken is answered already. */
export async function wordsFor(taken: ReturnType<typeof take>): Promise<PrivateAnswer | null> {
  const errors = await taken;
  return errors === null ? null : answer(...Object.values(errors));
}

/** A reason that was typed into its modal: a click on the button that opened it, with words. Who clicks is who sent it. */
export function readReason(body: Submission, action: 'add_reason' | 'deny_reason', now: number): Click {
  const { view } = body;
  const origin = readOrigin(view.private_metadata);
  const words = enteredInView(view.state.values).words[INPUTS.reason]?.trim() ?? '';
  return {
    delivery: deliveryOf(body),
    person: personOf(body),
    channel: origin.channel,
    action,
    id: origin.request ?? '',
    words: words === '' ? null : beginning(words, LONGEST_REASON),
    openUntil: null,
    replyTo: replyToOf(body, origin, now),
  };
}

/** Choices that only stand for a file's name, since it is too long for Slack, with that name. */
async function withNames(
  entered: Entered,
  person: PersonRef,
  suggest: Inbox['suggest'],
): Promise<Entered | { errors: Record<string, string> }> {
  const open = Object.entries(entered.choices).filter(([, { value }]) => standsForName(value));
  if (open.length === 0) return entered;
  const asked = suggest({ person, subject: 'library', query: '', limit: Number.MAX_SAFE_INTEGER });
  const found = await soon(
    asked.catch(() => []),
    LOOK_WITHIN,
  );
  const names = new Map(found === LATE ? [] : found.map(({ value }) => [choiceValue(value), value]));
  const choices = { ...entered.choices };
  for (const [input, choice] of open) {
    const name = names.get(choice.value);
    if (name === undefined) return { errors: at(input, 'I can’t find that file in the library now. Choose it again.') };
    choices[input] = { ...choice, value: name };
  }
  return { ...entered, choices };
}
