import type { RawBuilder } from 'kysely';
import type { AuditTrail } from '../../../src/store/audit.ts';

/** Somebody with the password of the database, who writes what he likes. */
export interface Rows {
  run(statement: RawBuilder<unknown>): Promise<void>;
  /** The trail as a process finds it that has just started. */
  trail(): AuditTrail;
}
