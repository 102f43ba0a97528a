import { createHash, randomUUID } from 'node:crypto';
import { ChatError } from '../errors.ts';
import { answer, type Card, link, type Reply, type Span, type Text, text } from '../model/notice.ts';
import type { Platform } from '../model/person.ts';
import { wakeReport } from './changes.ts';
import { chatOf, type Deps, namesOf } from './deps.ts';
import { callInstead, copyOf, isApproversCopy, isCopy } from './direct.ts';
import { endReply } from './end-reply.ts';
import { blockChannel, takeTurn } from './pace.ts';
import type { CardRow, Chat, Claimed, ReplyRow } from './ports.ts';
import { isShared, render } from './render.ts';
import { mintLink } from './results.ts';

/** A channel's sender holds it for so long at a time; a dead one loses it after that. Milliseconds. */
const HOLD = 20_000;
const ROUND = 12_000;
/** After a post that may have arrived, and after trouble that needs somebody's help. */
const DOUBT_WAIT = 5_000;
const HELP_WAIT = 15_000;
const RETRY_WAIT = 2_000;
/** One card is edited at most this often: what comes faster is shown in one edit. */
const EDIT_EVERY = 1_000;

/**
 * Brings a channel up to date: the one sender of the channel posts cards, edits those that show an older state (once, however many steps
 * lay between), then says what is to be said in the threads, paced to the platform's limits.
 */
export async function report(deps: Deps, key: string): Promise<void> {
  const [platform, channel] = splitKey(key);
  const chat = deps.chats.get(platform);
  if (chat === undefined) return;
  const lease = `sender:${key}`;
  // Jobs of one channel may meet within an instance, too.
  const holder = randomUUID();
  if (!(await deps.store.lease(lease, HOLD, holder))) return;
  const until = deps.clock.now() + ROUND;
  let did: Step = 'something';
  let mine = true;
  try {
    while (mine && did === 'something' && deps.clock.now() < until) {
      did = await step(deps, chat, channel);
      mine = await deps.store.lease(lease, HOLD, holder);
    }
  } finally {
    await deps.store.releaseLease(lease, holder);
  }
  // Whatever was stored while we held the channel woke a job that found it held; so look once more after letting go. A channel
  // that has to pause is looked at again by the clock, or we would turn in circles until its budget is free.
  if (did !== 'pause' && (await anythingDue(deps, channel)))
    await deps.store.transaction((tx) => tx.enqueue({ queue: `report.${platform}`, id: key }));
}

function splitKey(key: string): [Platform, string] {
  const at = key.indexOf('|');
  return [key.slice(0, at) as Platform, key.slice(at + 1)];
}

async function anythingDue(deps: Deps, channel: string): Promise<boolean> {
  const now = deps.clock.now();
  const [cards, replies] = await Promise.all([
    deps.store.sender.nextCards(channel, now, 1),
    deps.store.sender.nextReplies(channel, now, 1),
  ]);
  return cards.length > 0 || replies.length > 0;
}

/** `pause`: the platform's limits ask for a pause too long to wait for here. */
type Step = 'something' | 'nothing' | 'pause';

/** Does the most urgent thing. Edits come before replies, but an edit that has to pause keeps no reply from being said. */
async function step(deps: Deps, chat: Chat, channel: string): Promise<Step> {
  const now = deps.clock.now();
  const [card] = await deps.store.sender.nextCards(channel, now, 1);
  const edited = card === undefined ? 'nothing' : await guardedCard(deps, chat, card);
  if (edited === 'something' || card?.posted === null) return edited;
  const [reply] = await deps.store.sender.nextReplies(channel, now, 1);
  if (reply !== undefined) return guardedReply(deps, chat, reply);
  if (edited === 'pause') return 'pause';
  const [soon] = await deps.store.sender.nextCards(channel, now + EDIT_EVERY, 1);
  if (soon === undefined) return 'nothing';
  await deps.sleep(soon.notBefore - now);
  return 'something';
}

