import type { PrivateAnswer, Text } from '../../model/notice.ts';
import { type Room, within } from '../fit.ts';
import { cut, spoken } from '../text.ts';
import { type Output, outputBox } from './fit.ts';
import { smallCard } from './frame.ts';
import { outputWords, spelledOut, spokenWords } from './plain.ts';
import { lineBlocks } from './text.ts';
import { textMessage } from './text-message.ts';
import type { Outgoing } from './wire-card.ts';

/** More lines than this nobody reads in a chat. */
const MOST_LINES = 60;

/** An answer for one person's eyes: a message, or a small card where it has buttons. */
export function renderAnswer(answer: PrivateAnswer): Outgoing {
  const words = [...answer.lines.map(spoken), ...outputWords(answer.output, 0)];
  if (answer.buttons.length === 0) {
    return textMessage(words, (room) => ({ lines: said(answer, room), output: listing(answer, room) }));
  }
  return smallCard(answer.buttons, words, (room, mentions) => [
    ...said(answer, room).flatMap((line, i) => lineBlocks(line, i === 0 ? {} : { spacing: 'Small' }, mentions)),
    ...outputBox(listing(answer, room)),
  ]);
}

/** The same in plain words, for the message with which Teams answers a click: at most 1,000 characters. */
export function spokenAnswer(answer: PrivateAnswer): string {
  return spokenWords([...answer.lines.map(spelledOut), ...outputWords(answer.output, 0)]);
}

function said(answer: PrivateAnswer, room: Room): Text[] {
  const left = answer.lines.length - MOST_LINES;
  const kept = answer.lines.slice(0, MOST_LINES).map((line) => within(line, room));
  return left > 0 ? [...kept, [{ kind: 'text', text: `${left} more lines` }]] : kept;
}

/** An answer has no results page to hold the rest, so its output gets twice the room of a card's. */
function listing({ output }: PrivateAnswer, room: Room): Output {
  const kept = output.slice(0, room.lines * 2).map((line) => cut(line, room.width));
  const left = output.length - kept.length;
  return { kept, more: left > 0 ? `${left} more lines` : '' };
}
