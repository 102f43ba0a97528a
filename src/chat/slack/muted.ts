import type { ContextBlock, KnownBlock, MrkdwnElement, PlainTextElement } from '@slack/types';
import type { Span, Text } from '../../model/notice.ts';
import { linkable, spoken } from '../text.ts';
import { LIMITS } from './limits.ts';
import { escapeMarkup, isMention, richBlock, richElement, richLine } from './text.ts';

type Muted = PlainTextElement | MrkdwnElement;

/** What means something in mrkdwn, escaped or not: an emoji has a name in any script, a quote begins the line. */
const WILD = /[*_~`]|:[^\s:]+:|^\s*&gt;/;

/**
 * Lines in small grey type (context blocks), which know no rich text. A line that mrkdwn could misread, that mentions
 * somebody or holds code stays rich text: safe first, small second.
 */
export function mutedBlocks(lines: readonly Text[]): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  for (const line of lines) {
    const muted = mutedLine(line);
    const rich = muted === null ? richLine(line) : null;
    if (muted !== null && !merged(blocks.at(-1), muted)) blocks.push({ type: 'context', elements: [muted] });
    blocks.push(...richBlock([rich]));
  }
  return blocks;
}

/** Joins a line to the block before it where the kind is the same, to save blocks. */
function merged(block: KnownBlock | undefined, next: Muted): boolean {
  const last = block?.type === 'context' ? (block as ContextBlock).elements[0] : undefined;
  if (last === undefined || last.type !== next.type) return false;
  const together = `${last.text}\n${next.text}`;
  if (together.length > LIMITS.context.text) return false;
  last.text = together;
  return true;
}

function mutedLine(line: Text): Muted | null {
  if (line.some((span) => isMention(span) || span.kind === 'code' || span.kind === 'strong')) return null;
  const element = line.some(isActive) ? mrkdwn(line) : plainElement(line);
  return element !== null && element.text.length <= LIMITS.context.text ? element : null;
}

/** Whether the span needs markup: a local time, a link. */
function isActive(span: Span): boolean {
  return span.kind === 'time' || (span.kind === 'link' && linkable(span.url) !== null);
}

function plainElement(line: Text): PlainTextElement | null {
  const words = spoken(line);
  return words.trim() === '' ? null : { type: 'plain_text', text: words, emoji: false };
}

function mrkdwn(line: Text): MrkdwnElement | null {
  const parts = line.map(markup);
  if (parts.includes(null)) return null;
  const text = parts.join('');
  // Looked at as a whole: the halves of an emoji may stand in two names.
  return WILD.test(text.replace(ENTITY, '$1')) ? null : { type: 'mrkdwn', text, verbatim: true };
}

/** The span as mrkdwn; null where it can't be said so, or where a client could misread it. */
function markup(span: Span): string | null {
  const element = richElement(span);
  if (element === null) return '';
  if (element.type === 'date') return `<!date^${element.timestamp}^${element.format}|${element.fallback ?? ''}>`;
  if (element.type === 'text') return escapeMarkup(element.text);
  if (element.type !== 'link') return null;
  const { url, text: label = '' } = element;
  // Of two bars, some clients take the last for the end of the address.
  return label.includes('|') ? null : `<${escapeMarkup(url)}|${escapeMarkup(label)}>`;
}

/** A link with its label, a time without: what Slack makes of that is its own. */
const ENTITY = /<(?:!date[^<>]*|[^<>|]*\|([^<>]*))>/g;