/** What fails in a way nobody foresaw is put off, so that it doesn't stand in the way of everything behind it. */
async function guardedCard(deps: Deps, chat: Chat, row: CardRow): Promise<Step> {
  try {
    return row.posted === null ? await postCard(deps, chat, row) : await editCard(deps, chat, row, row.posted.message);
  } catch (error) {
    deps.log.error({ request: row.requestId, error }, 'a card could not be brought up to date');
    await deps.store.sender.saveCard(row.id, { notBefore: deps.clock.now() + HELP_WAIT }, row);
    return 'something';
  }
}

async function guardedReply(deps: Deps, chat: Chat, row: ReplyRow): Promise<Step> {
  try {
    return await sendReply(deps, chat, row);
  } catch (error) {
    deps.log.error({ request: row.requestId, reply: row.key, error }, 'a reply could not be posted');
    await deps.store.sender.saveReply(row.id, { notBefore: deps.clock.now() + HELP_WAIT }, row);
    return 'something';
  }
}

async function postCard(deps: Deps, chat: Chat, row: CardRow): Promise<Step> {
  const card = await cardAt(deps, row);
  if (card === null) return putAside(deps, row);
  const turn = await takeTurn(deps, chat, row.channel, 'post');
  if (turn === null) return 'pause';
  const doubts = row.state === 'posting' ? row.doubts + 1 : row.doubts;
  const claim = { doubts, notBefore: deps.clock.now() + HELP_WAIT };
  if (!(await deps.store.sender.claimCard(row, claim))) return 'something';
  const claimed = { ...row, ...claim, state: 'posting' as const };
  try {
    const posted = await chat.post(row.place, card);
    const shows = { shown: row.touched, digest: digestOf(card), notBefore: 0 };
    if (await deps.store.sender.saveCard(row.id, { state: 'posted', posted, ...shows }, claimed))
      deps.metrics.reportLag(chat.platform, (deps.clock.now() - row.touchedAt) / 1000);
    else tooLate(deps, row);
  } catch (error) {
    await cardTrouble(deps, chat, claimed, error);
  }
  await turn.made();
  return 'something';
}

/**
 * The claim ran out while this process was stopped, and somebody else has posted since, or is about to: what they store counts, and the
 * message of ours stays as it is.
 */
function tooLate(deps: Deps, row: Pick<CardRow, 'requestId'>): void {
  deps.log.warn({ request: row.requestId }, 'a post was answered after another sender had taken it over');
}

/** What this card is to show: an approver's own copy isn't quite the one in the channel. */
async function cardAt(deps: Deps, row: CardRow): Promise<Card | null> {
  const card = await render(deps, row.requestId);
  if (card === null) return null;
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  return request !== null && isCopy(row, request) ? copyOf(card, isApproversCopy(deps, request, row)) : card;
}

/** A card of which nothing can be said must not stand in the way of the others in its channel. */
async function putAside(deps: Deps, row: CardRow): Promise<Step> {
  deps.log.error({ request: row.requestId, card: row.id }, 'a card without a run is put aside');
  await deps.store.sender.saveCard(row.id, { state: 'gone' });
  return 'something';
}

/** `row`: as claimed. */
async function cardTrouble(deps: Deps, chat: Chat, row: CardRow, error: unknown): Promise<void> {
  if (!(error instanceof ChatError)) throw error;
  deps.log.warn({ request: row.requestId, code: error.code }, 'a card could not be posted');
  const now = deps.clock.now();
  const again = (change: Partial<Claimed<CardRow>>) =>
    deps.store.sender.saveCard(row.id, { state: 'pending', ...change }, row);
  switch (error.code) {
    case 'chat_unclear':
      // It may be there already. Nothing lost weighs more than one card twice, so it is tried again, later each time.
      await again({ doubts: row.doubts + 1, notBefore: now + DOUBT_WAIT * 2 ** Math.min(row.doubts, 4) });
      return;
    case 'chat_blocked':
      return (await isCopyOfOne(deps, row)) ? noCopy(deps, row, error) : stopWriting(deps, chat, row, error);
    case 'chat_throttled':
    case 'chat_unreachable':
      await again({ notBefore: now + (error.retryAfter ?? RETRY_WAIT) });
      if (error.code === 'chat_throttled')
        await blockChannel(deps, chat, row.channel, 'post', error.retryAfter ?? RETRY_WAIT);
      return;
    default:
      if (await isCopyOfOne(deps, row)) return noCopy(deps, row, error);
      if (await again({ notBefore: now + HELP_WAIT })) await askForHelp(deps, chat, row, error);
  }
}

