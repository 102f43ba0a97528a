import { ChatError } from '../../errors.ts';
import { isCopy } from '../direct.ts';
import { blockSending, takeTurn } from '../pace.ts';
import type { CardRow, Claimed, ReplyRow } from '../ports.ts';
import { isOfTheChannel, noteTrouble, stillIn, takesAgain } from './channel-trouble.ts';
import { doubtsOf, settleDoubt } from './doubt.ts';
import { replyNow } from './reply-now.ts';
import { type At, type Step, tooLate, wholeOrPlain } from './step.ts';
import { notSaid, replaced, tellRequester } from './tell-requester.ts';
import { doubtWait, HELP_WAIT, RETRY_WAIT, refusedWait } from './waits.ts';

/** A reply isn't repeated: one that may have arrived is tried once more, and then it counts as said. */
const ENOUGH = 2;
/** What can't be said for so long isn't news any more, and its card says the same. Milliseconds. */
const WORTH_SAYING = 24 * 3_600_000;

/** Says a reply in its request's thread. */
export async function sayReply(at: At, row: ReplyRow): Promise<Step> {
  const { deps } = at;
  const thread = await threadOf(at, row.requestId);
  if (thread === null) return 'nothing';
  const waiting = stillIn(deps, at.troubles.post);
  if (waiting !== null) {
    // One that a sender who died was about to say may have arrived all the same.
    await putOff(at, row, { until: waiting.until, doubts: doubtsOf(row) });
    await tellRequester(deps, notSaid(at.chat, row, waiting));
    return 'something';
  }
  const doubts = await toSay(at, row, thread);
  return doubts === null ? 'something' : send(at, row, doubts, thread);
}

/** Null when nothing is to be said now; else how often it may have been said, which nothing could settle. */
async function toSay({ deps, chat }: At, row: ReplyRow, thread: string): Promise<number | null> {
  const doubts = doubtsOf(row);
  if (doubts === 0) return 0;
  const settled = await settleDoubt(chat, { place: row.channel, thread, mark: row.id, since: row.createdAt });
  if (settled === 'not_there') return 0;
  if (settled === 'not_told' && doubts < ENOUGH) return doubts;
  const now = deps.clock.now();
  const wait = { state: 'pending', doubts, notBefore: now + doubtWait(now - row.createdAt) } as const;
  await deps.store.sender.saveReply(row.id, settled === 'down' ? wait : { state: 'posted', doubts }, row);
  return null;
}

async function send(at: At, row: ReplyRow, doubts: number, thread: string): Promise<Step> {
  const { deps, chat } = at;
  const take = () => takeTurn(deps, chat, row.channel, 'post');
  const turn = await take();
  if (turn === null) return 'pause';
  const reply = await replyNow(deps, row);
  if (reply === null) {
    await putOff(at, row, { until: deps.clock.now() + HELP_WAIT, doubts });
    return 'something';
  }
  const claim = { doubts, notBefore: deps.clock.now() + HELP_WAIT };
  if (!(await deps.store.sender.claimReply(row, claim))) return 'something';
  const claimed = { ...row, ...claim, state: 'posting' as const };
  try {
    await wholeOrPlain({ turn, take }, (plain) => chat.reply(thread, reply, { mark: row.id, plain }));
    if (!(await deps.store.sender.saveReply(row.id, { state: 'posted', notBefore: 0 }, claimed))) tooLate(deps, row);
    await takesAgain(deps, chat, { channel: row.channel, sending: 'post' }, at.troubles);
  } catch (error) {
    await replyTrouble(at, claimed, thread, error);
  }
  return 'something';
}

