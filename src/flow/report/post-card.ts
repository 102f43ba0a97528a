import { ChatError } from '../../errors.ts';
import { wakeReport } from '../changes.ts';
import { callInstead, isCopy } from '../direct.ts';
import { blockSending, takeTurn } from '../pace.ts';
import type { CardRow, Claimed } from '../ports.ts';
import { type CardNow, cardNow, lookedAt, putAside } from './card-now.ts';
import { isOfTheChannel, noteTrouble, stillIn, takesAgain } from './channel-trouble.ts';
import { doubtsOf, settleDoubt } from './doubt.ts';
import { type At, type Step, tooLate, wholeOrPlain } from './step.ts';
import { notPosted, stopped, tellRequester, unclearCard } from './tell-requester.ts';
import { doubtWait, HELP_WAIT, RETRY_WAIT, refusedWait } from './waits.ts';

/** After so many posts without an answer, where nobody can look, the bot posts the card no more by itself. */
const ENOUGH = 2;

/** Posts a card, once as far as can be known. */
export async function postCard(at: At, row: CardRow): Promise<Step> {
  const { deps, troubles } = at;
  const now = await cardNow(deps, row);
  if (now === null) return putAside(deps, row);
  const waiting = stillIn(deps, troubles.post);
  if (waiting !== null && !now.copy) {
    if (await deps.store.sender.saveCard(row.id, { notBefore: waiting.until }, row))
      await tellRequester(deps, notPosted(at.chat, row, waiting));
    return 'something';
  }
  const doubts = await toPost(at, row, now);
  return doubts === null ? 'something' : send(at, { ...row, doubts }, row, now);
}

/** Null when nothing is to be posted now; else how many posts may have arrived, which nothing could settle. */
async function toPost(at: At, row: CardRow, now: CardNow): Promise<number | null> {
  const { deps, chat } = at;
  const doubts = doubtsOf(row);
  if (doubts === 0) return 0;
  const save = (change: Partial<CardRow>) => deps.store.sender.saveCard(row.id, change, row);
  if (await standsSince(at, row)) {
    await save({ state: 'gone', doubts });
    return null;
  }
  const settled = await settleDoubt(chat, { place: row.place, thread: null, mark: row.id, since: row.createdAt });
  if (settled === 'down') {
    const age = deps.clock.now() - row.createdAt;
    await save({ state: 'pending', doubts, notBefore: deps.clock.now() + doubtWait(age) });
    return null;
  }
  if (settled === 'not_there') return 0;
  if (settled === 'not_told') {
    // Where nobody can tell whether the platform answers, nothing lost weighs more than a card twice.
    if (doubts < ENOUGH || chat.isUp === undefined) return doubts;
    await giveUp(at, row, doubts, now);
    return null;
  }
  // It shows what was true then: due for an edit.
  if (await save({ state: 'posted', posted: settled, shown: 0, digest: FOUND, notBefore: 0 }))
    deps.metrics.reportLag(chat.platform, (deps.clock.now() - row.touchedAt) / 1000);
  return null;
}

const FOUND = 'found';

/** Another card of the request has come to stand there since: somebody clicked on the one in doubt, or had another posted. */
async function standsSince({ deps }: At, row: CardRow): Promise<boolean> {
  const cards = await deps.store.cardsOf(row.requestId);
  return cards.some(
    ({ id, state, channel, createdAt }) =>
      id !== row.id && state === 'posted' && channel === row.channel && createdAt > row.createdAt,
  );
}