async function isCopyOfOne(deps: Deps, row: CardRow): Promise<boolean> {
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  return request !== null && isCopy(row, request);
}

/** An approver's own copy that can't be posted, or is gone, isn't tried for ever: they are called in the thread instead. */
async function noCopy(deps: Deps, row: CardRow, error: ChatError): Promise<void> {
  if (!(await deps.store.sender.saveCard(row.id, { state: 'gone' }, row))) return tooLate(deps, row);
  await deps.store.transaction(async (tx) => {
    const request = await tx.request(row.requestId);
    if (request === null) return;
    const data = { code: error.code, copy: true };
    await tx.audit({ actor: 'bot', action: 'card.not_posted', requestId: request.id, data });
    await callInstead(tx, deps, request, row);
    await wakeReport(tx, request);
  });
}

/** The bot was taken out of there: it stops, says so in the audit trail and to who asked, and doesn't try again. */
async function stopWriting(deps: Deps, chat: Chat, row: CardRow, error: ChatError): Promise<void> {
  if (!(await deps.store.sender.saveCard(row.id, { state: 'gone' }, row))) return tooLate(deps, row);
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`blocked:${row.requestId}`))) return;
    const request = await tx.request(row.requestId);
    if (request === null) return;
    await tx.audit({ actor: 'bot', action: 'card.stopped', requestId: request.id, data: { code: error.code } });
    const where = chat.channelName(row.channel);
    const words = `I can’t write in ${where} any more, so the card of ${request.id} doesn’t change: ${error.message} Then type: show ${request.id}`;
    const id = await tx.insertAnswer({ platform: row.platform, to: request.replyTo, answer: answer(words) });
    await tx.enqueue({ queue: `answer.${row.platform}`, id });
  });
}

/** The card can't be posted until somebody helps: the requester hears it privately, once. */
async function askForHelp(deps: Deps, chat: Chat, row: CardRow, error: ChatError): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`help:${row.id}`))) return;
    const request = await tx.request(row.requestId);
    if (request === null) return;
    const where = chat.channelName(row.channel);
    const words =
      error.code === 'chat_not_in_channel'
        ? `I’m not in ${where}, so I can’t post the card there. Invite me with /invite @Live Response; ${row.requestId} waits for it.`
        : `I can’t post the card of ${row.requestId} in ${where}: ${error.message} It waits, and I keep trying.`;
    await tx.audit({ actor: 'bot', action: 'card.not_posted', requestId: row.requestId, data: { code: error.code } });
    const id = await tx.insertAnswer({ platform: row.platform, to: request.replyTo, answer: answer(words) });
    await tx.enqueue({ queue: `answer.${row.platform}`, id });
  });
}

async function editCard(deps: Deps, chat: Chat, row: CardRow, message: string): Promise<Step> {
  const card = await cardAt(deps, row);
  if (card === null) return putAside(deps, row);
  const digest = digestOf(card);
  if (digest === row.digest) {
    await deps.store.sender.saveCard(row.id, { shown: row.touched });
    return 'something';
  }
  const turn = await takeTurn(deps, chat, row.channel, 'edit');
  if (turn === null) return 'pause';
  try {
    await chat.edit(message, card);
    const now = deps.clock.now();
    // Whoever edited last is right about what it shows, also a late one: it is edited once more then.
    await deps.store.sender.saveCard(row.id, { shown: row.touched, digest, notBefore: now + EDIT_EVERY });
    deps.metrics.reportLag(chat.platform, (now - row.touchedAt) / 1000);
  } catch (error) {
    await editTrouble(deps, chat, row, error);
  }
  await turn.made();
  return 'something';
}

