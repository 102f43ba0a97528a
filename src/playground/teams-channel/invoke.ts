import { invokeActivity, type Scene } from './activities.ts';
import type { Oddity } from './deliver.ts';
import { type Json, object, parseJson } from './json.ts';
import { sceneOf, type TalkDeps } from './talk.ts';
import type { TeamsDelivery, TeamsMessage } from './view.ts';

/** What Teams itself says when an answer fails, comes too late or can't be read. */
export const WENT_WRONG = 'Something went wrong. Please try again.';

/** A person in front of a message of the bot. */
export interface Onlooker {
  /** Entra object id. */
  person: string;
  /** The message's id. */
  message: string;
  oddity?: Oddity;
}

/** The message, and the scene it stands in; throws where that person can't see such a message of the bot. */
export function messageScene(deps: TalkDeps, who: Onlooker): { scene: Scene; message: TeamsMessage } {
  const message = deps.state.message(who.message);
  if (message?.from !== 'bot') throw new Error(`The bot has no message ${who.message}.`);
  const { conversation } = message;
  const at = sceneOf(deps, { person: who.person, conversation, root: null });
  const root = at.conversation.kind === 'channel' ? (message.root ?? message.id) : null;
  return { scene: { ...at, root }, message };
}

/** The card as that person sees it: their own view of it, else everybody's. */
export function seenCard(deps: TalkDeps, person: string, message: TeamsMessage): unknown {
  return deps.state.personalView(message.id, person)?.card ?? message.card;
}

/** An exchange with the bot: how it went, and the body of its answer where it said 200. */
export interface Exchange {
  delivery: TeamsDelivery;
  /** Undefined where there is none, or where it isn't JSON. */
  body: unknown;
}

/** Asks the bot and waits for its answer. */
export async function invoke(
  deps: TalkDeps,
  who: Onlooker,
  about: { kind: TeamsDelivery['kind']; what: string; name: string; value: Json },
): Promise<Exchange> {
  const { scene, message } = messageScene(deps, who);
  const { kind, what, name, value } = about;
  const activity = invokeActivity(deps.state, scene, { name, value, message });
  const delivery = await deps.deliveries.deliver({ kind, what, person: scene.person.id }, activity, who.oddity);
  // Teams takes nothing but 200 as an answer to an invoke; a code for people belongs into the body.
  if (delivery.status !== null && delivery.status !== 200) {
    deps.state.explain(delivery, `The answer's status is ${delivery.status}, not 200.`);
  }
  return { delivery, body: delivery.status === 200 ? parseJson(delivery.body) : undefined };
}

/** Says of an answer what is wrong with it, on the record. */
export function explain(deps: TalkDeps, delivery: TeamsDelivery, problem: string): void {
  if (delivery.failure === null && delivery.problem === undefined) deps.state.explain(delivery, problem);
}

/** The object in an answer's body under this key. */
export const within = (body: unknown, key: string): Json | null => object(object(body)?.[key]);
