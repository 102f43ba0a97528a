import type { KnownBlock, SectionBlock } from '@slack/types';
import { type Card, type Reply, type Text, text } from '../../model/notice.ts';
import { moreLinesWords, within } from '../fit.ts';
import { cut, spoken, visible } from '../text.ts';
import { buttonBlocks } from './buttons.ts';
import type { Rendered } from './card.ts';
import { LIMITS } from './limits.ts';
import { escapeMarkup, isMention, plainLine, plainText } from './text.ts';

/** Far below what Slack takes, dialogs and buttons included: this is what is sent when Slack didn't take more. */
const MOST = 6_000;
/** Of one line that may be cut. */
const LINE = 200;
/** Of what is said about one command, so that many of them leave room for the commands. */
const NOTE = 100;
const ROOM = { lines: 0, width: 0, span: LINE, facts: 0 };

/** What nobody can read in full, nobody can approve. */
const UNREADABLE =
  'The commands are too long to be shown here in full, so nobody can approve them. Whoever asked: withdraw it, and ask for less at once.';

/** A card without output and ornaments: what runs comes first and whole, as far as there is room, then as much of the rest as fits. */
export function plainCard(card: Card): Rendered {
  const first = [
    spoken([text(`${card.state.symbol} `), ...within(card.state.words, ROOM)]),
    spoken([text(card.title)]),
    spoken(within(card.headline, ROOM)),
    ...card.commands.map(
      ({ symbol, label, code, note }) =>
        `${spoken([text(`${symbol} ${label}: `)])}${visible(code)} ${cut(spoken(note), NOTE)}`,
    ),
  ];
  const whole = first.join('\n').length <= MOST;
  const said = whole ? first : [UNREADABLE, ...first];
  const buttons = whole ? card.buttons : card.buttons.filter(({ action }) => action !== 'approve');
  const rest = [...card.warnings, ...card.footer, ...card.facts].map((line) => cut(spoken(line), LINE));
  return {
    text: plainText([...said, ...rest].map(escapeMarkup)),
    blocks: [...sections([...said, ...rest]), ...calls(card.footer.flat()), ...buttonBlocks(buttons)],
  };
}

/** A reply without output. Its links stay. */
export function plainReply(reply: Reply): Rendered {
  const left = reply.output.length + reply.moreLines;
  const lines = [spoken(reply.text), ...(left > 0 ? [moreLinesWords(left, false)] : [])];
  const links = reply.text.filter((span) => span.kind === 'link');
  return {
    text: plainText([plainLine(reply.text), ...lines.slice(1)]),
    blocks: [...sections(lines), ...markup(links), ...calls(reply.text), ...buttonBlocks(reply.buttons)],
  };
}

/** Lines as plain text, where nothing is markup; a word where there was no room for all of them. */
function sections(lines: readonly string[]): SectionBlock[] {
  const whole = lines.filter((line) => line.trim() !== '').join('\n');
  const shown = whole.length > MOST ? `${cut(whole, MOST)}\nThere is more than fits into a message.` : whole;
  const parts = shown.match(/[\s\S]{1,2900}/gu) ?? [];
  return parts.map((part) => ({ type: 'section', text: { type: 'plain_text', text: part, emoji: false } }));
}

/** Plain text calls nobody, so whoever is to be called is named once more. */
function calls(line: Text): KnownBlock[] {
  const ids = line.flatMap((span) => (span.kind === 'person' && isMention(span) ? [`<@${span.id}>`] : []));
  return ids.length === 0 ? [] : [section([...new Set(ids)].slice(0, 50).join(' '))];
}

function markup(line: Text): KnownBlock[] {
  const words = plainLine(line);
  return words === '' || words.length > LIMITS.section.text ? [] : [section(words)];
}

function section(words: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: words, verbatim: true } };
}