async function editTrouble(deps: Deps, chat: Chat, row: CardRow, error: unknown): Promise<void> {
  if (!(error instanceof ChatError)) throw error;
  deps.log.warn({ request: row.requestId, code: error.code }, 'a card could not be edited');
  const copy = await isCopyOfOne(deps, row);
  if (copy && (error.code === 'chat_blocked' || error.code === 'chat_gone')) {
    await deps.store.sender.saveCard(row.id, { state: 'gone' });
    return;
  }
  if (error.code === 'chat_blocked') return stopWriting(deps, chat, row, error);
  if (error.code === 'chat_gone') {
    // Deleted by somebody, or no longer ours to edit: a fresh card takes its place; the thread stays while it takes replies.
    // The new one first: a kill in between leaves one too many, never none.
    await deps.store.transaction((tx) =>
      tx.insertCard({ requestId: row.requestId, platform: row.platform, channel: row.channel, place: row.place }),
    );
    await deps.store.sender.saveCard(row.id, { state: 'gone' });
    return;
  }
  if (error.code === 'chat_throttled')
    await blockChannel(deps, chat, row.channel, 'edit', error.retryAfter ?? RETRY_WAIT);
  const wait = error.retryAfter ?? (error.code === 'chat_refused' ? HELP_WAIT : RETRY_WAIT);
  await deps.store.sender.saveCard(row.id, { notBefore: deps.clock.now() + wait });
}

interface ReplyTrouble {
  thread: string;
  error: unknown;
}

async function sendReply(deps: Deps, chat: Chat, row: ReplyRow): Promise<Step> {
  const thread = await threadOf(deps, row.requestId);
  if (thread === null) return 'nothing';
  const doubts = row.state === 'posting' ? row.doubts + 1 : row.doubts;
  // A reply isn't repeated: one that may have arrived is tried once more, and then it counts as said.
  if (doubts >= 2) {
    await deps.store.sender.saveReply(row.id, { state: 'posted', doubts }, row);
    return 'something';
  }
  const turn = await takeTurn(deps, chat, row.channel, 'post');
  if (turn === null) return 'pause';
  const reply = await finished(deps, row);
  const claim = { doubts, notBefore: deps.clock.now() + HELP_WAIT };
  if (!(await deps.store.sender.claimReply(row, claim))) return 'something';
  const claimed = { ...row, ...claim, state: 'posting' as const };
  try {
    await chat.reply(thread, reply);
    if (!(await deps.store.sender.saveReply(row.id, { state: 'posted', notBefore: 0 }, claimed))) tooLate(deps, row);
  } catch (error) {
    await replyTrouble(deps, chat, claimed, { thread, error });
  }
  await turn.made();
  return 'something';
}

/** `row`: as claimed. */
async function replyTrouble(deps: Deps, chat: Chat, row: ReplyRow, trouble: ReplyTrouble): Promise<void> {
  const { error } = trouble;
  if (!(error instanceof ChatError)) throw error;
  deps.log.warn({ request: row.requestId, reply: row.key, code: error.code }, 'a reply could not be posted');
  const now = deps.clock.now();
  const save = (change: Partial<Claimed<ReplyRow>>) => deps.store.sender.saveReply(row.id, change, row);
  switch (error.code) {
    case 'chat_unclear': {
      const doubts = row.doubts + 1;
      await save({ state: doubts >= 2 ? 'posted' : 'pending', doubts, notBefore: now + DOUBT_WAIT });
      return;
    }
    case 'chat_gone':
      return moveThread(deps, row, trouble.thread);
    case 'chat_blocked':
      await save({ state: 'posted' });
      return;
    case 'chat_throttled':
      await blockChannel(deps, chat, row.channel, 'post', error.retryAfter ?? RETRY_WAIT);
      await save({ state: 'pending', notBefore: now + (error.retryAfter ?? RETRY_WAIT) });
      return;
    default: {
      const wait = error.retryAfter ?? (error.code === 'chat_unreachable' ? RETRY_WAIT : HELP_WAIT);
      await save({ state: 'pending', notBefore: now + wait });
    }
  }
}

