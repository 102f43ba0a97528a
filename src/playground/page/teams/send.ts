import { z } from 'zod';
import { ask } from '../use-view.ts';
import type { Choice } from './combobox.ts';
import type { TeamsView } from './view.ts';

interface Words {
  person: string;
  conversation: string;
  text: string;
  /** The post that it replies to. */
  root: string | null;
}

const Delivery = z.object({ failure: z.string().nullable() });
const Said = z.object({ delivery: Delivery.nullable() });
const Found = z.object({
  delivery: Delivery,
  results: z.array(z.object({ title: z.string(), value: z.string() })),
});

/** Says something in Teams. Answers null when all went well, else a sentence. */
export async function say(teams: TeamsView, words: Words): Promise<string | null> {
  const { body, trouble } = await ask('teams/say', words);
  if (trouble !== null) return trouble;
  const { delivery } = Said.parse(body);
  const { installed } = teams.conversations.find(({ id }) => id === words.conversation) ?? { installed: false };
  if (delivery === null) {
    return installed
      ? `${teams.bot.name} doesn’t hear that: in channels it gets only messages with @${teams.bot.name} in them.`
      : `${teams.bot.name} doesn’t hear that: the app isn’t installed here.`;
  }
  return delivery.failure === null ? null : 'The bot could not be reached, or it failed.';
}

/** Asks the bot for choices, for the card of a message or the open dialog; rejects where it has none to offer for now. */
export async function search(asked: {
  person: string;
  dataset: string;
  query: string;
  message?: string;
}): Promise<Choice[]> {
  const { body, trouble } = await ask('teams/search', asked);
  if (trouble !== null) throw new Error(trouble);
  const { delivery, results } = Found.parse(body);
  if (delivery.failure !== null) throw new Error('The bot did not answer.');
  return results;
}
