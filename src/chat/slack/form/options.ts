import type { PlainTextOption } from '@slack/types';
import type { Subject, Suggestion } from '../../../flow/suggest.ts';
import type { PersonRef } from '../../../model/person.ts';
import type { Inbox } from '../../inbox.ts';
import { oneLine } from '../../text.ts';
import { plainWords } from '../buttons.ts';
import { LIMITS } from '../limits.ts';
import { choiceValue } from './entered.ts';

type Suggest = Inbox['suggest'];

/**
 * What a typeahead offers: before anything is typed, the machines that a message names come first. Never more than Slack takes:
 * with one too many it would show none.
 */
export async function optionsFor(
  suggest: Suggest,
  asked: { person: PersonRef; subject: Subject; query: string; names: readonly string[] },
): Promise<PlainTextOption[]> {
  const { person, subject, query, names } = asked;
  const first = subject === 'machines' && query.trim() === '' ? names : [];
  const [named, found] = await Promise.all([
    Promise.all(first.map((name) => machinesCalled(suggest, person, name))),
    suggest({ person, subject, query, limit: LIMITS.options }),
  ]);
  return asOptions([...named.flat(), ...found]);
}

/** The machines of exactly this name, or with this id; a name in a message may as well be anything else. */
async function machinesCalled(suggest: Suggest, person: PersonRef, name: string): Promise<Suggestion[]> {
  const called = name.toLowerCase();
  const label = called.split('.')[0];
  // Help that fails is no reason to offer nothing else.
  const found = await suggest({ person, subject: 'machines', query: called, limit: 5 }).catch(() => []);
  return found.filter((one) => one.name.toLowerCase() === label || one.value === called);
}

/** As Slack takes them: each value once, nothing too long, nothing hidden. */
export function asOptions(found: readonly Suggestion[]): PlainTextOption[] {
  const options = new Map<string, PlainTextOption>();
  for (const { name, facts, value: word } of found) {
    const value = choiceValue(word);
    if (value === '' || oneLine(name).trim() === '' || options.has(value)) continue;
    const description = oneLine(facts).trim();
    options.set(value, {
      text: plainWords(name, LIMITS.option.text),
      value,
      ...(description === '' ? {} : { description: plainWords(description, LIMITS.option.description) }),
    });
  }
  return [...options.values()].slice(0, LIMITS.options);
}
