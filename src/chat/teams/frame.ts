import { type Button, text } from '../../model/notice.ts';
import type { Room } from '../fit.ts';
import { type ButtonRow, buttonRow } from './buttons.ts';
import { fitted } from './fit.ts';
import { createMentions, type Mentions } from './mentions.ts';
import { aloud, summaryOf } from './plain.ts';
import { richBlocks } from './text.ts';
import type { AdaptiveCard, CardAction, CardElement, Outgoing, Refresh } from './wire-card.ts';

/** Renders what a card says in the room that there is. */
export type Body = (room: Room, mentions: Mentions) => CardElement[];

/** What a card is made of besides its body. */
export interface Around {
  row: ButtonRow;
  refresh: Refresh | null;
  /** The words of the card, line by line. */
  lines: readonly string[];
  /** What somebody reads whose client can't show it. */
  fallbackText: string;
}

/** A whole card around a body, as generous as there is room. */
export function adaptiveCard({ row, refresh, lines, fallbackText }: Around, body: Body): AdaptiveCard {
  return fitted((room) => {
    const mentions = createMentions();
    const shown = body(room, mentions);
    const entities = mentions.entities();
    return {
      type: 'AdaptiveCard',
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      version: '1.5',
      ...(refresh === null ? {} : { refresh }),
      body: [...shown, ...row.above],
      ...(row.actions.length === 0 ? {} : { actions: row.actions }),
      fallbackText,
      speak: aloud(lines),
      msteams: { width: 'Full', ...(entities.length === 0 ? {} : { entities }) },
    };
  });
}

/** What somebody reads whose Teams knows no cards of this version. */
export const TOO_OLD = 'This version of Teams can’t show this message: update it, or use Teams in a browser.';

/** A card of words and buttons that isn't a request's, as a message. */
export function smallCard(buttons: readonly Button[], lines: readonly string[], body: Body): Outgoing {
  const around: Around = { row: buttonRow(buttons), refresh: null, lines, fallbackText: TOO_OLD };
  const card = adaptiveCard(around, (room, mentions) => {
    const shown = body(room, mentions);
    return shown.length > 0 ? shown : richBlocks([text('Live response')], {});
  });
  return attached(lines, card);
}

/** A card that says and asks always the same, whatever its buttons are. */
export function plainCard(body: CardElement[], actions: CardAction[], spoken: string): AdaptiveCard {
  const around = { row: { above: [], actions }, refresh: null, lines: [spoken], fallbackText: TOO_OLD };
  return adaptiveCard(around, () => body);
}

/** A card as a message. */
export function attached(lines: readonly string[], content: AdaptiveCard): Outgoing {
  return {
    summary: summaryOf(lines),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}
