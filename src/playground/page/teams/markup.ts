/** What formatted text may consist of. Nothing else ever reaches the page as markup. */
export type Tag = 'b' | 'i' | 'code' | 'pre' | 'a' | 'at' | 'br' | 'p' | 'ul' | 'ol' | 'li';

/** An element of formatted text; only links have an address. */
export interface Element {
  tag: Tag;
  href?: string;
  children: Piece[];
}

/** A piece of formatted text: words as they are read, or an element. */
export type Piece = string | Element;

/** How an element is drawn; a mention is a span, since HTML has no element for it. */
const DRAWN: Record<Tag, string> = {
  b: 'strong',
  i: 'em',
  code: 'code',
  pre: 'pre',
  a: 'a',
  at: 'span',
  br: 'br',
  p: 'p',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
};

/** The HTML element that stands for a tag. */
export const drawnAs = (tag: Tag): string => DRAWN[tag];

/** Where a link may lead: https, or a server on this machine. Anything else is no link. */
export function safeAddress(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const { protocol, hostname } = new URL(href);
  const local = protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname);
  return protocol === 'https:' || local ? href : null;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** What an entity such as `&lt;` or `&#39;` stands for; null where it stands for nothing. */
export function decodeEntity(entity: string): string | null {
  const [, hex, decimal, name] = /^&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));$/i.exec(entity) ?? [];
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? null;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** HTML for a renderer that takes strings only: words escaped, elements as they are drawn, no attribute but a safe address. */
export function toHtml(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? escaped(piece) : elementHtml(piece))).join('');
}

function elementHtml({ tag, href, children }: Element): string {
  if (tag === 'br') return '<br>';
  const address = href === undefined ? null : safeAddress(href);
  if (tag === 'a' && address === null) return toHtml(children);
  const attributes =
    tag === 'a'
      ? ` href="${escaped(address ?? '')}" target="_blank" rel="noopener noreferrer"`
      : tag === 'at'
        ? ' class="mention"'
        : '';
  return `<${DRAWN[tag]}${attributes}>${toHtml(children)}</${DRAWN[tag]}>`;
}

/** The words alone. */
export function toWords(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : wordsOf(piece))).join('');
}

const wordsOf = ({ tag, children }: Element): string => (tag === 'br' ? '\n' : toWords(children));
