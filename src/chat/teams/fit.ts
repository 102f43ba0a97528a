import { moreLinesWords, mostGenerous, type Room } from '../fit.ts';
import { cut } from '../text.ts';
import { LIMITS, sizeOf } from './limits.ts';
import { monospaced, richBlocks } from './text.ts';
import type { Container, RichTextBlock } from './wire-card.ts';

/** The most generous rendering within our cap; the tightest, when even that is too long. */
export function fitted<T>(render: (room: Room) => T): T {
  return mostGenerous(render, (rendered) => sizeOf(rendered) <= LIMITS.message.bytes);
}

/** What is shown of a machine's output, and a word about the lines that aren't; empty where all are. */
export interface Output {
  kept: string[];
  more: string;
}

/** Output of a command: the results hold the rest. */
export function shownOutput(output: readonly string[], moreLines: number, room: Room): Output {
  const kept = output.slice(0, room.lines).map((line) => cut(line, room.width));
  const left = output.length - kept.length + moreLines;
  return { kept, more: left > 0 ? moreLinesWords(left, kept.length > 0) : '' };
}

/** Output in type of one width. */
export function outputBlocks({ kept, more }: Output): RichTextBlock[] {
  return [
    ...(kept.length > 0 ? [monospaced(kept.join('\n'), { size: 'Small', spacing: 'Small' }, '\n\t')] : []),
    ...richBlocks([{ kind: 'text', text: more }], { size: 'Small', isSubtle: true, spacing: 'Small' }),
  ];
}

/** The same in a box of its own; nothing for none. */
export function outputBox(output: Output): Container[] {
  const items = outputBlocks(output);
  return items.length === 0 ? [] : [{ type: 'Container', style: 'emphasis', spacing: 'Small', items }];
}
