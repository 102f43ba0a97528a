import { useEffect, useRef, useState } from 'react';

/**
 * Conversations in which something happened since this person last looked. `latest` has what is newest in each of those
 * they see, as a word that sorts later than those before it; `open` is the one on the screen, if any.
 */
export function useUnread(latest: ReadonlyMap<string, string>, me: string, open: string | null): Set<string> {
  const seen = useRef(new Map<string, string>());
  const [unread, setUnread] = useState(new Set<string>());
  useEffect(() => {
    const next = new Set<string>();
    for (const [id, last] of latest) {
      const key = `${me} ${id}`;
      if (id === open || !seen.current.has(key)) seen.current.set(key, last);
      else if (last > (seen.current.get(key) ?? '')) next.add(id);
    }
    setUnread((before) => (same(before, next) ? before : next));
  }, [latest, me, open]);
  return unread;
}

const same = (a: Set<string>, b: Set<string>): boolean => a.size === b.size && [...a].every((item) => b.has(item));
