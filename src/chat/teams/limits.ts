/**
 * How much Teams takes. Sizes are of the JSON, in bytes as UTF-8 and as UTF-16, whichever is more: Teams counts UTF-16. From
 * “Format your bot messages”, “User Specific Views” and “Typeahead search” of Microsoft's Teams documentation, 2025.
 */
export const LIMITS = {
  message: {
    /** Our own cap for a card, and for the text of a message without one. */
    bytes: 25_000,
    /** Teams takes 100 KB since 2025 and took 40 KB before: what is never cut may fill this much. */
    hard: 40_000,
  },
  /** The plain words of a notification, in characters: our own cap. */
  summary: 2000,
  /** What is read aloud, and the message that answers a click: our own cap. */
  spoken: 1000,
  /** More buttons in a row go behind an overflow menu. */
  actions: 6,
  /** A button's words, in characters; longer ones are cut by the width of the card. */
  title: 60,
  /** Text that somebody types: a reason, words of a command. */
  why: 300,
  words: 1500,
  /** Those who may have a view of their own (`refresh.userIds`). */
  views: 60,
} as const;

/** How large something is on the wire, in bytes. */
export function sizeOf(value: unknown): number {
  const json = JSON.stringify(value);
  return Math.max(Buffer.byteLength(json, 'utf8'), json.length * 2);
}
