import { type Kysely, type Selectable, sql } from 'kysely';
import type { AnswerRow, CardRow, Claimed, Clock, ReplyRow, Sender } from '../flow/ports.ts';
import type { Platform } from '../model/person.ts';
import type { Time } from '../model/request.ts';
import { POSTING_IN_DOUBT } from './revive.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** What the one sender of a channel reads and writes. */
export function createSender(db: Db, clock: Clock): Sender {
  return {
    nextCards: (channel, now, limit) => nextCards(db, channel, now, limit),
    nextEdits: (channel, now, limit) => nextCards(db, channel, now, limit, ['posted']),
    nextReplies: (channel, now, limit) => nextReplies(db, channel, now, limit),
    answer: (id) => readAnswer(db, id),
    takeAnswer: async (id) => {
      const row = await db.deleteFrom('answers').where('id', '=', id).returningAll().executeTakeFirst();
      return row === undefined ? null : toAnswer(row);
    },
    saveCard: (id, change, claimed) => saveCard(db, id, change, { now: clock.now(), claimed }),
    claimCard: (row, { doubts, notBefore }) => claim(db, 'cards', row, { doubts, not_before: notBefore }, clock.now()),
    claimReply: (row, { doubts, notBefore }) =>
      claim(db, 'replies', row, { doubts, not_before: notBefore }, clock.now()),
    saveReply: async (id, { state, doubts, notBefore }, claimed) => {
      const { numUpdatedRows } = await db
        .updateTable('replies')
        .set({ updated_at: clock.now(), ...given({ state, doubts, not_before: notBefore }) })
        .where('id', '=', id)
        .where(({ and }) => and(asClaimed(claimed)))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    freshStart: async (channel) => {
      const now = clock.now();
      await sql`update cards set not_before = 0 where channel = ${channel} and not_before > ${now}
        and (state = 'posted' or (state = 'pending' and doubts = 0))`.execute(db);
      await sql`update replies set not_before = 0 where channel = ${channel} and not_before > ${now}
        and state = 'pending' and doubts = 0`.execute(db);
    },
    answerDone: async (id) => {
      await db.deleteFrom('answers').where('id', '=', id).execute();
    },
    answerTried: async (id) => {
      await db
        .updateTable('answers')
        .set({ tries: sql`tries + 1`, updated_at: clock.now() })
        .where('id', '=', id)
        .execute();
    },
  };
}

/** Takes a row for posting, as it was read: somebody who was stopped in between must not post what another has taken. */
async function claim(
  db: Db,
  table: 'cards' | 'replies',
  row: Pick<CardRow, 'id' | 'state' | 'doubts' | 'notBefore'>,
  change: { doubts: number; not_before: Time },
  now: Time,
): Promise<boolean> {
  const { rows } = await sql`update ${sql.table(table)} set state = 'posting', doubts = ${change.doubts},
    not_before = ${change.not_before}, updated_at = ${now}
    where id = ${row.id} and state = ${row.state} and doubts = ${row.doubts} and not_before = ${row.notBefore}
    returning id`.execute(db);
  return rows.length > 0;
}

/** The cards of a request, oldest first. */
export async function cardsOf(db: Db, requestId: string): Promise<CardRow[]> {
  const rows = await cards(db).where('cards.request_id', '=', requestId).orderBy('cards.created_at').execute();
  return rows.map(toCard);
}

/** Unposted first, oldest first; then edits, those of a decision or an end first, and the longest due first. A post whose sender is gone comes back as `posting`. */
async function nextCards(
  db: Db,
  channel: string,
  now: Time,
  limit: number,
  states: readonly CardRow['state'][] = ['pending', 'posting', 'posted'],
): Promise<CardRow[]> {
  const rows = await cards(db)
    .where('cards.channel', '=', channel)
    .where('cards.state', 'in', states)
    .where('cards.not_before', '<=', now)
    .where(({ or, and, eb }) =>
      or([
        eb('cards.state', '=', 'pending'),
        and([eb('cards.state', '=', 'posting'), eb('cards.updated_at', '<=', now - POSTING_IN_DOUBT)]),
        and([eb('cards.state', '=', 'posted'), eb('cards.shown', '<', eb.ref('requests.touched'))]),
      ]),
    )
    .orderBy(sql`cards.state = 'posted'`)
    .orderBy(sql`cards.state = 'posted' and split_part(coalesce(cards.digest, ''), ' ', 1) = requests.status`)
    .orderBy(sql`case when cards.state = 'posted' then cards.updated_at else cards.created_at end`)
    .orderBy('cards.id')
    .limit(limit)
    .execute();
  return rows.map(toCard);
}

async function nextReplies(db: Db, channel: string, now: Time, limit: number): Promise<ReplyRow[]> {
  const rows = await db
    .selectFrom('replies')
    .selectAll()
    .where('channel', '=', channel)
    .where('not_before', '<=', now)
    .where(({ or, and, eb }) =>
      or([
        eb('state', '=', 'pending'),
        and([eb('state', '=', 'posting'), eb('updated_at', '<=', now - POSTING_IN_DOUBT)]),
      ]),
    )
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('cards')
          .select('cards.id')
          .whereRef('cards.request_id', '=', 'replies.request_id')
          .whereRef('cards.channel', '=', 'replies.channel')
          .where('cards.state', '=', 'posted')
          // Without one there is nowhere to reply, until the fresh card stands.
          .where('cards.thread', 'is not', null),
      ),
    )
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    requestId: row.request_id,
    key: row.key,
    channel: row.channel,
    reply: row.body as ReplyRow['reply'],
    state: row.state,
    doubts: row.doubts,
    notBefore: row.not_before,
    createdAt: row.created_at,
  }));
}