/** The oldest card has the thread, also where it can't be edited any more; one whose thread is gone has none. */
async function threadOf(deps: Deps, requestId: string): Promise<string | null> {
  const cards = await deps.store.cardsOf(requestId);
  const request = await deps.store.transaction((tx) => tx.request(requestId));
  const own = cards.filter((card) => request !== null && !isCopy(card, request));
  return own.find((card) => card.posted !== null)?.posted?.thread ?? null;
}

/** Somebody deleted the card whose thread this was: a fresh card takes its place, and the reply goes there. */
async function moveThread(deps: Deps, row: ReplyRow, thread: string): Promise<void> {
  const cards = await deps.store.cardsOf(row.requestId);
  const lost = cards.find((card) => card.posted?.thread === thread);
  if (lost !== undefined) {
    const { requestId, platform, channel, place } = lost;
    const replaced = cards.some((card) => card.id !== lost.id && card.state !== 'gone');
    if (!replaced) await deps.store.transaction((tx) => tx.insertCard({ requestId, platform, channel, place }));
    await deps.store.sender.saveCard(lost.id, { state: 'gone', posted: null });
  }
  await deps.store.sender.saveReply(row.id, { state: 'pending', notBefore: deps.clock.now() + RETRY_WAIT }, row);
}

/** The reply as it goes out: the end is told from the record, links are made now and never stored. */
async function finished(deps: Deps, row: ReplyRow): Promise<Reply> {
  const stored = row.key === 'end' ? await endReply(deps, row.requestId) : row.reply;
  const reply = { ...stored, text: await withNames(deps, stored.text) };
  if (reply.output.length === 0 && reply.resultsLink !== true) return reply;
  const request = await deps.store.transaction((tx) => tx.request(row.requestId));
  if (request === null || (await isShared(deps, request))) return { ...reply, output: [], moreLines: 0 };
  if (reply.resultsLink !== true) return reply;
  const url = await mintLink(deps, row.requestId, null);
  return { ...reply, text: [...reply.text, text('\n'), link(url, 'Open results')] };
}

/** Mentions are stored by id alone; whoever reads plain text needs the names. */
async function withNames(deps: Deps, words: Text): Promise<Text> {
  const named = await Promise.all(
    words.map(async (span): Promise<Span> => {
      if (span.kind !== 'person' || span.name !== '') return span;
      const [found] = await namesOf(deps, span.platform, [span.id]);
      return { ...span, name: found?.name ?? 'an approver' };
    }),
  );
  return named;
}

function digestOf(card: Card): string {
  return createHash('sha256').update(JSON.stringify(card)).digest('hex');
}

/** Nothing that waiting would mend. */
const HELPLESS: ReadonlySet<string> = new Set(['chat_gone', 'chat_refused', 'chat_not_in_channel', 'chat_blocked']);

/** Delivers a private answer. One that can't be delivered for half an hour is given up: its handle is dead by then. */
export async function deliver(deps: Deps, answerId: string): Promise<void> {
  const row = await deps.store.sender.answer(answerId);
  if (row === null) return;
  const { resultsFor } = row.answer;
  let words = row.answer;
  if (resultsFor !== undefined) {
    const url = await mintLink(deps, resultsFor.requestId, resultsFor.person);
    const minutes = Math.round(deps.policy().results.linkFor / 60_000);
    words = {
      ...words,
      lines: [
        ...words.lines,
        [link(url, `Open results of ${resultsFor.requestId}`), text(` · works for ${minutes} min`)],
      ],
    };
  }
  try {
    await chatOf(deps, row.platform).answer(row.to, words);
    await deps.store.sender.answerDone(answerId);
  } catch (error) {
    await deps.store.sender.answerTried(answerId);
    const old = deps.clock.now() - row.createdAt > 30 * 60_000;
    const code = error instanceof ChatError ? error.code : 'unexpected';
    const helpless = HELPLESS.has(code);
    // Said twice does less harm than not said at all: answers are tried again even when one may have arrived.
    if (!old && !helpless) throw error;
    deps.log.warn({ code }, 'a private answer could not be delivered');
    await deps.store.sender.answerDone(answerId);
  }
}
