import type { Text } from '../../model/notice.ts';
import type { Room } from '../fit.ts';
import { fitted, type Output } from './fit.ts';
import { createMentions } from './mentions.ts';
import { summaryOf } from './plain.ts';
import type { Outgoing } from './wire-card.ts';
import { escapeXml, xmlBox, xmlLine, xmlText } from './xml.ts';

/** What a message says in the room that there is. */
export interface Said {
  lines: Text[];
  output: Output;
}

/** A message of text; `lines` are its plain words. */
export function textMessage(lines: readonly string[], say: (room: Room) => Said): Outgoing {
  const { text, entities } = fitted((room) => {
    const mentions = createMentions();
    const said = say(room);
    const parts = [
      ...said.lines.map((line) => xmlLine(line, mentions)),
      xmlBox(said.output.kept),
      said.output.more === '' ? '' : `<i>${escapeXml(said.output.more)}</i>`,
    ];
    return { text: xmlText(parts) || 'Live response', entities: mentions.entities() };
  });
  return { summary: summaryOf(lines), text, textFormat: 'xml', ...(entities.length === 0 ? {} : { entities }) };
}