async function send(at: At, row: CardRow, read: CardRow, now: CardNow): Promise<Step> {
  const { deps, chat } = at;
  const take = () => takeTurn(deps, chat, row.channel, 'post');
  const turn = await take();
  if (turn === null) return 'pause';
  const claim = { doubts: row.doubts, notBefore: deps.clock.now() + HELP_WAIT };
  if (!(await deps.store.sender.claimCard(read, claim))) return 'something';
  const claimed = { ...row, ...claim, state: 'posting' as const };
  // A copy's id names a person, and the mark is readable for other apps.
  const mark = now.copy ? {} : { mark: row.id };
  try {
    const posted = await wholeOrPlain({ turn, take }, (plain) => chat.post(row.place, now.card, { ...mark, plain }));
    const shows = { notBefore: 0, ...lookedAt(row, now), digest: now.digest };
    if (await deps.store.sender.saveCard(row.id, { state: 'posted', posted, ...shows }, claimed))
      deps.metrics.reportLag(chat.platform, (deps.clock.now() - row.touchedAt) / 1000);
    else tooLate(deps, row);
    await takesAgain(deps, chat, { channel: row.channel, sending: 'post' }, at.troubles);
  } catch (error) {
    await postTrouble(at, claimed, now, error);
  }
  return 'something';
}

/** `row`: as claimed. */
async function postTrouble(at: At, row: CardRow, { copy }: CardNow, error: unknown): Promise<void> {
  if (!(error instanceof ChatError)) throw error;
  const { deps, chat } = at;
  deps.log.warn({ request: row.requestId, code: error.code, reason: error.reason }, 'a card could not be posted');
  const now = deps.clock.now();
  const age = now - row.createdAt;
  const again = (change: Partial<Claimed<CardRow>>) =>
    deps.store.sender.saveCard(row.id, { state: 'pending', ...change }, row);
  switch (error.code) {
    case 'chat_unclear':
      await again({ doubts: row.doubts + 1, notBefore: now + doubtWait(age) });
      return;
    case 'chat_blocked':
      return copy ? noCopy(at, row, error.code) : stopWriting(at, row, error);
    case 'chat_throttled':
    case 'chat_unreachable':
      await again({ notBefore: now + (error.retryAfter ?? RETRY_WAIT) });
      if (error.code === 'chat_throttled')
        await blockSending(deps, chat, row.channel, 'post', error.retryAfter ?? RETRY_WAIT);
      return;
    default: {
      if (copy) return noCopy(at, row, error.code);
      const where = { channel: row.channel, sending: 'post' as const };
      const trouble = isOfTheChannel(error) ? await noteTrouble(deps, chat, where, error) : null;
      const until = trouble?.until ?? now + refusedWait(age, error);
      if (await again({ notBefore: until })) await tellRequester(deps, notPosted(chat, row, trouble ?? error));
    }
  }
}

/** It stands there or it doesn't: who asked can see that, and has another posted with “show”. */
async function giveUp(at: At, row: CardRow, doubts: number, { copy }: CardNow): Promise<void> {
  const { deps, chat } = at;
  deps.log.warn({ request: row.requestId }, 'a card was posted twice without an answer, and is left to its requester');
  if (copy) return noCopy(at, row, 'chat_unclear');
  if (!(await deps.store.sender.saveCard(row.id, { state: 'gone', doubts }, row))) return tooLate(deps, row);
  await tellRequester(deps, unclearCard(chat, row));
}

/** An approver's own copy that can't be posted, or is gone, isn't tried for ever: they are called in the thread instead. */
async function noCopy({ deps }: At, row: CardRow, code: ChatError['code']): Promise<void> {
  if (!(await deps.store.sender.saveCard(row.id, { state: 'gone' }, row))) return tooLate(deps, row);
  await deps.store.transaction(async (tx) => {
    const request = await tx.request(row.requestId);
    if (request === null || !isCopy(row, request)) return;
    await tx.audit({ actor: 'bot', action: 'card.not_posted', requestId: request.id, data: { code, copy: true } });
    await callInstead(tx, deps, request, row);
    await wakeReport(tx, request);
  });
}

/** The bot was taken out of there: it stops, says so in the audit trail and to who asked, and doesn't try again. */
export async function stopWriting({ deps, chat }: At, row: CardRow, error: ChatError): Promise<void> {
  if (!(await deps.store.sender.saveCard(row.id, { state: 'gone' }, row))) return tooLate(deps, row);
  await tellRequester(deps, stopped(chat, row, error));
}
