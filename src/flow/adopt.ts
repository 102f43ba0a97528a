import type { Person } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { judgePerson } from '../policy/index.ts';
import { wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import type { Click, Tx } from './ports.ts';

/**
 * Whether somebody clicked on a message of ours, in the request's channel, that is none of its cards as far as is known: a post that got
 * no answer, arrived, and was repeated.
 */
export async function isStray(deps: Deps, request: Request, click: Click): Promise<boolean> {
  const { shownOn } = click;
  if (shownOn === undefined || click.channel !== request.channel || click.person.platform !== request.platform)
    return false;
  const cards = await deps.store.cardsOf(request.id);
  return cards.every(({ posted }) => posted?.message !== shownOn.message);
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
