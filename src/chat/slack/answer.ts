import type { KnownBlock } from '@slack/types';
import type { PrivateAnswer } from '../../model/notice.ts';
import { type Room, within } from '../fit.ts';
import { visible } from '../text.ts';
import { buttonBlocks, plainWords } from './buttons.ts';
import type { Rendered } from './card.ts';
import { fitted, outputElements } from './fit.ts';
import { OPEN } from './form/view.ts';
import { LIMITS } from './limits.ts';
import { aside, escapeMarkup, plainLine, plainText, type RichPart, richBlock, richLine } from './text.ts';

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
  const left = answer.lines.length - MOST_LINES;
  const parts = [
    ...answer.lines.slice(0, MOST_LINES).map((line) => richLine(within(line, room))),
    left > 0 ? aside(`${left} more lines`) : null,
    ...listing(answer.output, room),
  ];
  return [...richBlock(parts), ...buttonBlocks(answer.buttons), ...(answer.form ? [formButton()] : [])];
}

/** Slack opens a form for somebody only in the moments after they did something: so here they can. */
function formButton(): KnownBlock {
  const text = plainWords('Open the form', LIMITS.button.text);
  return { type: 'actions', elements: [{ type: 'button', action_id: OPEN, text, style: 'primary' }] };
}

function listing(output: readonly string[], room: Room): RichPart[] {
  // An answer has no results page to hold the rest, so its output gets twice the room of a card's.
  const kept = output.slice(0, room.lines * 2);
  const left = output.length - kept.length;
  return [
    ...outputElements(kept, 0, { ...room, lines: kept.length }),
    ...(left > 0 ? [aside(`${left} more lines`)] : []),
  ];
}
