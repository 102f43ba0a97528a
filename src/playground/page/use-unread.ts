import { useEffect, useRef, useState } from 'react';
import { channelsOf } from './people.ts';
import { inChannel, type View } from './view.ts';

/** Channels in which something happened since this person last looked. */
export function useUnread(view: View | null, me: string, open: string): Set<string> {
  const seen = useRef(new Map<string, string>());
  const [unread, setUnread] = useState(new Set<string>());
  useEffect(() => {
    if (!view) return;
    const next = new Set<string>();
    for (const { id } of channelsOf(view, me)) {
      const last = inChannel(view, id, me).at(-1)?.ts ?? '';
      const key = `${me} ${id}`;
      if (id === open || !seen.current.has(key)) seen.current.set(key, last);
      else if (last > (seen.current.get(key) ?? '')) next.add(id);
    }
    setUnread((before) => (same(before, next) ? before : next));
  }, [view, me, open]);
  return unread;
}

const same = (a: Set<string>, b: Set<string>): boolean => a.size === b.size && [...a].every((item) => b.has(item));
