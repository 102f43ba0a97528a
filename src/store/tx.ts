import type { Kysely } from 'kysely';
import type { Clock, Job, Tx } from '../flow/ports.ts';
import { writeAudit } from './audit.ts';
import { blockBudget, callMade, takeCall, takeOwnCall } from './budget.ts';
import { toJson } from './json.ts';
import * as messages from './messages.ts';
import * as requests from './requests.ts';
import * as runs from './runs.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** Everything inside one transaction. Jobs are only noted in `jobs`: the caller enqueues them last, right before the commit. */
export function createTx(db: Db, clock: Clock, jobs: Job[]): Tx {
  return {
    takeDelivery: (key) => messages.takeDelivery(db, key, clock.now()),

    insertRequest: (request) => requests.insertRequest(db, request, clock.now()),
    request: (id) => requests.readRequest(db, id),
    saveRequest: (before, after) => requests.saveRequest(db, before, after, clock.now()),
    insertRun: (run) => runs.insertRun(db, run, clock.now()),
    run: (id) => runs.readRun(db, id),
    runsOf: (requestId, only) => runs.runsOf(db, requestId, only),
    saveRun: (before, after) => runs.saveRun(db, before, after, clock.now()),
    insertDecision: (decision) => requests.insertDecision(db, decision),
    replaceDecision: (decision) => requests.replaceDecision(db, decision),
    decisionsOf: (requestId) => requests.decisionsOf(db, requestId),

    audit: (entry) => writeAudit(db, entry, clock.now()),
    enqueue: async (job) => {
      jobs.push(job);
    },

    insertInbound: (inbound) => messages.insertInbound(db, inbound),
    inbound: (id) => messages.readInbound(db, id),
    removeInbound: (id) => messages.removeInbound(db, id),

    otherChannels: (requestId, channel) => messages.otherChannels(db, requestId, channel),
    insertCard: (card) => messages.insertCard(db, card, clock.now()),
    adoptCard: (card, posted) => messages.adoptCard(db, card, posted, clock.now()),
    insertCopy: (copy) => messages.insertCopy(db, copy, clock.now()),
    touch: (requestId) => requests.touch(db, requestId, clock.now()),
    insertReply: (reply) => messages.insertReply(db, reply, clock.now()),
    insertAnswer: (answer, held) => messages.insertAnswer(db, answer, clock.now(), held),

    insertLink: (link) => messages.insertLink(db, link),
    putOutput: (output) => runs.putOutput(db, output, clock.now()),

    takeCall: (budget, limits) =>
      (budget.startsWith('person:') ? takeOwnCall : takeCall)(db, budget, limits, clock.now()),
    callMade: (budget, takenAt) => callMade(db, budget, takenAt, clock.now()),
    blockBudget: (budget, until) => blockBudget(db, budget, until),
    countSessions: () => countSessions(db),

    setting: <T>(key: string, held?: 'shared' | 'alone') => readSetting<T>(db, key, held),
    setSetting: (key, value) => writeSetting(db, key, value),
  };
}

async function countSessions(db: Db): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(({ or, and, eb }) =>
      or([
        eb('status', 'in', ['submitting', 'reconciling']),
        and([eb('status', '=', 'running'), eb('picked_up', '=', true)]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return row.count;
}

async function readSetting<T>(db: Db, key: string, held?: 'shared' | 'alone'): Promise<T | null> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', key)
    .$if(held === 'shared', (query) => query.forShare())
    .$if(held === 'alone', (query) => query.forUpdate())
    .executeTakeFirst();
  return row === undefined ? null : (row.value as T);
}

async function writeSetting(db: Db, key: string, value: unknown): Promise<void> {
  const json = toJson(value);
  await db
    .insertInto('settings')
    .values({ key, value: json })
    .onConflict((clash) => clash.column('key').doUpdateSet({ value: json }))
    .execute();
}
