import type { Audience, ButtonAction, Card } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import { judgePerson } from '../policy/index.ts';
import { chatOf, type Deps } from './deps.ts';
import { render } from './render.ts';

/** Buttons that are for some only, while a request waits. */
const FOR: Partial<Record<ButtonAction, (audience: Audience, id: string) => boolean>> = {
  approve: (audience, id) => audience.approvers.includes(id),
  deny: (audience, id) => audience.approvers.includes(id),
  withdraw: (audience, id) => audience.requester === id,
};

/**
 * The newest card with the buttons that are for this person, where it is shown: in the request's own channel. Null where there
 * is none, or where they may not read about requests. Hiding a button is display; clicks are judged all the same.
 */
export async function cardFor(
  deps: Deps,
  asked: { requestId: string; person: PersonRef; channel: string | null },
): Promise<Card | null> {
  const request = await deps.store.transaction((tx) => tx.request(asked.requestId));
  if (request === null || request.platform !== asked.person.platform || request.channel !== asked.channel) return null;
  const person = await chatOf(deps, request.platform).lookUp(asked.person, { fresh: false });
  if (!judgePerson('read', { policy: deps.policy(), person }).ok) return null;
  const card = await render(deps, request.id);
  if (card === null || card.audience === null) return card;
  const { audience } = card;
  return { ...card, buttons: card.buttons.filter((button) => FOR[button.action]?.(audience, asked.person.id) ?? true) };
}
