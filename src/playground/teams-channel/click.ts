import { checkCard } from './card-check.ts';
import { actionsOf, countedActions, type ShownAction } from './card-parts.ts';
import { dataOf, type Filled } from './inputs.ts';
import { type Exchange, explain, invoke, messageScene, type Onlooker, seenCard, WENT_WRONG } from './invoke.ts';
import { type Json, object, text } from './json.ts';
import type { TalkDeps } from './talk.ts';
import type { TeamsDelivery, TeamsMessage } from './view.ts';

/** Which action is meant: all that is said must fit; the first that does is it. */
export interface Which {
  title?: string;
  verb?: string;
  /** Its place among all actions in the card's JSON. */
  index?: number;
}

/** A click on a button that answers in place. */
export interface Click extends Onlooker, Which {
  inputs?: Filled;
  /** In place of the button's own data: what a client could send that isn't Teams. */
  data?: Json;
  /** Also buttons that anybody saw on the message before: the click of somebody whose view is a moment old. */
  earlier?: boolean;
}

/** What the person sees of the answer. */
export type Shown =
  | { kind: 'notice'; text: string; error: boolean }
  | { kind: 'card'; card: unknown }
  | { kind: 'nothing' };

export interface Clicked {
  delivery: TeamsDelivery;
  shown: Shown;
}

const MESSAGE = 'application/vnd.microsoft.activity.message';
const CARD = 'application/vnd.microsoft.card.adaptive';
const ERROR = 'application/vnd.microsoft.error';

/** Finds the action that is meant, on the first of the cards that has it; throws where none does. */
export function findAction(cards: readonly unknown[], type: string, which: Which): ShownAction {
  const fits = ({ action }: ShownAction, place: number): boolean =>
    action.type === type &&
    (which.title === undefined || action.title === which.title) &&
    (which.verb === undefined || action.verb === which.verb) &&
    (which.index === undefined || place === which.index);
  for (const card of cards) {
    const places = countedActions(card);
    const found = actionsOf(card).find((shown) => fits(shown, places.indexOf(shown.action)));
    if (found?.action.isEnabled === false) throw new Error('That button is disabled.');
    if (found) return found;
  }
  throw new Error(`There is no ${type} “${which.title ?? which.verb ?? which.index ?? ''}” on that card.`);
}

/** Clicks on an Action.Execute and shows the answer as Teams does. */
export async function click(deps: TalkDeps, how: Click): Promise<Clicked> {
  const { message } = messageScene(deps, how);
  const earlier = how.earlier ? deps.state.everShown(message.id) : [];
  const shown = findAction([seenCard(deps, how.person, message), ...earlier], 'Action.Execute', how);
  const value = { action: executed(shown.action, how.data ?? dataOf(shown, how.inputs)), trigger: 'manual' };
  const what = text(shown.action.title) || text(shown.action.verb);
  const exchange = await invoke(deps, how, { kind: 'action', what, name: 'adaptiveCard/action', value });
  return show(deps, how.person, message, exchange);
}

/**
 * Brings a message into somebody's view. Where the card lists them in `refresh.userIds`, or lists nobody in a small
 * conversation, their client asks for their own view of it, once for each edit. Null where it doesn't.
 */
export async function look(deps: TalkDeps, who: Onlooker): Promise<Clicked | null> {
  const { message, scene } = messageScene(deps, who);
  const refresh = object(object(message.card)?.refresh);
  const action = object(refresh?.action);
  if (action === null || deps.state.personalView(message.id, scene.person.id) !== null) return null;
  const { userIds } = refresh ?? {};
  const small = scene.conversation.members.length <= 60;
  const asked = Array.isArray(userIds) ? userIds.includes(scene.person.mri) : small;
  if (!asked) return null;
  const value = { action: executed(action, object(action.data) ?? {}), trigger: 'automatic' };
  const what = text(action.verb);
  const exchange = await invoke(deps, who, { kind: 'refresh', what, name: 'adaptiveCard/action', value });
  const { card, problem } = readAnswer(deps, exchange);
  if (problem !== null) explain(deps, exchange.delivery, problem);
  if (card === null) return { delivery: exchange.delivery, shown: { kind: 'nothing' } };
  deps.state.setPersonalView({ message: message.id, person: scene.person.id, card });
  return { delivery: exchange.delivery, shown: { kind: 'card', card } };
}

function executed(action: Json, data: Json): Json {
  const id = action.id === undefined ? {} : { id: action.id };
  return { type: 'Action.Execute', ...id, verb: action.verb, data };
}

function show(deps: TalkDeps, person: string, message: TeamsMessage, exchange: Exchange): Clicked {
  const { delivery } = exchange;
  const { card, notice, problem } = readAnswer(deps, exchange);
  if (card !== null) {
    deps.state.setPersonalView({ message: message.id, person, card });
    return { delivery, shown: { kind: 'card', card } };
  }
  if (problem !== null) explain(deps, delivery, problem);
  const said = notice ?? { text: WENT_WRONG, error: true };
  deps.state.addNotice({ person, message: message.id, ...said });
  return { delivery, shown: { kind: 'notice', ...said } };
}

/** A card, a notice, or what is wrong with the answer. */
interface Read {
  card: unknown;
  notice: { text: string; error: boolean } | null;
  problem: string | null;
}

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards */
function readAnswer(deps: TalkDeps, { body }: Exchange): Read {
  const answer = object(body);
  const wrong = (problem: string): Read => ({ card: null, notice: null, problem });
  if (answer === null) return wrong('The answer is no JSON object.');
  const { statusCode, type, value } = answer;
  if (statusCode === 200 && type === MESSAGE) {
    if (typeof value !== 'string' || value === '') return wrong('The message to be shown is no text.');
    return { card: null, notice: { text: value, error: false }, problem: null };
  }
  if (statusCode === 200 && type === CARD) {
    const { problems } = checkCard(value, (id) => deps.state.person(id) !== null);
    return problems.length > 0 ? wrong(problems.join(' ')) : { card: value, notice: null, problem: null };
  }
  const error = object(value);
  if (type === ERROR && (statusCode === 400 || statusCode === 500) && typeof error?.message === 'string') {
    return { card: null, notice: { text: error.message, error: true }, problem: null };
  }
  return wrong(`Teams knows no answer of type “${text(type)}” with statusCode ${String(statusCode)}.`);
}
