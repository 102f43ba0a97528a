import type { Person } from '../model/person.ts';
import type { Request, Time } from '../model/request.ts';
import { judgePerson } from '../policy/index.ts';
import { wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import type { CardRow, Click, Tx } from './ports.ts';

/**
 * Whether somebody clicked on a message of ours, in the request's channel, that is none of its cards as far as is known: a post that got
 * no answer, arrived, and was repeated. While one is being posted, it may be that one, seen before its answer came.
 */
export async function isStray(deps: Deps, request: Request, click: Click): Promise<boolean> {
  const { shownOn } = click;
  if (shownOn === undefined || click.channel !== request.channel || click.person.platform !== request.platform)
    return false;
  const cards = await deps.store.cardsOf(request.id);
  const now = deps.clock.now();
  return cards.every((card) => isAnother(card, shownOn.message) && !isBeingPosted(card, request.channel, now));
}

/** One that was taken in and let go before it was edited may be taken in again: what refused it may be over. */
function isAnother({ posted, state, digest }: CardRow, message: string): boolean {
  return posted?.message !== message || (state === 'gone' && digest === null);
}

/** Until its claim has run out; see claimCard. */
function isBeingPosted({ state, channel, notBefore }: CardRow, where: string, now: Time): boolean {
  return state === 'posting' && channel === where && notBefore > now;
}

/**
 * It becomes a card of the request, so that it shows the newest state from now on instead of an old one. Editing it shows whose it is:
 * platforms let a bot edit its own messages only, and one that isn't is let go.
 */
export async function adopt(tx: Tx, deps: Deps, request: Request, click: Click, person: Person): Promise<void> {
  const { shownOn } = click;
  if (shownOn === undefined || !judgePerson('read', { policy: deps.policy(), person }).ok) return;
  const { id: requestId, platform, channel, place } = request;
  if (!(await tx.adoptCard({ requestId, platform, channel, place }, shownOn))) return;
  await tx.audit({ actor: 'bot', action: 'card.adopted', requestId });
  await wakeReport(tx, request);
}
