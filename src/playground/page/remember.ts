import { useState } from 'react';

/** State that a reload keeps: for this tab alone, or for all of them. Works without storage too. */
export function useRemembered(
  key: string,
  initial: string,
  where: 'tab' | 'browser' = 'browser',
): [string, (next: string) => void] {
  const [value, setValue] = useState(() => read(where, key) ?? initial);
  return [
    value,
    (next) => {
      setValue(next);
      try {
        storage(where).setItem(key, next);
      } catch {
        // Storage may be off; the state still lives in memory.
      }
    },
  ];
}

const storage = (where: 'tab' | 'browser'): Storage => (where === 'tab' ? sessionStorage : localStorage);

function read(where: 'tab' | 'browser', key: string): string | null {
  try {
    return storage(where).getItem(key);
  } catch {
    return null;
  }
}