/** `row`: as claimed. */
async function replyTrouble(at: At, row: ReplyRow, thread: string, error: unknown): Promise<void> {
  if (!(error instanceof ChatError)) throw error;
  const { deps, chat } = at;
  const facts = { request: row.requestId, reply: row.key, code: error.code, reason: error.reason };
  deps.log.warn(facts, 'a reply could not be posted');
  const now = deps.clock.now();
  const save = (change: Partial<Claimed<ReplyRow>>) => deps.store.sender.saveReply(row.id, change, row);
  const wait = error.retryAfter ?? RETRY_WAIT;
  switch (error.code) {
    case 'chat_unclear':
      await save({ state: 'pending', doubts: row.doubts + 1, notBefore: now + doubtWait(now - row.createdAt) });
      return;
    case 'chat_gone':
      return moveThread(at, row, thread, error);
    case 'chat_blocked':
      await save({ state: 'posted' });
      return;
    case 'chat_throttled':
      await blockSending(deps, chat, row.channel, 'post', wait);
      await save({ state: 'pending', notBefore: now + wait });
      return;
    case 'chat_unreachable':
      await save({ state: 'pending', notBefore: now + wait });
      return;
    default:
      await refused(at, row, error);
  }
}

async function refused(at: At, row: ReplyRow, error: ChatError): Promise<void> {
  const { deps, chat } = at;
  const now = deps.clock.now();
  const where = { channel: row.channel, sending: 'post' as const };
  const trouble = isOfTheChannel(error) ? await noteTrouble(deps, chat, where, error) : null;
  await putOff(at, row, { until: trouble?.until ?? now + refusedWait(now - row.createdAt, error), doubts: row.doubts });
  await tellRequester(deps, notSaid(chat, row, trouble ?? error));
}

async function putOff(
  { deps }: At,
  row: ReplyRow,
  { until, doubts }: { until: number; doubts: number },
): Promise<void> {
  const old = deps.clock.now() - row.createdAt > WORTH_SAYING;
  const wait = { state: 'pending', doubts, notBefore: until } as const;
  await deps.store.sender.saveReply(row.id, old ? { state: 'posted' } : wait, row);
}

/** The oldest card has the thread, also where it can't be edited any more; one whose thread is gone has none. */
async function threadOf(at: At, requestId: string): Promise<string | null> {
  const own = await ownCards(at, requestId);
  return own.find(hasThread)?.posted?.thread ?? null;
}

async function ownCards({ deps }: At, requestId: string): Promise<CardRow[]> {
  const cards = await deps.store.cardsOf(requestId);
  const request = await deps.store.transaction((tx) => tx.request(requestId));
  return cards.filter((card) => request !== null && !isCopy(card, request));
}

const hasThread = ({ posted }: CardRow): boolean => posted !== null && posted.thread !== null;
const lostThread = ({ posted }: CardRow): boolean => posted !== null && posted.thread === null;

/**
 * Nobody can reply in the card's thread any more: another card has it from now on, posted for it where there is none. That is done once for
 * a request, since a channel may take no replies at all. The old card stays one that is edited: it may well stand.
 */
async function moveThread(at: At, row: ReplyRow, thread: string, error: ChatError): Promise<void> {
  const { deps, chat } = at;
  const cards = await ownCards(at, row.requestId);
  const lost = cards.find((card) => card.posted?.thread === thread);
  const rest = cards.filter((card) => card !== lost);
  const another = rest.some((card) => hasThread(card) || (card.posted === null && card.state !== 'gone'));
  if (lost?.posted && !another && rest.some(lostThread)) return refused(at, row, error);
  if (lost?.posted) {
    const { requestId, platform, channel, place } = lost;
    // The new one first: a kill in between leaves one too many, never none.
    if (!another) await deps.store.transaction((tx) => tx.insertCard({ requestId, platform, channel, place }));
    await deps.store.sender.saveCard(lost.id, { posted: { thread: null, message: lost.posted.message } });
    if (!another) await tellRequester(deps, replaced(chat, row, error));
  }
  await deps.store.sender.saveReply(row.id, { state: 'pending', notBefore: deps.clock.now() + RETRY_WAIT }, row);
}
