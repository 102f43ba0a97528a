import type { KnownBlock, RichTextBlock } from '@slack/types';
import type { PrivateAnswer } from '../../model/notice.ts';
import { buttonBlocks } from './buttons.ts';
import type { Rendered } from './card.ts';
import { fitted, outputElements, type Room, within } from './fit.ts';
import { aside, escapeMarkup, plainLine, plainText, richLine, visible } from './text.ts';

/** More lines than this nobody reads in a chat. */
const MOST_LINES = 60;

/** An answer for one person's eyes. */
export function renderAnswer(answer: PrivateAnswer): Rendered {
  const shown = answer.output.map((line) => escapeMarkup(visible(line, '\t')));
  return {
    text: plainText([...answer.lines.map(plainLine), ...shown]),
    blocks: fitted((room) => answerBlocks(answer, room)),
  };
}

function answerBlocks(answer: PrivateAnswer, room: Room): KnownBlock[] {
  // An answer has no results page to hold the rest, so its output gets the room that a card gives to more.
  const elements: RichTextBlock['elements'] = [
    ...answer.lines
      .slice(0, MOST_LINES)
      .map((line) => richLine(within(line, room)))
      .filter((line) => line !== null),
    ...listing(answer.output, room),
  ];
  if (answer.lines.length > MOST_LINES) elements.push(aside(`${answer.lines.length - MOST_LINES} more lines`));
  return [
    ...(elements.length === 0 ? [] : [{ type: 'rich_text' as const, elements }]),
    ...buttonBlocks(answer.buttons),
  ];
}

function listing(output: readonly string[], room: Room): RichTextBlock['elements'] {
  const kept = output.slice(0, room.lines * 2);
  const left = output.length - kept.length;
  return [
    ...outputElements(kept, 0, { ...room, lines: kept.length }),
    ...(left > 0 ? [aside(`${left} more lines`)] : []),
  ];
}
