import { plain, type Span, type Text } from '../../model/notice.ts';
import { isMoment, linkable, oneLine, UNKNOWN_TIME, visible } from '../text.ts';
import { disarmed, isMention, type Mentions } from './mentions.ts';
import type { Look, RichTextBlock, TextBlock, TextRun } from './wire-card.ts';

/** How a line looks, and how far it stands from what is above it. */
export type LineLook = Look & Pick<TextBlock, 'spacing'>;

/**
 * A line of a card; no block for a line without words. Words of people and machines go where nothing is markdown. Local
 * times, mentions and links need markdown (Teams' desktop shows neither in rich text reliably: MicrosoftDocs/msteams-docs#8030,
 * microsoft/AdaptiveCards#9100), so a line with one of them becomes markdown where all of it is harmless there. Where it isn't, the
 * times are in UTC, and mentions and links follow on a line of their own.
 */
export function lineBlocks(line: Text, look: LineLook, mentions: Mentions): (TextBlock | RichTextBlock)[] {
  const active = line.filter(isActive);
  if (active.length === 0) return richBlocks(line, look);
  const marked = markdown(line, mentions);
  if (marked !== null) return [{ type: 'TextBlock', text: marked, wrap: true, ...look }];
  const apart = active.filter((span) => span.kind !== 'time').map((span) => activeMarkdown(span, mentions));
  return [...richBlocks(line, look), ...aside(apart, look)];
}

function aside(parts: readonly string[], look: LineLook): TextBlock[] {
  return parts.length === 0
    ? []
    : [{ type: 'TextBlock', text: parts.join(' · '), wrap: true, ...look, spacing: 'None' }];
}

/** Whether the line needs markdown: somebody is called, a link leads somewhere, a time is local. */
export function isPassive(line: Text): boolean {
  return !line.some(isActive);
}

function isActive(span: Span): boolean {
  switch (span.kind) {
    case 'person':
      return isMention(span);
    case 'time':
      return localTime(span) !== null;
    case 'link':
      return linkable(span.url) !== null;
    default:
      return false;
  }
}

// ─── Rich text ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The line as rich text, times in UTC, without mentions and links; none without words. */
export function richBlocks(line: Text, { spacing, ...look }: LineLook): RichTextBlock[] {
  const inlines = line.flatMap((span) => runs(wordsOf(span), { ...look, ...lookOf(span) }));
  if (!inlines.some((run) => run.text.trim() !== '')) return [];
  return [{ type: 'RichTextBlock', inlines: merged(inlines), ...(spacing === undefined ? {} : { spacing }) }];
}

/** Machine text exactly as it is, whole however long; `keep` as in `visible`. */
export function monospaced(value: string, look: LineLook, keep = ''): RichTextBlock {
  const { spacing, ...rest } = look;
  const inlines = runs(spaced(visible(value, keep) || '(empty)'), { ...rest, fontType: 'Monospace' });
  return { type: 'RichTextBlock', inlines, ...(spacing === undefined ? {} : { spacing }) };
}

function wordsOf(span: Span): string {
  return span.kind === 'code' ? spaced(visible(span.text)) : oneLine(plain([known(span)]));
}

function known(span: Span): Span {
  return span.kind === 'time' && !isMoment(span.at) ? UNKNOWN_TIME : span;
}

function lookOf(span: Span): Look {
  if (span.kind === 'strong') return { weight: 'Bolder' };
  return span.kind === 'code' ? { fontType: 'Monospace' } : {};
}

/** Blanks that a browser would take for one, or for none. */
function spaced(value: string): string {
  return value.replaceAll('\t', '    ').replace(/ (?= )|^ | $/gm, '\u00A0');
}

/** Inside what clients would take for a function or a mention, were it in one piece. */
const SEAM = /(?<=\{)(?=\{(?:DATE|TIME)\()|(?<=<)(?=\/?at[\s>])/i;

function runs(value: string, look: Look): TextRun[] {
  return value === '' ? [] : value.split(SEAM).map((text) => ({ type: 'TextRun', text, ...look }));
}

/** Neighbours of one look as one run, but where that would close a seam. */
function merged(all: readonly TextRun[]): TextRun[] {
  const out: TextRun[] = [];
  for (const run of all) {
    const last = out.at(-1);
    if (last !== undefined && sameLook(last, run) && !SEAM.test(last.text + run.text)) {
      out[out.length - 1] = { ...last, text: last.text + run.text };
    } else out.push(run);
  }
  return out;
}

function sameLook({ text: _a, ...one }: TextRun, { text: _b, ...other }: TextRun): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

// ─── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What could mean something in the markdown of any client: emphasis, code, links, tags, functions, entities, lists. */
const WILD = /[*`~\\<>[\]{}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&#?\w+;|^\s*(?:[-+#=]|\d+[.)])|^\s{4}/u;

/** Whether the words mean nothing but themselves in markdown, without any escape: clients differ in which they undo. */
export function isTame(words: string): boolean {
  return !WILD.test(words);
}

/** The line as markdown without emphasis, or null where some of its words could be misread. */
function markdown(line: Text, mentions: Mentions): string | null {
  // What is ours is a mark of quotation here: it neither begins a list nor joins two words.
  const words = line.map((span) => (isActive(span) ? '"' : wordsOf(span))).join('');
  if (!isTame(words)) return null;
  return line.map((span) => (isActive(span) ? activeMarkdown(span, mentions) : wordsOf(span))).join('');
}

function activeMarkdown(span: Span, mentions: Mentions): string {
  switch (span.kind) {
    case 'person':
      return mentions.call(span);
    case 'time':
      return localTime(span) ?? wordsOf(span);
    case 'link':
      return markdownLink(span);
    default:
      return wordsOf(span);
  }
}

function markdownLink(span: Extract<Span, { kind: 'link' }>): string {
  const url = linkable(span.url);
  if (url === null) return wordsOf(span);
  const label = disarmed(oneLine(span.label)).trim() || disarmed(new URL(url).host);
  return `[${label}](${url.replace(/[()[\]{}`\\]/g, percent)})`;
}

function percent(char: string): string {
  return `%${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The time as a function that the reader's client makes local; null for one that clients can't read. */
function localTime({ at, style }: Extract<Span, { kind: 'time' }>): string | null {
  if (!isMoment(at)) return null;
  const iso = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  if (!/^\d{4}-/.test(iso)) return null;
  return style === 'clock' ? `{{TIME(${iso})}}` : `{{DATE(${iso},SHORT)}} {{TIME(${iso})}}`;
}
