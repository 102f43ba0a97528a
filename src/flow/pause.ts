import type { Deps } from './deps.ts';

/** Setting under which `pause` is stored. */
export const PAUSE = 'paused';

/** Who stopped submissions, and why. */
export interface Paused {
  by: string;
  why: string | null;
  at: number;
}

/** Whether somebody paused submissions. */
export async function isPaused(deps: Pick<Deps, 'store'>): Promise<Paused | null> {
  return deps.store.transaction((tx) => tx.setting<Paused>(PAUSE));
}
