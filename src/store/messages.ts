import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AnswerRow, CardRow, Inbound, LinkRow, Posted, ReplyRow } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import { toJson } from './json.ts';
import { touch } from './requests.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** False when this delivery was taken before; waits for another transaction that is about to take it. */
export async function takeDelivery(db: Db, key: string, now: Time): Promise<boolean> {
  const row = await db
    .insertInto('deliveries')
    .values({ key, at: now })
    .onConflict((clash) => clash.doNothing())
    .returning('key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Stores a click or a line for its worker. */
export async function insertInbound(db: Db, inbound: Inbound): Promise<void> {
  await db
    .insertInto('inbound')
    .values({
      id: inbound.id,
      kind: inbound.click === undefined ? 'line' : 'click',
      created_at: inbound.createdAt,
      body: toJson(inbound),
    })
    .execute();
}

/** The stored click or line, or null; whoever else reads it waits until this transaction has ended. */
export async function readInbound(db: Db, id: string): Promise<Inbound | null> {
  const row = await db.selectFrom('inbound').select('body').where('id', '=', id).forUpdate().executeTakeFirst();
  return row === undefined ? null : (row.body as Inbound);
}

/** Forgets a click or line. */
export async function removeInbound(db: Db, id: string): Promise<void> {
  await db.deleteFrom('inbound').where('id', '=', id).execute();
}

type NewCard = Pick<CardRow, 'requestId' | 'platform' | 'channel' | 'place'>;

/** A card to be posted. */
export async function insertCard(db: Db, card: NewCard, now: Time): Promise<void> {
  await addCard(db, randomUUID(), card, now);
}

/**
 * Somebody's own copy of a card. Its id is made of chat and round, so that the row itself, which stays as long as the request, tells that
 * they have it; waits for another transaction that is about to write the same one.
 */
export async function insertCopy(db: Db, copy: NewCard & { round: number; since: Time }, now: Time): Promise<boolean> {
  if (await hasOtherCard(db, copy)) return false;
  return addCard(db, `${copy.requestId}:${copy.round}:${copy.channel}`, copy, now);
}

/** Whether a card of this round stands there under an id that doesn't tell so: one asked for, or a copy from before ids told. */
async function hasOtherCard(db: Db, { requestId, channel, since }: NewCard & { since: Time }): Promise<boolean> {
  const row = await db
    .selectFrom('cards')
    .select('id')
    .where('request_id', '=', requestId)
    .where('channel', '=', channel)
    .where('created_at', '>=', since)
    .where('state', '!=', 'gone')
    .where('id', 'not like', `${requestId}:%`)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * A message that stands already, as a card. Its id is made of the message, so that it is taken in once; one that was let go before it could
 * be edited is taken in again.
 */
export async function adoptCard(db: Db, card: NewCard, posted: Posted, now: Time): Promise<boolean> {
  const id = `${card.requestId}:${posted.message}`;
  return (await addCard(db, id, card, now, posted)) || takeBack(db, id, card.requestId, now);
}

async function takeBack(db: Db, id: string, requestId: string, now: Time): Promise<boolean> {
  const row = await db
    .updateTable('cards')
    .set({ state: 'posted', not_before: 0, updated_at: now })
    .where('id', '=', id)
    .where('state', '=', 'gone')
    .where('digest', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (row !== undefined) await touch(db, requestId, now);
  return row !== undefined;
}

/** False where there is one with this id. */
async function addCard(db: Db, id: string, card: NewCard, now: Time, posted: Posted | null = null): Promise<boolean> {
  const row = await db
    .insertInto('cards')
    .values({
      id,
      request_id: card.requestId,
      platform: card.platform,
      channel: card.channel,
      place: card.place,
      state: posted === null ? 'pending' : 'posted',
      thread: posted?.thread ?? null,
      message: posted?.message ?? null,
      digest: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((clash) => clash.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row !== undefined) await touch(db, card.requestId, now);
  return row !== undefined;
}

/** Channels besides this one in which the request has a card. */
export async function otherChannels(db: Db, requestId: string, channel: string): Promise<string[]> {
  const rows = await db
    .selectFrom('cards')
    .select('channel')
    .distinct()
    .where('request_id', '=', requestId)
    .where('channel', '!=', channel)
    .where('state', '!=', 'gone')
    .execute();
  return rows.map((row) => row.channel);
}

/** A reply to be posted; one that was there already stays as it is. */
export async function insertReply(
  db: Db,
  reply: Pick<ReplyRow, 'requestId' | 'key' | 'channel' | 'reply'>,
  now: Time,
): Promise<void> {
  await db
    .insertInto('replies')
    .values({
      id: randomUUID(),
      request_id: reply.requestId,
      key: reply.key,
      channel: reply.channel,
      state: 'pending',
      created_at: now,
      updated_at: now,
      body: toJson(reply.reply),
    })
    .onConflict((clash) => clash.columns(['request_id', 'key']).doNothing())
    .execute();
}

/** A private answer to be delivered; returns its id. One that is held lies still, as if just tried, until its time. */
export async function insertAnswer(
  db: Db,
  answer: Pick<AnswerRow, 'platform' | 'to' | 'answer'>,
  now: Time,
  held?: { id: string; until: Time },
): Promise<string> {
  const id = held?.id ?? randomUUID();
  await db
    .insertInto('answers')
    .values({ id, created_at: now, updated_at: held?.until ?? now, body: toJson(answer) })
    .execute();
  return id;
}

/** A result link; its token is not among what is stored. */
export async function insertLink(db: Db, link: LinkRow): Promise<void> {
  await db
    .insertInto('links')
    .values({ hash: link.hash, request_id: link.requestId, expires_at: link.expiresAt, body: toJson(link) })
    .execute();
}

/** The link with this hash, expired or not, or null. */
export async function readLink(db: Db, hash: string): Promise<LinkRow | null> {
  const row = await db.selectFrom('links').select('body').where('hash', '=', hash).executeTakeFirst();
  return row === undefined ? null : (row.body as LinkRow);
}
