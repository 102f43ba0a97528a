import { decodeEntity, type Element, type Piece, safeAddress, type Tag } from './markup.ts';

/** What a text message of the format `xml` may contain. */
const ALLOWED = new Map<string, Tag>([
  ['b', 'b'],
  ['strong', 'b'],
  ['i', 'i'],
  ['em', 'i'],
  ['code', 'code'],
  ['pre', 'pre'],
  ['a', 'a'],
  ['at', 'at'],
  ['br', 'br'],
  ['p', 'p'],
]);

const TOKEN = /<(\/?)([a-z]+)((?:\s[^<>]*)?\/?)>|&#?\w+;|[^<&]+|[<&]/gi;
const HREF = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i;

/**
 * Reads simple XML. A tag that isn't allowed stays as it was written, so that everybody sees it; what was left open ends
 * with the text.
 */
export function readXml(text: string): Piece[] {
  const root: Element = { tag: 'p', children: [] };
  const open: Element[] = [root];
  for (const [token, closing, name, attributes] of text.matchAll(TOKEN)) {
    const tag = name === undefined ? undefined : ALLOWED.get(name.toLowerCase());
    if (tag === undefined) open.at(-1)?.children.push(token.startsWith('&') ? (decodeEntity(token) ?? token) : token);
    else if (closing) close(open, tag);
    else begin(open, tag, attributes ?? '');
  }
  return joined(root.children);
}

function begin(open: Element[], tag: Tag, attributes: string): void {
  const element: Element = { tag, children: [] };
  const href = tag === 'a' ? addressIn(attributes) : null;
  if (href !== null) element.href = href;
  open.at(-1)?.children.push(element);
  if (tag !== 'br' && !attributes.endsWith('/')) open.push(element);
}

function addressIn(attributes: string): string | null {
  const [, double, single] = HREF.exec(attributes) ?? [];
  return safeAddress(readEntities(double ?? single ?? ''));
}

const readEntities = (text: string): string => text.replaceAll(/&#?\w+;/g, (entity) => decodeEntity(entity) ?? entity);

/** Ends the innermost element of this tag with all that stands open in it; an end without a beginning says nothing. */
function close(open: Element[], tag: Tag): void {
  const place = open.findLastIndex((element, index) => index > 0 && element.tag === tag);
  if (place > 0) open.length = place;
}

/** Neighbouring words become one piece. */
function joined(pieces: Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else result.push(typeof piece === 'string' ? piece : { ...piece, children: joined(piece.children) });
  }
  return result;
}
