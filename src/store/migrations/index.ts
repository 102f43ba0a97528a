import type { Migration } from 'kysely';
import { up as first } from './0001-first.ts';
import { up as reviews } from './0002-reviews.ts';

/** Every migration by name, in order; a released one is never changed. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': { up: first },
  '0002-reviews': { up: reviews },
};
