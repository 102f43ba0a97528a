import { ChatError } from '../../errors.ts';
import { isCopy } from '../direct.ts';
import { blockSending, takeTurn } from '../pace.ts';
import type { Claimed, ReplyRow } from '../ports.ts';
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
    await putOff(at, row, waiting.until);
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
  const claim = { doubts, notBefore: deps.clock.now() + HELP_WAIT };
  if (!(await deps.store.sender.claimReply(row, claim))) return 'something';
  const claimed = { ...row, ...claim, state: 'posting' as const };
  try {
    await wholeOrPlain(take, (plain) => chat.reply(thread, reply, { mark: row.id, plain }));
    if (!(await deps.store.sender.saveReply(row.id, { state: 'posted', notBefore: 0 }, claimed))) tooLate(deps, row);
    await takesAgain(deps, chat, { channel: row.channel, sending: 'post' }, at.troubles);
  } catch (error) {
    await replyTrouble(at, claimed, thread, error);
  }
  await turn.made();
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
  const whole = isOfTheChannel(error);
  const until = whole
    ? (await noteTrouble(deps, chat, { channel: row.channel, sending: 'post' }, error)).until
    : now + refusedWait(now - row.createdAt, error);
  await putOff(at, row, until);
  await tellRequester(deps, notSaid(chat, row, error));
}

async function putOff({ deps }: At, row: ReplyRow, until: number): Promise<void> {
  const old = deps.clock.now() - row.createdAt > WORTH_SAYING;
  await deps.store.sender.saveReply(row.id, old ? { state: 'posted' } : { state: 'pending', notBefore: until }, row);
}

/** The oldest card has the thread, also where it can't be edited any more; one whose thread is gone has none. */
async function threadOf({ deps }: At, requestId: string): Promise<string | null> {
  const cards = await deps.store.cardsOf(requestId);
  const request = await deps.store.transaction((tx) => tx.request(requestId));
  const own = cards.filter((card) => request !== null && !isCopy(card, request));
  return own.find((card) => card.posted !== null)?.posted?.thread ?? null;
}

/** Somebody deleted the card whose thread this was: a fresh card takes its place, and the reply goes there. */
async function moveThread(at: At, row: ReplyRow, thread: string, error: ChatError): Promise<void> {
  const { deps, chat } = at;
  const cards = await deps.store.cardsOf(row.requestId);
  const lost = cards.find((card) => card.posted?.thread === thread);
  if (lost !== undefined) {
    const { requestId, platform, channel, place } = lost;
    const another = cards.some((card) => card.id !== lost.id && card.channel === channel && card.state !== 'gone');
    if (!another) await deps.store.transaction((tx) => tx.insertCard({ requestId, platform, channel, place }));
    await deps.store.sender.saveCard(lost.id, { state: 'gone', posted: null });
    if (!another) await tellRequester(deps, replaced(chat, row, error));
  }
  await deps.store.sender.saveReply(row.id, { state: 'pending', notBefore: deps.clock.now() + RETRY_WAIT }, row);
}
