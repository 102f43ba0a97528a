import type { Span, Text } from '../../model/notice.ts';
import { linkable, oneLine, spoken, visible } from '../text.ts';
import { isMention, type Mentions } from './mentions.ts';

/** The characters that mean something in the text of a message (`textFormat` xml). */
export function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A line of a message. Messages know no local times: they are in UTC. */
export function xmlLine(line: Text, mentions: Mentions): string {
  return line.map((span) => xmlSpan(span, mentions)).join('');
}

function xmlSpan(span: Span, mentions: Mentions): string {
  switch (span.kind) {
    case 'person':
      return isMention(span) ? mentions.call(span) : escapeXml(oneLine(span.name));
    case 'strong':
      return tagged('b', oneLine(span.text));
    case 'code':
      return tagged('code', visible(span.text));
    case 'link':
      return xmlLink(span);
    default:
      return escapeXml(spoken([span]));
  }
}

function tagged(tag: 'b' | 'code', value: string): string {
  return value === '' ? '' : `<${tag}>${escapeXml(value)}</${tag}>`;
}

function xmlLink({ url, label }: Extract<Span, { kind: 'link' }>): string {
  const address = linkable(url);
  const words = escapeXml(oneLine(label).trim() || (address ?? ''));
  return address === null ? words : `<a href="${escapeXml(address)}">${words}</a>`;
}

/** Lines exactly as they are, in a box; nothing for none. Line ends are tags, so that no client makes one line of them. */
export function xmlBox(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<pre>${lines.map((line) => escapeXml(visible(line, '\t'))).join('<br/>')}</pre>`;
}

/** Parts below each other; empty ones are left out. */
export function xmlText(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== '');
  return said.map((part, i) => (i > 0 && !isBox(part) && !isBox(said[i - 1]) ? `<br/>${part}` : part)).join('');
}

function isBox(part = ''): boolean {
  return part.startsWith('<pre>');
}
