import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';

interface MessageListProps {
  label: string;
  /** Changes with whatever the list shows, so that it can stay at its end. */
  version: string;
  children: ReactNode;
}

/** How close to the end, in pixels, counts as reading along. */
const NEAR = 80;

/** A list that stays at its end while somebody reads along, and leaves whoever scrolled up alone. */
export function MessageList({ label, version, children }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what is in the list.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    else setBelow(true);
  }, [version]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const scrolled = (): void => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (atEnd.current) setBelow(false);
  };
  const toEnd = (): void => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };

  return (
    <div className="list-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard. */}
      <section className="list" ref={box} onScroll={scrolled} aria-label={label} tabIndex={0}>
        {children}
      </section>
      {below && (
        <button type="button" className="to-end" onClick={toEnd}>
          New below ↓
        </button>
      )}
    </div>
  );
}

/** A message as it is said aloud. */
export interface Said {
  id: string;
  author: string;
  words: string;
}

/** Says new messages aloud, one sentence each. Edits of a card stay silent; its thread speaks for them. */
export function Announcer({ messages }: { messages: Said[] }) {
  const heard = useRef<Set<string> | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    const fresh = messages.filter(({ id }) => heard.current && !heard.current.has(id));
    heard.current = new Set([...(heard.current ?? []), ...messages.map(({ id }) => id)]);
    if (fresh.length === 0) return;
    setWords(fresh.map((one) => `${one.author}: ${one.words.slice(0, 200)}`).join('. '));
  }, [messages]);
  return (
    <div className="sr-only" aria-live="polite">
      {words}
    </div>
  );
}
