import type { ButtonAction } from '../../../src/model/notice.ts';
import { actionsOf } from '../../../src/playground/teams-channel/card-parts.ts';
import {
  CONVERSATIONS,
  mriOf,
  PEOPLE,
  personalChat,
  type TeamsChannel,
  type TeamsMessage,
} from '../../../src/playground/teams-channel/index.ts';
import { createSide, type Seen, type Side } from './side.ts';

const CHANNEL = CONVERSATIONS.soc;

/** Teams, in the channel soc. */
export function teamsSide(teams: TeamsChannel): Side {
  const messages = (conversation: string) =>
    teams.state().messages.filter((one) => one.from === 'bot' && one.conversation === conversation);
  const cards = (id: string) => messages(CHANNEL).filter((one) => requestOf(one) === id);
  const newest = (id: string): TeamsMessage => {
    const card = cards(id).at(-1);
    if (card === undefined) throw new Error(`${id} has no card in Teams`);
    return card;
  };
  return createSide({
    platform: 'teams',
    id: (who) => PEOPLE[who],
    type(who, words, thread) {
      const root = thread === undefined ? null : rootOf(newest(thread));
      return teams.say({ person: PEOPLE[who], conversation: CHANNEL, text: `@Live Response ${words}`, root });
    },
    async press(who, id, button, why) {
      const message = newest(id).id;
      // Those to whom the card offers a view of their own click on that.
      await teams.look({ person: PEOPLE[who], message });
      const words = button === 'deny' ? (why ?? 'Not now') : why;
      const inputs = words === undefined ? {} : { inputs: { why: words } };
      // Also what they were not meant to see: a client can send any button of the message.
      const { shown } = await teams.click({ person: PEOPLE[who], message, verb: button, earlier: true, ...inputs });
      if (shown.kind !== 'notice') throw new Error(`${who} was shown ${JSON.stringify(shown)}`);
      return shown.text;
    },
    async pressPrivately(who, id, button) {
      const asked = messages(personalChat(PEOPLE[who])).findLast(
        (one) => seen(one).buttons.includes(button) && wordsOf(one).includes(id),
      );
      if (asked === undefined) throw new Error(`${who} was not asked about ${id}`);
      return teams.click({ person: PEOPLE[who], message: asked.id, verb: button });
    },
    cards: (id) => cards(id).map(seen),
    requests: () => [...new Set(messages(CHANNEL).flatMap((one) => requestOf(one) ?? []))],
    thread(id) {
      const roots = cards(id).map(rootOf);
      return messages(CHANNEL)
        .filter((one) => one.root !== null && roots.includes(one.root) && requestOf(one) === null)
        .map(seen);
    },
    whispers: (who) =>
      messages(personalChat(PEOPLE[who])).map((one) => ({ text: wordsOf(one), raw: JSON.stringify(one) })),
    throttled: () => teams.state().calls.filter(({ status }) => status === 429).length,
    waitFor: (look, within) => teams.waitFor(look, within),
  });
}

/** The message with which a message's thread begins. */
export const rootOf = ({ id, root }: Pick<TeamsMessage, 'id' | 'root'>): string => root ?? id;

const wordsOf = ({ summary, text }: TeamsMessage): string => summary ?? text ?? '';

/** The request whose card this is. */
export function requestOf({ card }: Pick<TeamsMessage, 'card'>): string | null {
  const { fallbackText } = (card ?? {}) as { fallbackText?: string };
  return /^Live response (LR-[0-9A-Z]{6})\./.exec(fallbackText ?? '')?.[1] ?? null;
}

function seen(message: TeamsMessage): Seen {
  const raw = JSON.stringify([message.card, message.entities]);
  const people = Object.values(PEOPLE);
  const mentioned = [...raw.matchAll(/"mentioned":\{"id":"([^"]+)"/g)].map(([, id]) => id);
  const executes = actionsOf(message.card).filter(({ action }) => action.type === 'Action.Execute');
  return {
    text: wordsOf(message),
    buttons: executes.map(({ action }) => action.verb as ButtonAction),
    calls: people.filter((id) => mentioned.includes(id) || mentioned.includes(mriOf(id))),
  };
}
