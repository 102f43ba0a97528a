import type { Button, HomeView, KnownBlock } from '@slack/types';
import type { Home, HomeEntry, HomeSection } from '../../../model/home.ts';
import { code, link, strong, type Text, text, time } from '../../../model/notice.ts';
import { mostGenerous, type Room, within } from '../../fit.ts';
import { cut, oneLine } from '../../text.ts';
import { plainWords } from '../buttons.ts';
import { countWords } from '../check.ts';
import { LIMITS } from '../limits.ts';
import { richBlock, richLine } from '../text.ts';

/** What Slack calls the buttons that turn pages; none begins as the buttons of cards do. */
export const REFRESH = 'lrhome:refresh';
export const NEWER = 'lrhome:newer';
export const OLDER = 'lrhome:older';
export const TURNS = /^lrhome:(refresh|newer|older)$/;

/** Longer than this, commands and names are cut: the card has them whole. */
const COMMANDS = 300;
const NAME = 80;

/** Where cards are, by the opaque string of their message; one that is missing gets no link. */
export type CardLinks = ReadonlyMap<string, string>;

/** The Home tab. Its buttons open results, and show it anew; none decides anything. */
export function homeView(home: Home, links: CardLinks): HomeView {
  const results = counter();
  return {
    type: 'home',
    blocks: [
      ...richBlock([richLine([text('As of '), time(home.at, 'date')])]),
      { type: 'actions', elements: [turn(REFRESH, 'Refresh', home.offset)] },
      ...home.notices.flatMap(words),
      ...home.sections.flatMap((section) => sectionBlocks(section, links, results)),
      ...pages(home),
      ...(home.footer === null ? [] : words(home.footer)),
    ],
  };
}

function words(said: string): KnownBlock[] {
  return richBlock([richLine([text(cut(oneLine(said), LIMITS.section.text))])]);
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

function sectionBlocks({ title, entries, none }: HomeSection, links: CardLinks, results: () => number): KnownBlock[] {
  return [
    { type: 'header', text: plainWords(title, LIMITS.header) },
    ...(entries.length === 0 ? words(none) : []),
    ...entries.flatMap((entry, index): KnownBlock[] => [
      ...(index === 0 ? [] : [{ type: 'divider' as const }]),
      ...entryBlocks(entry, links),
      ...(entry.results ? [openResults(entry.requestId, results())] : []),
    ]),
  ];
}

function entryBlocks(entry: HomeEntry, links: CardLinks): KnownBlock[] {
  return mostGenerous(
    (room) => richBlock(entryLines(entry, links, room).map(richLine)),
    (blocks) => countWords(blocks) <= LIMITS.section.text,
  );
}

function entryLines(entry: HomeEntry, links: CardLinks, room: Room): Text[] {
  const { requestId, asker, machine, commands, askedAt, state, todo, message } = entry;
  const url = message === null ? undefined : links.get(message);
  const named = [cut(asker, NAME), ...(machine === null ? [] : [cut(machine, NAME)])].join(' · ');
  return [
    [
      strong(requestId),
      text(` · ${named} · `),
      time(askedAt, 'date'),
      ...(url === undefined ? [] : [text(' · '), link(url, 'Card ↗')]),
    ],
    [code(cut(oneLine(commands), Math.min(COMMANDS, room.span)))],
    [text(`${state.symbol} `), ...within(state.words.map(plainer), room)],
    ...(todo === null ? [] : [within(todo.map(plainer), room)]),
  ];
}

/** Nothing is emphasised so much here that it may not be cut. */
function plainer(span: Text[number]): Text[number] {
  return span.kind === 'strong' || span.kind === 'code' ? text(span.text) : span;
}

function openResults(requestId: string, number: number): KnownBlock {
  return {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: `lr:results:${number}`,
        text: plainWords('Open results', LIMITS.button.text),
        accessibility_label: cut(`Open results of ${requestId}`, LIMITS.button.label),
        value: requestId,
      },
    ],
  };
}

function pages({ newer, older }: Home): KnownBlock[] {
  const elements = [
    ...(newer === null ? [] : [turn(NEWER, 'Newer', newer)]),
    ...(older === null ? [] : [turn(OLDER, 'Older', older)]),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** It carries where its page begins, and nothing else. */
function turn(action: string, label: string, offset: number): Button {
  return {
    type: 'button',
    action_id: action,
    text: plainWords(label, LIMITS.button.text),
    value: String(offset),
  };
}

/** Where the page begins that a button is about; the first one for anything that no button of ours carries. */
export function readOffset(value: string | null | undefined): number {
  return /^\d{1,4}$/.test(value ?? '') ? Number(value) : 0;
}
