import type { Kysely } from 'kysely';
import type { ChainHead, SealedContent } from './audit-chain.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

/** An entry as it stands in the table. */
export interface AuditRow extends Omit<SealedContent, 'no'> {
  id: number;
  no: number | null;
  seal: string | null;
}

/** The ends of the chain with the seal they are stored under. */
export type StoredHead = ChainHead & { mac: string };

/** The row of the head with its mac, or null before anything was sealed. `lock` makes this transaction the only sealer. */
export async function readHead(db: Db, lock = false): Promise<StoredHead | null> {
  const query = db.selectFrom('audit_head').selectAll().where('id', '=', 1);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined
    ? null
    : { baseNo: row.base_no, baseSeal: row.base_seal, count: row.count, seal: row.seal, mac: row.mac };
}

/** A page of sealed entries after `no`, or of unsealed ones after an id. */
export async function readPage(db: Db, after: { no: number } | { id: number }, limit: number): Promise<AuditRow[]> {
  const query = db.selectFrom('audit').selectAll().limit(limit);
  const rows = await ('no' in after
    ? query.where('no', '>', after.no).orderBy('no')
    : query.where('no', 'is', null).where('id', '>', after.id).orderBy('id')
  ).execute();
  return rows.map((row) => ({
    id: row.id,
    no: row.no,
    at: isoTime(row.at),
    actor: row.actor,
    action: row.action,
    requestId: row.request_id,
    runId: row.run_id,
    data: row.data,
    seal: row.seal,
  }));
}

/** A time as it is sealed. PostgreSQL has some that JavaScript hasn't, such as `infinity`: a changed entry is to be told of, not stumbled over. */
function isoTime(at: unknown): string {
  return at instanceof Date && !Number.isNaN(at.getTime()) ? at.toISOString() : String(at);
}
