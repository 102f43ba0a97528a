import { type Card, person, text } from '../model/notice.ts';
import { type Request, waitingSince } from '../model/request.ts';
import { approversFor, approversKnown } from '../policy/index.ts';
import { chatOf, type Deps, listedOn } from './deps.ts';
import type { CardRow, Click, Tx } from './ports.ts';

/** So many people get a card of their own; beyond it nobody feels meant, and the platforms' limits would make it late. */
const MOST = 20;

/** Whether a card is somebody's own copy, in their private chat, and not the one in the request's channel. */
export function isCopy(card: Pick<CardRow, 'channel'>, request: Pick<Request, 'channel'>): boolean {
  return card.channel !== request.channel;
}

/**
 * Where the policy says so, each of those who may decide gets a card in their private chat, which works like the one in the channel:
 * once a round, so that after a change of the policy only those get one who didn't have it.
 */
export async function askDirectly(tx: Tx, deps: Deps, request: Request): Promise<void> {
  const policy = deps.policy();
  const { id: requestId, platform, terms } = request;
  if (policy.notify.approvers !== 'direct' || terms === null) return;
  const chat = chatOf(deps, platform);
  const people = approversFor(policy, terms, platform, request.requester, listedOn(deps, platform));
  for (const { id } of people.slice(0, MOST)) {
    const { channel, place } = chat.direct(id);
    const copy = { requestId, round: request.round, since: waitingSince(request), platform, channel, place };
    if (!(await tx.insertCopy(copy))) continue;
    await tx.enqueue({ queue: `report.${platform}`, id: `${platform}|${channel}` });
  }
}

/**
 * Whether this copy is of somebody who may decide by the policy in force. Where nobody could list all who may, it stays as it is: the
 * click tells.
 */
export function isApproversCopy(deps: Deps, request: Request, copy: Pick<CardRow, 'channel'>): boolean {
  const { platform, terms, requester } = request;
  if (terms === null) return false;
  const policy = deps.policy();
  const listed = listedOn(deps, platform);
  if (!approversKnown(policy, terms, platform, listed)) return true;
  const chat = chatOf(deps, platform);
  return approversFor(policy, terms, platform, requester, listed).some(
    ({ id }) => chat.direct(id).channel === copy.channel,
  );
}

/** The card as it stands in an approver's private chat: its buttons in the open, and nobody called. Who decides no more keeps no button for it. */
export function copyOf(card: Card, decides: boolean): Card {
  const footer = card.footer.map((words) =>
    words.map((span) => (span.kind === 'person' ? { ...span, mention: false } : span)),
  );
  const without = decides ? ['withdraw'] : ['withdraw', 'approve', 'deny', 'reviewed'];
  const buttons = card.buttons.filter(({ action }) => !without.includes(action));
  return { ...card, footer, buttons, audience: null };
}

/** Whether somebody clicked on their own copy of the card, in their private chat. */
export async function clickedOnCopy(deps: Deps, request: Request, click: Click): Promise<boolean> {
  if (click.channel === request.channel || click.person.platform !== request.platform) return false;
  const chat = chatOf(deps, request.platform);
  const { channel } = chat.direct(click.person.id);
  const cards = await deps.store.cardsOf(request.id);
  return cards.some(
    (card) => card.channel === channel && card.posted !== null && chat.standsIn(card.posted.message, click.channel),
  );
}

/** Somebody who can't be reached in private is called in the thread instead, once a round, while there is something to decide. */
export async function callInstead(tx: Tx, deps: Deps, request: Request, copy: Pick<CardRow, 'channel'>): Promise<void> {
  const { platform, terms } = request;
  if (request.status !== 'waiting' || terms === null) return;
  const chat = chatOf(deps, platform);
  const people = approversFor(deps.policy(), terms, platform, request.requester, listedOn(deps, platform));
  const who = people.find(({ id }) => chat.direct(id).channel === copy.channel);
  if (who === undefined) return;
  await tx.insertReply({
    requestId: request.id,
    key: `direct:${request.round}:${who.id}`,
    channel: request.channel,
    reply: {
      text: [
        person({ platform, id: who.id, name: '' }, true),
        text(' I can’t write to you in private, so please look here.'),
      ],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
}
