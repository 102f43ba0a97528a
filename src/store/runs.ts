import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import { isCancelDue } from '../flow/cancel.ts';
import { isToCollect } from '../flow/collect.ts';
import type { OutputRow } from '../flow/ports.ts';
import { shortName } from '../model/machine.ts';
import type { Run, RunStatus, Time } from '../model/request.ts';
import { isUniqueViolation } from './errors.ts';
import { storable, toJson } from './json.ts';
import { touch } from './requests.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** A run in one of these has its machine to itself; the partial unique index says the same. */
export const IN_FLIGHT: readonly RunStatus[] = ['submitting', 'reconciling', 'running', 'unclear'];

/** Stores a new run; AppError `conflict` when the id, or the machine, is taken. */
export async function insertRun(db: Db, run: Run, now: Time): Promise<void> {
  await touch(db, run.requestId, now);
  const row = await orConflict(run, () =>
    db
      .insertInto('runs')
      .values({
        id: run.id,
        request_id: run.requestId,
        number: numberOf(run.id),
        version: run.version,
        ...columns(run, now),
      })
      .onConflict((clash) => clash.doNothing())
      .returning('id')
      .executeTakeFirst(),
  );
  if (row === undefined) throw new AppError('conflict', `The id ${run.id} or its machine is taken already.`);
}

/** The run, or null. */
export async function readRun(db: Db, id: string): Promise<Run | null> {
  const row = await db.selectFrom('runs').select('body').where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : (row.body as Run);
}

/** The runs of a request in their order; `toCollect`: only those with something to read. */
export async function runsOf(db: Db, requestId: string, { toCollect = false } = {}): Promise<Run[]> {
  let query = db.selectFrom('runs').select('body').where('request_id', '=', requestId);
  if (toCollect) query = query.where('collect_due', '=', true);
  const rows = await query.orderBy('number').execute();
  return rows.map((row) => row.body as Run);
}

/** Compare-and-set on version and status; a machine has one run in flight. Returns what is stored now. */
export async function saveRun(db: Db, before: Run, after: Run, now: Time): Promise<Run> {
  const stored: Run = { ...after, id: before.id, requestId: before.requestId, version: before.version + 1 };
  // The request's row first: whoever changes a request or its runs locks in the same order.
  await touch(db, before.requestId, now);
  let update = db
    .updateTable('runs')
    .set({ version: stored.version, ...columns(stored, now) })
    .where('id', '=', before.id)
    .where('version', '=', before.version)
    .where('status', '=', before.status);
  if (takesMachine(before, stored)) {
    // Asked first, because what the index refuses also ends the transaction.
    update = update.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs as other')
            .select('other.id')
            .where('other.machine_id', '=', stored.machine.id)
            .where('other.status', 'in', [...IN_FLIGHT])
            .where('other.id', '!=', stored.id),
        ),
      ),
    );
  }
  const row = await orConflict(stored, () => update.returning('id').executeTakeFirst());
  if (row === undefined) throw new AppError('conflict', `${before.id} has changed meanwhile, or its machine is taken.`);
  return stored;
}

/** Stores the full output of one command; a second time replaces it. */
export async function putOutput(db: Db, output: OutputRow, now: Time): Promise<void> {
  const run = await db.selectFrom('runs').select('request_id').where('id', '=', output.runId).executeTakeFirst();
  if (run !== undefined) await touch(db, run.request_id, now);
  const body = toJson(output);
  await db
    .insertInto('outputs')
    .values({ run_id: output.runId, index: output.index, at: now, body })
    .onConflict((clash) => clash.columns(['run_id', 'index']).doUpdateSet({ at: now, body }))
    .execute();
}

/** Outputs of a request, or of one run of it, by run and command. */
export async function outputsOf(db: Db, requestId: string, runId?: string): Promise<OutputRow[]> {
  let query = db
    .selectFrom('outputs')
    .innerJoin('runs', 'runs.id', 'outputs.run_id')
    .select('outputs.body')
    .where('runs.request_id', '=', requestId);
  if (runId !== undefined) query = query.where('runs.id', '=', runId);
  const rows = await query.orderBy('runs.number').orderBy('outputs.index').execute();
  return rows.map((row) => row.body as OutputRow);
}

function takesMachine(before: Run, after: Run): boolean {
  return (
    IN_FLIGHT.includes(after.status) && (!IN_FLIGHT.includes(before.status) || before.machine.id !== after.machine.id)
  );
}

async function orConflict<T>(run: Run, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError('conflict', `Another run is on the machine of ${run.id}.`, { cause: error });
  }
}

function numberOf(runId: string): number {
  const number = Number(runId.slice(runId.lastIndexOf('.') + 1));
  return Number.isInteger(number) ? number : 0;
}

function columns(run: Run, now: Time) {
  return {
    status: run.status,
    machine_id: run.machine.id,
    machine_name: storable(run.machine.name.toLowerCase()),
    machine_label: storable(shortName(run.machine).toLowerCase()),
    not_before: Math.round(run.notBefore),
    deadline: run.deadline,
    queued_at: run.queuedAt,
    action_id: run.actionId,
    cancel_due: isCancelDue(run),
    collect_due: isToCollect(run),
    picked_up: run.pickedUpAt !== null,
    updated_at: now,
    body: toJson(run),
  };
}
