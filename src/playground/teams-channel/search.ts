import { datasetsOf } from './card-parts.ts';
import type { Oddity } from './deliver.ts';
import type { Filled } from './inputs.ts';
import { type Exchange, explain, invoke, seenCard } from './invoke.ts';
import { object, objects, text } from './json.ts';
import type { TalkDeps } from './talk.ts';
import type { TeamsDelivery } from './view.ts';

/** Somebody types into a list that searches. */
export interface Search {
  person: string;
  /** The data set that the input names. */
  dataset: string;
  query: string;
  skip?: number;
  top?: number;
  /** What stands in the other inputs; sent where the input asks for them. */
  inputs?: Filled;
  /** The message whose card has the input; the open dialog unless set. */
  message?: string;
  oddity?: Oddity;
}

export interface Found {
  delivery: TeamsDelivery;
  /** What the list shows: at most `top`. */
  results: { title: string; value: string }[];
}

/** Teams asks for so many, and shows no more. */
const MOST = 15;
const RESPONSE = 'application/vnd.microsoft.search.searchResponse';

/** Asks the bot for choices. Throws where no such list is in view. */
export async function search(deps: TalkDeps, how: Search): Promise<Found> {
  const dialog = deps.state.dialog(how.person);
  const message = deps.state.message(how.message ?? dialog?.message ?? '');
  if (message === null) throw new Error('Neither a dialog nor a card is in view.');
  const card = how.message === undefined ? dialog?.card : seenCard(deps, how.person, message);
  const found = datasetsOf(card).find(({ query }) => query.dataset === how.dataset);
  if (found === undefined) throw new Error(`No input searches in “${how.dataset}”.`);
  const value = {
    queryText: how.query,
    queryOptions: { skip: how.skip ?? 0, top: how.top ?? MOST },
    dataset: how.dataset,
    ...(found.query.associatedInputs === 'auto' ? { data: { ...how.inputs } } : {}),
  };
  const who = { person: how.person, message: message.id, ...(how.oddity ? { oddity: how.oddity } : {}) };
  const exchange = await invoke(deps, who, { kind: 'search', what: how.query, name: 'application/search', value });
  const results = readResults(deps, exchange);
  return { delivery: exchange.delivery, results: results.slice(0, value.queryOptions.top) };
}

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
function readResults(deps: TalkDeps, { delivery, body }: Exchange): Found['results'] {
  const answer = object(body);
  const list = object(answer?.value)?.results;
  if (answer?.statusCode !== 200 || answer.type !== RESPONSE || !Array.isArray(list)) {
    explain(deps, delivery, `The answer is no ${RESPONSE}.`);
    return [];
  }
  const results = objects(list).map(({ title, value }) => ({ title: text(title), value: text(value) }));
  const whole = results.filter(({ title, value }) => title !== '' && value !== '');
  if (whole.length < list.length) explain(deps, delivery, 'A result lacks its title or its value.');
  if (list.length > MOST) explain(deps, delivery, `More than ${MOST} results: the rest is never shown.`);
  return whole;
}