async function readAnswer(db: Db, id: string): Promise<AnswerRow | null> {
  const row = await db.selectFrom('answers').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toAnswer(row);
}

function toAnswer(row: Selectable<Tables['answers']>): AnswerRow {
  const body = row.body as Pick<AnswerRow, 'platform' | 'to' | 'answer'>;
  return { ...body, id: row.id, tries: row.tries, createdAt: row.created_at };
}

async function saveCard(
  db: Db,
  id: string,
  change: Parameters<Sender['saveCard']>[1],
  when: { now: Time; claimed: Claimed<CardRow> | undefined },
): Promise<boolean> {
  const { state, posted, shown, digest, doubts, notBefore } = change;
  const { numUpdatedRows } = await db
    .updateTable('cards')
    .set({
      updated_at: when.now,
      ...given({ state, shown, digest, doubts, not_before: notBefore }),
      ...(posted === undefined ? {} : { thread: posted?.thread ?? null, message: posted?.message ?? null }),
    })
    .where('id', '=', id)
    .where(({ and }) => and(asClaimed(when.claimed)))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What a row must be like to be as it was claimed. */
function asClaimed<State>(claimed: { state: State; doubts: number; notBefore: Time } | undefined) {
  return claimed === undefined ? {} : { state: claimed.state, doubts: claimed.doubts, not_before: claimed.notBefore };
}

function cards(db: Db) {
  return db
    .selectFrom('cards')
    .innerJoin('requests', 'requests.id', 'cards.request_id')
    .selectAll('cards')
    .select(['requests.touched', 'requests.touched_at']);
}

type JoinedCard = Awaited<ReturnType<ReturnType<typeof cards>['execute']>>[number];

function toCard(row: JoinedCard): CardRow {
  return {
    id: row.id,
    requestId: row.request_id,
    platform: row.platform as Platform,
    channel: row.channel,
    place: row.place,
    state: row.state,
    posted: row.message === null ? null : { thread: row.thread, message: row.message },
    shown: row.shown,
    digest: row.digest,
    touched: row.touched,
    touchedAt: row.touched_at,
    doubts: row.doubts,
    notBefore: row.not_before,
    createdAt: row.created_at,
  };
}

/** Only the members that have a value: what isn't named stays as it is. */
function given<T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
