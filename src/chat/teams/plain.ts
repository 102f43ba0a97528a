import type { CommandLine, Text } from '../../model/notice.ts';
import { moreLinesWords } from '../fit.ts';
import { cut, linkable, oneLine, spoken, visible } from '../text.ts';
import { LIMITS } from './limits.ts';

/** Lines as the plain words of a message: at most what a notification needs; what is left out is said. */
export function summaryOf(lines: readonly string[]): string {
  return fewer(lines, LIMITS.summary, '… The rest is in the message itself.') || 'Live response';
}

/** Lines as words for a message that Teams shows to one person for a moment, or reads aloud. */
export function spokenWords(lines: readonly string[]): string {
  return fewer(lines, LIMITS.spoken, '…') || 'Live response';
}

function fewer(lines: readonly string[], max: number, rest: string): string {
  const said = lines.filter((line) => line.trim() !== '');
  const kept: string[] = [];
  let room = max - rest.length - 1;
  for (const line of said) {
    if (line.length + 1 > room) return [...kept, ...(kept.length === 0 ? [cut(line, room)] : []), rest].join('\n');
    room -= line.length + 1;
    kept.push(line);
  }
  return kept.join('\n');
}

/** The words of a line with the addresses of its links, which can't be clicked where there is no markup. */
export function spelledOut(line: Text): string {
  return line
    .map((span) => {
      const url = span.kind === 'link' ? linkable(span.url) : null;
      return span.kind === 'link' && url !== null ? `${oneLine(span.label)} (${url})`.trim() : spoken([span]);
    })
    .join('');
}

/** What a command's part of the card says. */
export function commandWords({ symbol, label, code, note, output, moreLines }: CommandLine): string[] {
  return [
    `${oneLine(`${symbol} ${label}`)} ${visible(code)} ${spoken(note)}`.trim(),
    ...outputWords(output, moreLines),
  ];
}

/** Output of a machine, line by line, with a word about the lines that aren't here. */
export function outputWords(output: readonly string[], moreLines: number): string[] {
  const more = moreLines > 0 ? [moreLinesWords(moreLines, output.length > 0)] : [];
  return [...output.map((line) => visible(line, '\t')), ...more];
}

/** Words for a screen reader: `speak` may hold marks of its own language (SSML), so nothing in them may look like one. */
export function aloud(lines: readonly string[]): string {
  return spokenWords(lines).replace(/[<>&]/g, (char) => ({ '<': '‹', '>': '›' })[char] ?? '＆');
}
