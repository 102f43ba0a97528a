import { ChatError } from '../../errors.ts';
import { blockSending, takeTurn } from '../pace.ts';
import type { CardRow } from '../ports.ts';
import { type CardNow, cardNow, lookedAt, putAside } from './card-now.ts';
import { isOfTheChannel, noteTrouble, stillIn, takesAgain } from './channel-trouble.ts';
import { stopWriting } from './post-card.ts';
import { type At, type Step, wholeOrPlain } from './step.ts';
import { notEdited, replaced, tellRequester } from './tell-requester.ts';
import { RETRY_WAIT, refusedWait, unansweredWait } from './waits.ts';

/** One card is edited at most this often: what comes faster is shown in one edit. */
export const EDIT_EVERY = 1_000;

const UNANSWERED: ReadonlySet<ChatError['code']> = new Set(['chat_unreachable', 'chat_unclear']);

/** Has a card that stands show the newest state. */
export async function editCard(at: At, row: CardRow, message: string): Promise<Step> {
  const { deps, chat } = at;
  const now = await cardNow(deps, row);
  if (now === null) return putAside(deps, row);
  if (now.digest === row.digest) {
    await deps.store.sender.saveCard(row.id, lookedAt(row, now));
    return now.again === null ? 'something' : 'looked';
  }
  const waiting = stillIn(deps, at.troubles.edit);
  if (waiting !== null) {
    await deps.store.sender.saveCard(row.id, { notBefore: waiting.until });
    if (!now.copy) await tellRequester(deps, notEdited(chat, row, waiting));
    return 'something';
  }
  const take = () => takeTurn(deps, chat, row.channel, now.awaited ? 'edit' : 'tick');
  const turn = await take();
  if (turn === null) return 'pause';
  let did: Step = 'something';
  try {
    await wholeOrPlain({ turn, take }, (plain) => chat.edit(message, now.card, { plain }));
    // Whoever edited last is right about what it shows, also a late one: it is edited once more then.
    const notBefore = deps.clock.now() + EDIT_EVERY;
    await deps.store.sender.saveCard(row.id, { notBefore, ...lookedAt(row, now), digest: now.digest });
    deps.metrics.reportLag(chat.platform, (deps.clock.now() - row.touchedAt) / 1000);
    await takesAgain(deps, chat, { channel: row.channel, sending: 'edit' }, at.troubles);
  } catch (error) {
    await editTrouble(at, row, now, error);
    if (error instanceof ChatError && UNANSWERED.has(error.code)) did = 'unanswered';
  }
  return did;
}

async function editTrouble(at: At, row: CardRow, now: CardNow, error: unknown): Promise<void> {
  if (!(error instanceof ChatError)) throw error;
  const { deps, chat } = at;
  deps.log.warn({ request: row.requestId, code: error.code, reason: error.reason }, 'a card could not be edited');
  const later = (wait: number) => deps.store.sender.saveCard(row.id, { notBefore: deps.clock.now() + wait });
  switch (error.code) {
    case 'chat_blocked':
      return isExtra(row, now) ? letGo(at, row) : stopWriting(at, row, error);
    case 'chat_gone':
      return isExtra(row, now) ? letGo(at, row) : replace(at, row, error);
    case 'chat_throttled':
      await blockSending(deps, chat, row.channel, 'edit', error.retryAfter ?? RETRY_WAIT);
      await later(error.retryAfter ?? RETRY_WAIT);
      return;
    case 'chat_unreachable':
    case 'chat_unclear':
      await later(error.retryAfter ?? unansweredWait(deps.clock.now() - row.touchedAt));
      return;
    default:
      await refused(at, row, now, error);
  }
}

async function refused(at: At, row: CardRow, now: CardNow, error: ChatError): Promise<void> {
  const { deps, chat } = at;
  const whole = isOfTheChannel(error);
  if (!whole && isTakenIn(row)) return letGo(at, row);
  const time = deps.clock.now();
  const where = { channel: row.channel, sending: 'edit' as const };
  const trouble = whole ? await noteTrouble(deps, chat, where, error) : null;
  const until = trouble?.until ?? time + refusedWait(time - row.touchedAt, error);
  await deps.store.sender.saveCard(row.id, { notBefore: until });
  if (!now.copy) await tellRequester(deps, notEdited(chat, row, trouble ?? error));
}

/** A message that somebody clicked on and no card knew, never edited since: whose it is shows when Slack lets it be edited. */
function isTakenIn(row: CardRow): boolean {
  return row.digest === null;
}

/** Nobody misses it: an approver's own copy, or a message that was taken in at a click. */
function isExtra(row: CardRow, now: CardNow): boolean {
  return now.copy || isTakenIn(row);
}

async function letGo({ deps }: At, row: CardRow): Promise<void> {
  await deps.store.sender.saveCard(row.id, { state: 'gone' });
}

/** Deleted by somebody, or no longer ours to edit: a fresh card takes its place; the thread stays while it takes replies. */
async function replace(at: At, row: CardRow, error: ChatError): Promise<void> {
  const { deps, chat } = at;
  const { requestId, platform, channel, place } = row;
  const others = await deps.store.cardsOf(requestId);
  const another = others.some((card) => card.id !== row.id && card.channel === channel && card.state !== 'gone');
  // The new one first: a kill in between leaves one too many, never none.
  if (!another) await deps.store.transaction((tx) => tx.insertCard({ requestId, platform, channel, place }));
  await letGo(at, row);
  if (!another) await tellRequester(deps, replaced(chat, row, error));
}
