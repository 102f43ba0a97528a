import type { HeaderBlock, KnownBlock } from '@slack/types';
import type { Card, CommandLine, Text } from '../../model/notice.ts';
import { strong, text } from '../../model/notice.ts';
import { moreLinesWords, type Room, someOf, within } from '../fit.ts';
import { cut, spoken, visible } from '../text.ts';
import { buttonBlocks } from './buttons.ts';
import { fitted, outputElements } from './fit.ts';
import { LIMITS } from './limits.ts';
import { mutedBlocks } from './muted.ts';
import { outputsOnScreen, type Shown, unshownWords } from './screen.ts';
import {
  escapeMarkup,
  isMention,
  plainLine,
  plainText,
  preformatted,
  type RichPart,
  richBlock,
  richLine,
} from './text.ts';
import { tightened } from './tight.ts';

/** What a message to Slack says: `text` the same as `blocks`, in plain words. */
export interface Rendered {
  text: string;
  blocks: KnownBlock[];
}

/** The card of a request: its state big and first, what runs in boxes and never cut, the rest small. */
export function renderCard(card: Card): Rendered {
  const tight = tightened(card);
  return { text: cardText(card), blocks: fitted((room) => cardBlocks(tight, room)) };
}

function cardBlocks(card: Card, room: Room): KnownBlock[] {
  const state: Text = [text(`${card.state.symbol} `), ...within(card.state.words, room)];
  const header = headerOf(state);
  const outputs = outputsOnScreen(card, room);
  const body = richBlock([
    saysAll(header, state) ? null : richLine(state),
    richLine([strong(card.title)]),
    richLine(within(card.headline, room)),
    ...card.commands.flatMap((command, index) => commandElements(command, outputs[index], room)),
  ]);
  const warnings = richBlock(card.warnings.map((line) => richLine(warning(within(line, room)))));
  return [
    header,
    ...body,
    ...mutedBlocks(someOf(card.facts, room)),
    ...warnings,
    ...mutedBlocks(card.footer.map((line) => within(line, room))),
    ...buttonBlocks(card.buttons),
  ];
}

/**
 * The state in big letters. A header is plain text and can't show local times, so it stops before the first one; one that is too
 * long stops after the last sentence that fits. All of it then stands below.
 */
function headerOf(state: Text): HeaderBlock {
  const firstTime = state.findIndex((span) => span.kind === 'time');
  const words = spoken(firstTime < 0 ? state : state.slice(0, firstTime));
  const shown = firstTime < 0 ? sentencesIn(words, LIMITS.header) : clause(words);
  return { type: 'header', text: { type: 'plain_text', text: cut(shown, LIMITS.header), emoji: false } };
}

/** Whether nothing of the state is missing in the header: no word, no mention, no link. */
function saysAll(header: HeaderBlock, state: Text): boolean {
  const passive = state.every((span) => span.kind !== 'link' && !isMention(span));
  return passive && header.text.text === spoken(state);
}

/** As many whole sentences as have room; all words where the first one has none. */
function sentencesIn(words: string, room: number): string {
  if (words.length <= room) return words;
  // Not the “?” that some states begin with.
  return /^.{3,}[.!?”](?= )/.exec(words.slice(0, room + 1))?.[0] ?? words;
}

/** The part of a begun sentence that stands by itself: `▶ Running since ` gives `▶ Running`. */
function clause(words: string): string {
  const part = words.split(' · ')[0] ?? words;
  const sentence = /^.*[.!?”](?= )/.exec(part)?.[0];
  if (sentence !== undefined && sentence.length > 3) return sentence;
  return part.trim().replace(/[\s,:;(]+(since|at|until|by|on|from|after|before)$/, '');
}

function commandElements(command: CommandLine, shown: Shown | undefined, room: Room): RichPart[] {
  const label = richLine([
    text(`${command.symbol} `),
    strong(command.label),
    text('  '),
    ...within(command.note, room),
    ...(shown === undefined ? [] : unshownWords(shown)),
  ]);
  return [
    ...(label === null ? [] : [label]),
    preformatted(command.code),
    ...(shown === undefined || shown.lines.length === 0
      ? []
      : outputElements(shown.lines, shown.beside ? 0 : shown.left, room)),
  ];
}

function warning(line: Text): Text {
  return /^[⚠‼]/u.test(spoken(line)) ? line : [text('⚠ '), ...line];
}

function cardText(card: Card): string {
  return plainText([
    plainLine([text(`${card.state.symbol} `), ...card.state.words]),
    plainLine([text(card.title), text(': '), ...card.headline]),
    ...card.commands.flatMap(commandText),
    ...card.facts.map(plainLine),
    ...card.warnings.map((line) => plainLine(warning(line))),
    ...card.footer.map(plainLine),
  ]);
}

function commandText(command: CommandLine): string[] {
  const { symbol, label, code, note } = command;
  const said = plainLine(note);
  const shown = command.output.map((line) => escapeMarkup(visible(line, '\t')));
  const more = command.moreLines > 0 ? [moreLinesWords(command.moreLines, shown.length > 0)] : [];
  return [
    `${plainLine([text(`${symbol} ${label}`)])} ${escapeMarkup(visible(code))} ${said}`.trim(),
    ...shown,
    ...more,
  ];
}
