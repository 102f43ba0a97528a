import { memo, useLayoutEffect, useRef } from 'react';
import { type CardHandlers, drawCard, type Pressed } from './draw-card.ts';

interface CardProps {
  card: unknown;
  /** What it is called by screen readers. */
  label: string;
  /** Whose mentions stand out. */
  myName: string;
  busy: boolean;
  onPress: (pressed: Pressed) => void;
  search: CardHandlers['search'];
}

/**
 * An Adaptive Card, drawn by Microsoft's own renderer, and anew only when something in it changed. What had the focus
 * gets it again as far as it still exists.
 */
export const Card = memo(
  function Card({ card, label, myName, busy, onPress, search }: CardProps) {
    const place = useRef<HTMLDivElement>(null);
    const handlers = useRef({ onPress, search, busy });
    handlers.current = { onPress, search, busy };
    const json = JSON.stringify(card);

    useLayoutEffect(() => {
      const element = place.current;
      if (!element) return;
      const drawn = drawCard(JSON.parse(json), {
        onPress: (pressed) => {
          if (!handlers.current.busy) handlers.current.onPress(pressed);
        },
        search: (dataset, query) => handlers.current.search(dataset, query),
      });
      for (const mention of drawn.querySelectorAll('.mention')) {
        mention.classList.toggle('mention-me', mention.textContent === myName);
      }
      const focused = focusedIn(element);
      element.replaceChildren(drawn);
      if (focused !== null) refocus(element, focused);
    }, [json, myName]);

    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset would be for fields; a card is more than those.
      <div ref={place} className="teams-card" role="group" aria-label={label} aria-busy={busy} tabIndex={-1} />
    );
  },
  (before, after) =>
    before.label === after.label &&
    before.myName === after.myName &&
    before.busy === after.busy &&
    before.onPress === after.onPress &&
    before.search === after.search &&
    (before.card === after.card || JSON.stringify(before.card) === JSON.stringify(after.card)),
);

/** What has the focus in there, by its words; null for nothing. */
function focusedIn(element: HTMLElement): string | null {
  const { activeElement } = document;
  return activeElement && element.contains(activeElement) ? (activeElement.textContent ?? '') : null;
}

function refocus(element: HTMLElement, words: string): void {
  const buttons = [...element.querySelectorAll<HTMLElement>('button, [role="button"]')];
  (buttons.find((one) => words !== '' && one.textContent === words) ?? element).focus();
}
