import { type Card, type CommandLine, type Text, text } from '../../model/notice.ts';
import { cut } from '../text.ts';
import { lengthOf, rowsWithoutOutput, SCREEN } from './screen.ts';

/** Characters that surely have room in one line, whatever the type. */
const LINE = 72;
/** A name is cut to no less. */
const NAME = 12;

/**
 * The card so that it fits one screen, as far as it can: Slack folds what is longer, and the buttons with it. Closer first, then with
 * less about the files; machines, commands, reasons and warnings stay as they are. The words for notifications say all of it.
 */
export function tightened(card: Card): Card {
  const isRoomy = (one: Card): boolean => rowsWithoutOutput(one) < SCREEN;
  if (isRoomy(card)) return card;
  const close = closer(card);
  return isRoomy(close) ? close : { ...close, commands: close.commands.map(briefly) };
}

/** A bare link behind the fact before it: it had a line to itself. */
function closer(card: Card): Card {
  const facts: Text[] = [];
  for (const line of card.facts) {
    const last = facts.at(-1);
    if (last === undefined || line.length !== 1 || line[0]?.kind !== 'link') facts.push(line);
    else facts[facts.length - 1] = [...last, text(' · '), ...line];
  }
  return { ...card, facts };
}

/** Which version of a file it is in one line: when it changed and its digest whole, who added it as far as there is room. */
function briefly(command: CommandLine): CommandLine {
  const { label, note } = command;
  const changed = note.findIndex((span) => span.kind === 'time') - 1;
  const added = note[changed - 1];
  if (added?.kind !== 'text') return command;
  const kept = note.slice(changed);
  const room = LINE - lengthOf([text(`1 ${label}  `), ...kept]);
  if (lengthOf(note.slice(0, changed)) <= room) return command;
  const name = added.text.length <= room ? added.text : added.text.replace(/@.*$/, '@…');
  return { ...command, note: [text(cut(name, Math.max(room, NAME))), ...kept] };
}
