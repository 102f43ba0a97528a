import type { Span, Text } from '../model/notice.ts';
import { cut } from './text.ts';

/** How much of what may be cut is shown: lines of output, characters of one such line, characters of a span, lines of facts. */
export interface Room {
  lines: number;
  width: number;
  span: number;
  facts: number;
}

/** From generous to tight: output goes first, then facts. Commands, machine and buttons are in all of them, whole. */
const ROOMS: readonly Room[] = [
  { lines: 40, width: 500, span: 2000, facts: 20 },
  { lines: 20, width: 300, span: 1000, facts: 20 },
  { lines: 8, width: 200, span: 600, facts: 20 },
  { lines: 3, width: 120, span: 400, facts: 12 },
  { lines: 0, width: 0, span: 300, facts: 8 },
  { lines: 0, width: 0, span: 150, facts: 4 },
  { lines: 0, width: 0, span: 80, facts: 1 },
];

/** The most generous rendering that fits; the tightest, when even that doesn't. */
export function mostGenerous<T>(render: (room: Room) => T, fits: (rendered: T) => boolean): T {
  const [generous, ...tighter] = ROOMS as [Room, ...Room[]];
  let rendered = render(generous);
  for (const room of tighter) {
    if (fits(rendered)) break;
    rendered = render(room);
  }
  return rendered;
}

/** The line with its long words cut to the room; what is code or strong (machines, commands) stays whole. */
export function within(line: Text, room: Room): Text {
  return line.map((span) => shortened(span, room.span));
}

function shortened(span: Span, max: number): Span {
  switch (span.kind) {
    case 'text':
      return { ...span, text: cut(span.text, max) };
    case 'person':
      return { ...span, name: cut(span.name, max) };
    case 'link':
      return { ...span, label: cut(span.label, max) };
    default:
      return span;
  }
}

/** As many lines as there is room for, and a word about the others. */
export function someOf(lines: readonly Text[], room: Room): Text[] {
  const kept = lines.slice(0, room.facts).map((line) => within(line, room));
  const left = lines.length - kept.length;
  if (left > 0) kept.push([{ kind: 'text', text: `${left} more ${left === 1 ? 'fact' : 'facts'}, too long to show.` }]);
  return kept;
}

/** “142 more lines in the results”. */
export function moreLinesWords(left: number, more: boolean): string {
  return `${left} ${more ? 'more ' : ''}${left === 1 ? 'line' : 'lines'} in the results`;
}
