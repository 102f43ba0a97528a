import { Router } from 'express';
import { z } from 'zod';
import { answering } from './answering.ts';
import type { TeamsChannel } from './teams-channel/index.ts';

/** What the page needs of Teams. */
export type TeamsSide = Pick<
  TeamsChannel,
  'state' | 'onChange' | 'say' | 'click' | 'look' | 'submit' | 'submitDialog' | 'closeDialog' | 'search'
>;

const id = z.string().min(1).max(500);
/** What was typed into the fields of a card, by their ids. */
const inputs = z.record(z.string().max(200), z.string().max(8000)).default({});

const Say = z.strictObject({
  person: id,
  conversation: id,
  text: z.string().trim().min(1).max(8000),
  /** The post that it replies to; null begins one, and in chats. */
  root: id.nullable(),
});
/** A button, by its place among all actions of the card that this person sees. */
const Press = z.strictObject({ person: id, message: id, index: z.int().nonnegative(), inputs });
const Look = z.strictObject({ person: id, message: id });
const Submit = z.strictObject({ person: id, index: z.int().nonnegative(), inputs });
const Person = z.strictObject({ person: id });
const Search = z.strictObject({
  person: id,
  dataset: z.string().max(200),
  query: z.string().max(200),
  /** The message whose card has the field; the open dialog without it. */
  message: id.exactOptional(),
});

/** What people do in Teams, for the page. */
export function createTeamsRoutes(teams: TeamsSide): Router {
  const router = Router();
  const post = <T>(path: string, schema: z.ZodType<T>, act: (input: T) => unknown) =>
    router.post(path, answering(schema, act));
  post('/say', Say, (words) => teams.say(words));
  post('/click', Press, (press) => teams.click(press));
  post('/look', Look, (look) => teams.look(look));
  post('/submit', Press, (press) => teams.submit(press));
  post('/dialog', Submit, (submitted) => teams.submitDialog(submitted));
  post('/close', Person, ({ person }) => teams.closeDialog(person));
  post('/search', Search, (typed) => teams.search(typed));
  return router;
}

/** What the page shows of Teams; the bot's calls stay here, and so do bodies letter by letter. */
export function teamsView(teams: TeamsSide) {
  const { calls: _calls, deliveries, tenantId: _tenantId, ...view } = teams.state();
  return { ...view, deliveries: deliveries.map(({ kind, what, person, status }) => ({ kind, what, person, status })) };
}
