import { type Kysely, sql } from 'kysely';
import type { AuditEntry } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import { type Anchor, sealOf } from './audit-chain.ts';
import { type ExportOptions, exportTrail } from './audit-export.ts';
import { endOf, ownHead, refuseSetBack, writeHead } from './audit-head.ts';
import { findGoing, pruneTrail } from './audit-prune.ts';
import { readPage } from './audit-rows.ts';
import { verifyTrail } from './audit-verify.ts';
import type { Verdict } from './audit-walk.ts';
import { storable, toJson } from './json.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** The audit trail beyond writing entries. */
export interface AuditTrail {
  /** Seals up to `limit` entries in order; returns how many. One sealer at a time, across instances. */
  seal(limit: number): Promise<number>;
  /** Proves the sealed part unbroken, in constant memory; and that it has passed a head that was noted earlier. */
  verify(noted?: Anchor | null): Promise<Verdict>;
  /** The last entry that this process sealed or found sealed; null before. Written down elsewhere, it holds later trails to it. */
  head(): Anchor | null;
  /** The trail as lines with their newlines; unsealed entries last. */
  export(options: ExportOptions): AsyncIterable<string>;
  /**
   * Removes sealed entries older than `before`, from the chain's beginning only, and says so at its end; returns how many. AppError
   * `database`, and nothing is removed, where one of them isn't as it was sealed.
   */
  prune(before: Time, now: Time): Promise<number>;
}

/** Writes an entry in the transaction of what it describes. Writers don't wait for each other: sealing comes later. */
export async function writeAudit(db: Db, entry: AuditEntry, now: Time): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      at: new Date(now),
      actor: toJson(entry.actor),
      action: storable(entry.action),
      request_id: entry.requestId ?? null,
      run_id: entry.runId ?? null,
      data: toJson(entry.data ?? {}),
      no: null,
      seal: null,
    })
    .execute();
}

/** The audit trail of a database, sealed under a key that is not in it. */
export function createAuditTrail(db: Db, key: string): AuditTrail {
  let last: Anchor | null = null;
  return {
    seal: async (limit) => {
      const { count, at } = await db.transaction().execute((trx) => seal(trx, key, limit, last));
      last = at;
      return count;
    },
    verify: (noted) => verifyTrail(db, key, noted),
    head: () => last,
    export: (options) => exportTrail(db, key, options),
    prune: async (before, now) => {
      const going = await findGoing(db, key, { before, now });
      if (going === null) return 0;
      const { removed, at } = await db.transaction().execute((trx) => pruneTrail(trx, key, going, last));
      last = at;
      return removed;
    },
  };
}

async function seal(
  trx: Db,
  key: string,
  limit: number,
  last: Anchor | null,
): Promise<{ count: number; at: Anchor | null }> {
  const head = await ownHead(trx, key);
  await refuseSetBack(trx, head, last);
  const rows = await readPage(trx, { id: 0 }, limit);
  const sealed = rows.map((row) => {
    head.count += 1;
    head.seal = sealOf(key, head.seal, { ...row, no: head.count });
    return { id: row.id, no: head.count, seal: head.seal };
  });
  if (sealed.length > 0) {
    await sql`update audit set no = sealed.no, seal = sealed.seal
      from jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) as sealed (id bigint, no bigint, seal text)
      where audit.id = sealed.id`.execute(trx);
    await writeHead(trx, key, head);
  }
  return { count: sealed.length, at: endOf(head) };
}
