import { type Kysely, sql } from 'kysely';
import { AppError } from '../errors.ts';
import { personKey } from '../model/person.ts';
import type { Decision, Request, Time } from '../model/request.ts';
import { storable, toJson } from './json.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** Stores a new request; AppError `conflict` when the id is taken. */
export async function insertRequest(db: Db, request: Request, now: Time): Promise<void> {
  const row = await db
    .insertInto('requests')
    .values({
      ...{ id: request.id, created_at: request.createdAt, version: request.version, touched_at: now },
      ...columns(request, now),
    })
    .onConflict((clash) => clash.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) throw new AppError('conflict', `The id ${request.id} is taken already.`);
}

/** The request, or null. */
export async function readRequest(db: Db, id: string): Promise<Request | null> {
  const row = await db.selectFrom('requests').select('body').where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : (row.body as Request);
}

/** Compare-and-set on version and status; returns what is stored now. */
export async function saveRequest(db: Db, before: Request, after: Request, now: Time): Promise<Request> {
  const stored: Request = { ...after, id: before.id, version: before.version + 1 };
  const row = await db
    .updateTable('requests')
    .set({ version: stored.version, touched: sql`touched + 1`, touched_at: now, ...columns(stored, now) })
    .where('id', '=', before.id)
    .where('version', '=', before.version)
    .where('status', '=', before.status)
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) throw new AppError('conflict', `${before.id} has changed meanwhile.`);
  return stored;
}

/** Makes every card of the request due for a look; also the lock that orders writers of one request. */
export async function touch(db: Db, requestId: string, now: Time): Promise<void> {
  await db
    .updateTable('requests')
    .set({ touched: sql`touched + 1`, touched_at: now })
    .where('id', '=', requestId)
    .execute();
}

/** False when the person has decided this round already. */
export async function insertDecision(db: Db, decision: Decision): Promise<boolean> {
  await touch(db, decision.requestId, decision.at);
  const row = await db
    .insertInto('decisions')
    .values(decisionRow(decision))
    .onConflict((clash) => clash.doNothing())
    .returning('person')
    .executeTakeFirst();
  return row !== undefined;
}

/** The person's decision of this round is this one from now on. */
export async function replaceDecision(db: Db, decision: Decision): Promise<void> {
  await touch(db, decision.requestId, decision.at);
  const { at, body } = decisionRow(decision);
  await db
    .insertInto('decisions')
    .values(decisionRow(decision))
    .onConflict((clash) => clash.columns(['request_id', 'round', 'person']).doUpdateSet({ at, body }))
    .execute();
}

function decisionRow(decision: Decision) {
  const { requestId, round, person, at } = decision;
  return { request_id: requestId, round, person: personKey(person), at, body: toJson(decision) };
}

/** All decisions of a request, oldest first. */
export async function decisionsOf(db: Db, requestId: string): Promise<Decision[]> {
  const rows = await db
    .selectFrom('decisions')
    .select('body')
    .where('request_id', '=', requestId)
    .orderBy('round')
    .orderBy('at')
    .orderBy('person')
    .execute();
  return rows.map((row) => row.body as Decision);
}

/** How a typed line is compared with earlier ones. */
export function lineKey(line: string): string {
  return storable(line);
}

function columns(request: Request, now: Time) {
  return {
    status: request.status,
    platform: request.platform,
    requester: personKey(request.requester),
    channel: request.channel,
    line: lineKey(request.line),
    machine: storable(request.machine.toLowerCase()),
    approved_at: request.approvedAt,
    expires_at: request.expiresAt,
    start_by: request.startBy,
    review_by: request.review === undefined || request.review.doneAt !== null ? null : request.review.by,
    updated_at: now,
    body: toJson(request),
  };
}
