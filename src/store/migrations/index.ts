import type { Migration } from 'kysely';
import { up } from './0001-first.ts';

/** Every migration by name, in order; a released one is never changed. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': { up },
};
