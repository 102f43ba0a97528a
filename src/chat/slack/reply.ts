import type { KnownBlock } from '@slack/types';
import type { Reply } from '../../model/notice.ts';
import { moreLinesWords, type Room, within } from '../fit.ts';
import { visible } from '../text.ts';
import { buttonBlocks } from './buttons.ts';
import type { Rendered } from './card.ts';
import { fitted, outputElements } from './fit.ts';
import { escapeMarkup, plainLine, plainText, richBlock, richLine } from './text.ts';

/** A reply in the thread of a card. */
export function renderReply(reply: Reply): Rendered {
  const shown = reply.output.map((line) => escapeMarkup(visible(line, '\t')));
  const more = reply.moreLines > 0 ? [moreLinesWords(reply.moreLines, shown.length > 0)] : [];
  return {
    text: plainText([plainLine(reply.text), ...shown, ...more]),
    blocks: fitted((room) => replyBlocks(reply, room)),
  };
}

function replyBlocks(reply: Reply, room: Room): KnownBlock[] {
  const output = outputElements(reply.output, reply.moreLines, room);
  return [...richBlock([richLine(within(reply.text, room)), ...output]), ...buttonBlocks(reply.buttons)];
}
