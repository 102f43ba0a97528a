import type { Suggestion } from '../../flow/suggest.ts';
import { type PrivateAnswer, plain } from '../../model/notice.ts';
import { spokenAnswer } from './render.ts';
import type { AdaptiveCard } from './wire-card.ts';

/** How an inbound call is answered. */
export interface HttpAnswer {
  status: number;
  /** JSON; nothing for null. */
  body: object | null;
}

export const OK: HttpAnswer = { status: 200, body: null };

/** Teams shows the clicker a message. The HTTP status is 200 whatever the message says: others are shown as “Something went wrong”. */
export function message(words: PrivateAnswer | string): HttpAnswer {
  const value = typeof words === 'string' ? words : spokenAnswer(words);
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value } };
}

/** The clicker alone sees this card in the place of the one that everybody sees. */
export function personalCard(card: AdaptiveCard): HttpAnswer {
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card } };
}

/** The client keeps what it shows. */
export function nothingToShow(): HttpAnswer {
  const value = { code: 'NotFound', message: 'There is no such card any more.' };
  return { status: 200, body: { statusCode: 400, type: 'application/vnd.microsoft.error', value } };
}

/** Choices of a typeahead. */
export function choices(results: readonly Suggestion[]): HttpAnswer {
  const titled = results.map(({ name, facts, value }) => ({
    title: facts === '' ? name : `${name} · ${facts}`,
    value,
  }));
  const value = { results: titled };
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value } };
}

/** Shows a dialog, or shows it again. */
export function dialog(title: string, card: AdaptiveCard): HttpAnswer {
  const content = { contentType: 'application/vnd.microsoft.card.adaptive', content: card };
  return {
    status: 200,
    body: { task: { type: 'continue', value: { title, height: 'large', width: 'medium', card: content } } },
  };
}

/** Ends a dialog with a message. */
export function dialogEnds(words: PrivateAnswer): HttpAnswer {
  return { status: 200, body: { task: { type: 'message', value: words.lines.map(plain).join(' ') } } };
}
