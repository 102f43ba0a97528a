import type { Reply } from '../../model/notice.ts';
import { within } from '../fit.ts';
import { spoken } from '../text.ts';
import { outputBox, shownOutput } from './fit.ts';
import { smallCard } from './frame.ts';
import { outputWords } from './plain.ts';
import { lineBlocks } from './text.ts';
import { textMessage } from './text-message.ts';
import type { Outgoing } from './wire-card.ts';

/** A reply in the thread of a card: a message, or a small card where it has buttons. */
export function renderReply(reply: Reply): Outgoing {
  const lines = [spoken(reply.text), ...outputWords(reply.output, reply.moreLines)];
  if (reply.buttons.length === 0) {
    return textMessage(lines, (room) => ({
      lines: [within(reply.text, room)],
      output: shownOutput(reply.output, reply.moreLines, room),
    }));
  }
  return smallCard(reply.buttons, lines, (room, mentions) => [
    ...lineBlocks(within(reply.text, room), {}, mentions),
    ...outputBox(shownOutput(reply.output, reply.moreLines, room)),
  ]);
}
