import type { RichTextBlock, RichTextElement, RichTextPreformatted, RichTextSection } from '@slack/types';
import type { Span, Text } from '../../model/notice.ts';
import { plain } from '../../model/notice.ts';
import { SLACK_USER } from '../../model/slack-ids.ts';
import { cut, isMoment, linkable, oneLine, spoken, UNKNOWN_TIME, visible } from '../text.ts';
import { LIMITS } from './limits.ts';

/** The three characters that start markup in Slack, escaped: https://docs.slack.dev/messaging/formatting-message-text */
export function escapeMarkup(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The span as an element of rich text, where nothing is markup: no escaping needed. Null when there is nothing to show. */
export function richElement(span: Span): RichTextElement | null {
  switch (span.kind) {
    case 'person':
      return isMention(span) ? { type: 'user', user_id: span.id } : words(span.name);
    case 'time': {
      const at = moment(span);
      return at === null ? words(UNKNOWN_TIME.text) : { type: 'date', ...at };
    }
    case 'link': {
      const url = linkable(span.url);
      const label = cut(oneLine(span.label), LIMITS.section.text) || url;
      return url === null || label === null ? words(span.label) : { type: 'link', url, text: label };
    }
    case 'strong':
      return words(span.text, { bold: true });
    case 'code':
      return words(visible(span.text), { code: true });
    case 'text':
      return words(span.text);
  }
}

function words(value: string, style?: { bold?: true; code?: true; italic?: true }): RichTextElement | null {
  const shown = oneLine(value);
  if (shown === '') return null;
  return style === undefined ? { type: 'text', text: shown } : { type: 'text', text: shown, style };
}

/** Whether the span calls somebody. Only a well-formed Slack id does; anything else is a name. */
export function isMention(span: Span): boolean {
  return span.kind === 'person' && span.mention && span.platform === 'slack' && SLACK_USER.test(span.id);
}

function moment(span: Extract<Span, { kind: 'time' }>): { timestamp: number; format: string; fallback: string } | null {
  if (!isMoment(span.at)) return null;
  const format = span.style === 'clock' ? '{time}' : '{date_short_pretty} {time}';
  return { timestamp: Math.floor(span.at / 1000), format, fallback: plain([span]) };
}

/** A line of rich text; null for a line without words. */
export function richLine(line: Text): RichTextSection | null {
  const elements = line.map(richElement).filter((element) => element !== null);
  return elements.length === 0 ? null : { type: 'rich_text_section', elements };
}

/**
 * Lines and boxes as one block; none when there is nothing in it. Lines that follow each other become one section with line
 * ends, as Slack's own composer writes them: clients differ in how they set sections apart.
 */
export function richBlock(parts: readonly (RichPart | null)[]): RichTextBlock[] {
  const elements: RichPart[] = [];
  for (const part of parts) {
    const last = elements.at(-1);
    if (part === null) continue;
    if (part.type === 'rich_text_section' && last?.type === 'rich_text_section') {
      elements[elements.length - 1] = { ...last, elements: [...last.elements, LINE_END, ...part.elements] };
    } else elements.push(part);
  }
  return elements.length === 0 ? [] : [{ type: 'rich_text', elements }];
}

/** What rich text is made of here. */
export type RichPart = RichTextSection | RichTextPreformatted;

const LINE_END = { type: 'text', text: '\n' } as const;

/** A muted line of rich text, for what was left out. */
export function aside(value: string): RichTextSection {
  return { type: 'rich_text_section', elements: [{ type: 'text', text: value, style: { italic: true } }] };
}

/** Text exactly as it is, whole however long, in a box; `keep` as in `visible`. */
export function preformatted(value: string, keep = ''): RichTextPreformatted {
  const shown = visible(value, keep) || '(empty)';
  // Several elements read as one text; a single one of unknown maximum length might be refused.
  const parts = shown.match(/[\s\S]{1,2900}/gu) ?? [shown];
  return { type: 'rich_text_preformatted', elements: parts.map((text) => ({ type: 'text', text })) };
}

/** The words for notifications, screen readers and whatever shows no blocks: no markup in them but the addresses of links. */
export function plainLine(line: Text): string {
  return line.map((span) => plainLink(span) ?? escapeMarkup(spoken([span]))).join('');
}

function plainLink(span: Span): string | null {
  const url = span.kind === 'link' ? linkable(span.url) : null;
  if (span.kind !== 'link' || url === null) return null;
  // Slack ends the address at the first bar; one in the label would be taken for another by some clients.
  const label = escapeMarkup(oneLine(span.label)).replaceAll('|', '¦').trim();
  return label === '' ? `<${escapeMarkup(url)}>` : `<${escapeMarkup(url)}|${label}>`;
}

/** Lines as the top-level text of a message: at most what chat.update takes; what is cut is said. */
export function plainText(lines: readonly string[]): string {
  const rest = '… The rest is in the message itself.';
  const kept: string[] = [];
  let room: number = LIMITS.message.text - rest.length - 1;
  for (const line of lines.filter((each) => each.trim() !== '')) {
    if (line.length + 1 > room) return [...kept, rest].join('\n');
    room -= line.length + 1;
    kept.push(line);
  }
  return kept.join('\n') || 'Live response';
}
