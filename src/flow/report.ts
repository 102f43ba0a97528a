import { randomUUID } from 'node:crypto';
import type { Platform } from '../model/person.ts';
import type { Time } from '../model/request.ts';
import type { Deps } from './deps.ts';
import type { CardRow, ReplyRow } from './ports.ts';
import { seeTroubles } from './report/channel-trouble.ts';
import { EDIT_EVERY, editCard } from './report/edit-card.ts';
import { createMeanwhile, type Meanwhile } from './report/meanwhile.ts';
import { postCard } from './report/post-card.ts';
import { sayReply } from './report/say-reply.ts';
import type { At, Step } from './report/step.ts';
import { HELP_WAIT } from './report/waits.ts';

/** A channel's sender holds it for so long at a time; a dead one loses it after that. Milliseconds. */
const HOLD = 20_000;
const ROUND = 12_000;

/**
 * Brings a channel up to date: the one sender of the channel posts cards, edits those that show an older state (once, however many steps
 * lay between), then says what is to be said in the threads, paced to the platform's limits. Where edits have limits of their own, they are
 * made while cards wait for theirs: many cards in line are no reason to show a decision late.
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
  const look = async (): Promise<At> => ({ deps, chat, channel, troubles: await seeTroubles(deps, chat, channel) });
  let did: Step = 'something';
  let mine = true;
  const edits = createMeanwhile();
  try {
    while (mine && did === 'something' && (deps.clock.now() < until || edits.isBusy())) {
      did = await step(await look(), edits, until);
      mine = await deps.store.lease(lease, HOLD, holder);
      if (!mine || (did !== 'unanswered' && did !== 'looked')) continue;
      // It may have used up the round: a reply gets its turn all the same, and where there is none, edits without an answer pause.
      did = (await replyStep(await look())) ?? (did === 'looked' ? 'something' : 'pause');
      mine = await deps.store.lease(lease, HOLD, holder);
    }
    await edits.end();
  } finally {
    // An edit under way is ours as long as the channel is.
    await edits.over();
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

/** Does the most urgent thing. Edits come before replies, but an edit that has to pause keeps no reply from being said. */
async function step(at: At, edits: Meanwhile, until: Time): Promise<Step> {
  const { deps, channel } = at;
  const now = deps.clock.now();
  const [card] = await deps.store.sender.nextCards(channel, now, 1);
  if (card?.posted === null) {
    if (at.chat.pace.edits !== 'shared' && now < until) edits.begin(() => editStep(at));
  } else if (await edits.end()) return 'something';
  const did = card === undefined ? 'nothing' : await guardedCard(at, card);
  if (did === 'something' || did === 'unanswered' || did === 'looked' || card?.posted === null) return did;
  const said = await replyStep(at);
  if (said !== null) return said;
  if (did === 'pause') return 'pause';
  const [soon] = await deps.store.sender.nextCards(channel, now + EDIT_EVERY, 1);
  if (soon === undefined) return 'nothing';
  await deps.sleep(soon.notBefore - now);
  return 'something';
}

async function editStep(at: At): Promise<Step> {
  const [card] = await at.deps.store.sender.nextEdits(at.channel, at.deps.clock.now(), 1);
  return card === undefined ? 'nothing' : guardedCard(at, card);
}

/** Says what has waited longest; null when there is nothing to say. */
async function replyStep(at: At): Promise<Step | null> {
  const [reply] = await at.deps.store.sender.nextReplies(at.channel, at.deps.clock.now(), 1);
  return reply === undefined ? null : guardedReply(at, reply);
}

/** What fails in a way nobody foresaw is put off, so that it doesn't stand in the way of everything behind it. */
async function guardedCard(at: At, row: CardRow): Promise<Step> {
  const { deps } = at;
  try {
    return row.posted === null ? await postCard(at, row) : await editCard(at, row, row.posted.message);
  } catch (error) {
    deps.log.error({ request: row.requestId, error }, 'a card could not be brought up to date');
    await deps.store.sender.saveCard(row.id, { notBefore: deps.clock.now() + HELP_WAIT }, row);
    return 'something';
  }
}

async function guardedReply(at: At, row: ReplyRow): Promise<Step> {
  const { deps } = at;
  try {
    return await sayReply(at, row);
  } catch (error) {
    deps.log.error({ request: row.requestId, reply: row.key, error }, 'a reply could not be posted');
    await deps.store.sender.saveReply(row.id, { notBefore: deps.clock.now() + HELP_WAIT }, row);
    return 'something';
  }
}
