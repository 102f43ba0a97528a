import { randomBytes } from 'node:crypto';
import type { Modal } from './modals.ts';

/** The Home tab of the app as one person sees it, from the first publication on. */
export type HomeTab = Pick<Modal, 'id' | 'hash' | 'user' | 'view' | 'values'>;

/** Views that a tab showed before: somebody may press a button on one that is a moment old. */
const REMEMBERED = 20;

/** All Home tabs, one for each person. */
export function createHomes(changed: () => void) {
  const tabs: HomeTab[] = [];
  const shown = new Map<string, Record<string, unknown>[]>();
  const of = (user: string): HomeTab | null => tabs.find((one) => one.user === user) ?? null;

  return {
    tabs,
    of,
    /** All that it showed, the newest first. */
    everShown: (user: string): Record<string, unknown>[] => shown.get(user) ?? [],
    publish(user: string, view: Record<string, unknown>): HomeTab {
      const before = of(user);
      const tab = before ?? { id: `V${hex().toUpperCase()}`, hash: '', user, view, values: {} };
      Object.assign(tab, { view, hash: `${tabs.length}.${hex()}` });
      if (before === null) tabs.push(tab);
      shown.set(user, [view, ...(shown.get(user) ?? [])].slice(0, REMEMBERED));
      changed();
      return tab;
    },
  };
}

const hex = (): string => randomBytes(6).toString('hex');
