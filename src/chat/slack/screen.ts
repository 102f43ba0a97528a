import { type Card, type CommandLine, type Text, text } from '../../model/notice.ts';
import { moreLinesWords, type Room } from '../fit.ts';
import { cut, spoken } from '../text.ts';

/** Lines of text on one screen of a desktop, above what one types into: about 730 pixels of them. */
export const SCREEN = 32;
/** Characters in one such line, where Slack has little room beside it. */
const COLUMNS = 78;
/** What a box takes besides its lines; what is said below it; a row of buttons, the state in big letters. */
const BOX = 1;
const MORE = 1;
/** Less than this is no room for an output: it goes whole to one of them. */
const LEAST = 4;
/** What failed says why, also where there is no room left: its box, a line, and how many more there are. */
const LEAST_OF_FAILED = 3;
const BUTTONS = 2;
const HEADER = 2;
/** As Slack shows a day and a time, more or less. */
const A_DATE = text('23 Nov 09:00');

/** The output of one command, as far as a card shows it, and how many lines it leaves out. */
export interface Shown {
  lines: string[];
  left: number;
  /** Whether those are counted where the command is named, for want of room below its output. */
  beside: boolean;
}

/**
 * How much of each command's output a card shows, so that all of it fits one screen: Slack folds what is longer, and the buttons with
 * it. The thread has the output of each command in a reply of its own. What did not go well is shown first.
 */
export function outputsOnScreen(card: Card, room: Room): Shown[] {
  let rows = SCREEN - rowsWithoutOutput(card);
  const shown = card.commands.map(
    ({ output, moreLines }): Shown => ({
      ...{ lines: [], left: output.length + moreLines, beside: true },
    }),
  );
  const speaking = card.commands.flatMap((command, index) => (command.output.length > 0 ? [{ command, index }] : []));
  const inOrder = speaking.sort((a, b) => Number(isWell(a.command)) - Number(isWell(b.command)));
  for (const [told, { command, index }] of inOrder.entries()) {
    const fair = Math.max(Math.floor(rows / (inOrder.length - told)), Math.min(rows, LEAST));
    const share = hasFailed(command) ? Math.max(fair, LEAST_OF_FAILED) : fair;
    const lines = linesIn(share - BOX, command, room);
    if (lines.length === 0) continue;
    const left = command.output.length + command.moreLines - lines.length;
    const beside = share > fair;
    shown[index] = { lines, left, beside };
    rows -= BOX + rowsOf(lines) + (left > 0 && !beside ? MORE : 0);
  }
  return shown;
}

/** What there is besides the lines that are shown, for the line that names the command; nothing where it is said below them. */
export function unshownWords({ lines, left, beside }: Shown): Text {
  if (!beside || left === 0) return [];
  return [{ kind: 'text', text: ` · ${moreLinesWords(left, lines.length > 0)}` }];
}

const isWell = ({ symbol }: CommandLine): boolean => symbol === '✔';
const hasFailed = ({ symbol }: CommandLine): boolean => symbol === '✘';

/** The first lines of an output, as many as have room. */
function linesIn(rows: number, command: CommandLine, room: Room): string[] {
  const { output, moreLines } = command;
  const lines = output.slice(0, room.lines).map((line) => cut(line, room.width));
  if (moreLines === 0 && lines.length === output.length && rowsOf(lines) <= rows) return lines;
  const [first] = lines;
  while (lines.length > 0 && rowsOf(lines) > rows - MORE) lines.pop();
  // A line that is longer than all the room says why it failed all the same.
  const isCut = lines.length === 0 && first !== undefined && rows > MORE && hasFailed(command);
  return isCut ? [cut(first, (rows - MORE) * COLUMNS)] : lines;
}

/** How many lines of a screen the card takes besides the outputs of its commands. */
export function rowsWithoutOutput(card: Card): number {
  const commands = card.commands.flatMap(({ symbol, label, note, code }) => [
    lengthOf([text(`${symbol} ${label}  `), ...note]),
    code.length,
  ]);
  const lines = [card.headline, ...card.facts, ...card.warnings, ...card.footer].map(lengthOf);
  const said = [lengthOf(card.state.words), card.title.length, ...lines, ...commands];
  return HEADER + rowsIn(said) + BOX * card.commands.length + (card.buttons.length > 0 ? BUTTONS : 0);
}

/** How many characters Slack shows of it: a day and a time are shorter there than in plain words. */
export function lengthOf(line: Text): number {
  return spoken(line.map((span) => (span.kind === 'time' && span.style === 'date' ? A_DATE : span))).length;
}

const rowsOf = (lines: readonly string[]): number => rowsIn(lines.map(({ length }) => length));

function rowsIn(lengths: readonly number[]): number {
  return lengths.reduce((rows, length) => rows + Math.max(1, Math.ceil(length / COLUMNS)), 0);
}
