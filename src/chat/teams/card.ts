import { type Card, type CommandLine, strong, type Text, text } from '../../model/notice.ts';
import { type Room, someOf, within } from '../fit.ts';
import { oneLine, spoken } from '../text.ts';
import { type ButtonRow, buttonRow, foldedRow } from './buttons.ts';
import { outputBlocks, shownOutput } from './fit.ts';
import { adaptiveCard, attached } from './frame.ts';
import type { Mentions } from './mentions.ts';
import { commandWords } from './plain.ts';
import { type MriOf, refreshOf } from './refresh.ts';
import { isPassive, type LineLook, lineBlocks, monospaced, richBlocks } from './text.ts';
import type { AdaptiveCard, CardElement, Container, ContainerStyle, Outgoing, Refresh } from './wire-card.ts';

/** `mriOf` tells how Teams calls those who get a view of their own. */
export interface CardOptions {
  mriOf?: MriOf;
}

const NOBODY: MriOf = () => null;

/** The card of a request for everybody. */
export function renderCard(card: Card, { mriOf = NOBODY }: CardOptions = {}): Outgoing {
  const refresh = refreshOf(card, mriOf);
  const row = refresh === null ? buttonRow(card.buttons) : foldedRow(card.buttons);
  return attached(cardWords(card), requestCard(card, row, refresh));
}

/** The same for one person, whose buttons the card's already are. */
export function renderPersonal(card: Card, { mriOf = NOBODY }: CardOptions = {}): AdaptiveCard {
  return requestCard(card, buttonRow(card.buttons), refreshOf(card, mriOf));
}

function requestCard(card: Card, row: ButtonRow, refresh: Refresh | null): AdaptiveCard {
  // Shown as markdown by clients that show it, so it holds nothing that somebody typed.
  const fallbackText = `Live response ${card.requestId}. This version of Teams can’t show its card: update it, or use Teams in a browser.`;
  const around = { row, refresh, lines: cardWords(card), fallbackText };
  return adaptiveCard(around, (room, mentions) => cardBody(card, room, mentions));
}

function cardBody(card: Card, room: Room, mentions: Mentions): CardElement[] {
  const muted: LineLook = { size: 'Small', isSubtle: true, spacing: 'Small' };
  return [
    header(card, room, mentions),
    ...lineBlocks(within(card.headline, room), {}, mentions),
    ...card.commands.map((command) => commandBox(command, room, mentions)),
    ...someOf(card.facts, room).flatMap((line) => lineBlocks(line, muted, mentions)),
    ...warnings(card.warnings, room, mentions),
    ...card.footer.flatMap((line) => lineBlocks(within(line, room), { spacing: 'Small' }, mentions)),
  ];
}

/** The colour says again what the words say. */
const STYLES: Record<string, ContainerStyle> = {
  '✔': 'good',
  '✘': 'attention',
  '⚠': 'warning',
  '‼': 'warning',
  '↺': 'warning',
  '?': 'warning',
  '▶': 'accent',
  '◌': 'accent',
  '⏳': 'accent',
};

function header(card: Card, room: Room, mentions: Mentions): Container {
  const state: Text = [text(`${card.state.symbol} `), ...within(card.state.words, room)];
  return {
    type: 'Container',
    style: STYLES[card.state.symbol] ?? 'emphasis',
    bleed: true,
    items: [
      ...richBlocks([text(card.title)], { size: 'Small' }),
      ...lineBlocks(state, { size: 'Medium', weight: 'Bolder', spacing: 'None' }, mentions),
    ],
  };
}

function commandBox(command: CommandLine, room: Room, mentions: Mentions): Container {
  const label: Text = [text(`${command.symbol}  `), strong(command.label)];
  const note = within(command.note, room);
  // A note with a local time is a block of its own, since bold type and local times don't go together.
  const beside = note.length > 0 && isPassive(note);
  return {
    type: 'Container',
    style: 'emphasis',
    spacing: 'Small',
    items: [
      ...richBlocks(beside ? [...label, text(' · '), ...note] : label, { size: 'Small' }),
      monospaced(command.code, { weight: 'Bolder', spacing: 'Small' }),
      ...(beside ? [] : lineBlocks(note, { size: 'Small', isSubtle: true, spacing: 'Small' }, mentions)),
      ...outputBlocks(shownOutput(command.output, command.moreLines, room)),
    ],
  };
}

function warnings(lines: readonly Text[], room: Room, mentions: Mentions): Container[] {
  const items = lines.flatMap((line) => lineBlocks(warning(within(line, room)), { spacing: 'Small' }, mentions));
  return items.length === 0 ? [] : [{ type: 'Container', style: 'warning', spacing: 'Small', items }];
}

function warning(line: Text): Text {
  return /^[⚠‼]/u.test(spoken(line)) ? line : [text('⚠ '), ...line];
}

function cardWords(card: Card): string[] {
  return [
    spoken([text(`${card.state.symbol} `), ...card.state.words]),
    `${oneLine(card.title)}: ${spoken(card.headline)}`,
    ...card.commands.flatMap(commandWords),
    ...card.facts.map(spoken),
    ...card.warnings.map((line) => spoken(warning(line))),
    ...card.footer.map(spoken),
  ];
}
