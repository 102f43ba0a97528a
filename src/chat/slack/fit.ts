import type { KnownBlock } from '@slack/types';
import { moreLinesWords, mostGenerous, type Room } from '../fit.ts';
import { cut } from '../text.ts';
import { countWords } from './check.ts';
import { LIMITS } from './limits.ts';
import { aside, preformatted, type RichPart } from './text.ts';

/** The most generous rendering that Slack takes; the tightest, when even that is too long. */
export function fitted(render: (room: Room) => KnownBlock[]): KnownBlock[] {
  return mostGenerous(render, fits);
}

/** Slack counts “text with a buffer for containers” and doesn't say how, so what it is sent as a whole counts too. */
function fits(blocks: KnownBlock[]): boolean {
  const { blocks: most, words, hard } = LIMITS.message;
  return blocks.length <= most && countWords(blocks) <= words && JSON.stringify(blocks).length <= hard;
}

/** Output of a machine, in a box, with a word about the lines that are left out. */
export function outputElements(output: readonly string[], moreLines: number, room: Room): RichPart[] {
  const kept = output.slice(0, room.lines).map((line) => cut(line, room.width));
  const left = output.length - kept.length + moreLines;
  const elements: RichPart[] = [];
  if (kept.length > 0) elements.push(preformatted(kept.join('\n'), '\n\t'));
  if (left > 0) elements.push(aside(moreLinesWords(left, kept.length > 0)));
  return elements;
}
