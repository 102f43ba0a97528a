import type { RawBuilder } from 'kysely';

/** Somebody with the password of the database, who writes what he likes. */
export interface Rows {
  run(statement: RawBuilder<unknown>): Promise<void>;
}
