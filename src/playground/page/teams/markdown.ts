import { decodeEntity, type Element, type Piece, safeAddress } from './markup.ts';

/**
 * Reads the Markdown that Teams takes in cards: bold, italic, links, lists, and mentions. Headings, tables, code and
 * quotes stay as written, as they do there. A line break alone is a space, two of them begin a paragraph; in lists each
 * line is an item.
 */
export function readMarkdown(text: string): Piece[] {
  const blocks = text.replaceAll(/\r\n?/g, '\n').split(/\n\s*\n/);
  return blocks.flatMap((block) => readBlock(block.split('\n').filter((line) => line.trim() !== '')));
}

const ITEM = /^\s*(?:([-*+])|\d{1,9}[.)])\s+(?<words>.*)$/;

function readBlock(lines: string[]): Piece[] {
  const pieces: Element[] = [];
  const words = new Map<Element, string[]>();
  for (const line of lines) {
    const item = ITEM.exec(line);
    const tag = item === null ? 'p' : item[1] === undefined ? 'ol' : 'ul';
    const last = pieces.at(-1);
    const block: Element = last?.tag === tag ? last : { tag, children: [] };
    if (block !== last) pieces.push(block);
    if (item === null) words.set(block, [...(words.get(block) ?? []), line.trim()]);
    else block.children.push({ tag: 'li', children: readInline(item.groups?.words ?? '') });
  }
  for (const [block, said] of words) block.children = readInline(said.join(' '));
  return pieces;
}

const ESCAPED = /^\\([!-/:-@[-`{-~])/;
const ENTITY = /^&#?\w+;/;
const MENTION = /^<at>([^<>]*)<\/at>/;
const LINK = /^\[((?:\\.|[^[\]\\])*)\]\(((?:\\.|[^()\s\\])+)\)/;
const PLAIN = /^[^\\&<[*_]+/;

/** Something recognised at the start of a text: what it is, and how many characters it took. */
interface Found {
  piece: Piece;
  length: number;
}

function readInline(text: string): Piece[] {
  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    const last = pieces.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else pieces.push(piece);
  };
  let at = 0;
  while (at < text.length) {
    const found = readOne(text.slice(at), text[at - 1] ?? ' ');
    add(found.piece);
    at += found.length;
  }
  return pieces;
}

function readOne(rest: string, before: string): Found {
  const plain = PLAIN.exec(rest)?.[0];
  if (plain !== undefined) return { piece: plain, length: plain.length };
  return (
    readEscaped(rest) ??
    readMention(rest) ??
    readLink(rest) ??
    readEmphasis(rest, before) ?? { piece: rest[0] ?? '', length: 1 }
  );
}

function readEscaped(rest: string): Found | null {
  const escaped = ESCAPED.exec(rest)?.[1];
  if (escaped !== undefined) return { piece: escaped, length: 2 };
  const entity = ENTITY.exec(rest)?.[0];
  const decoded = entity === undefined ? null : decodeEntity(entity);
  return entity === undefined || decoded === null ? null : { piece: decoded, length: entity.length };
}

function readMention(rest: string): Found | null {
  const [all, name] = MENTION.exec(rest) ?? [];
  if (all === undefined || name === undefined) return null;
  const words = name.replaceAll(/&#?\w+;/g, (entity) => decodeEntity(entity) ?? entity);
  return { piece: { tag: 'at', children: [words] }, length: all.length };
}

function readLink(rest: string): Found | null {
  const [all, title, address] = LINK.exec(rest) ?? [];
  if (all === undefined || title === undefined || address === undefined) return null;
  const href = safeAddress(address.replaceAll(/\\(.)/g, '$1'));
  return href === null ? null : { piece: { tag: 'a', href, children: readInline(title) }, length: all.length };
}

/** `**bold**`, `__bold__`, `*italic*`, `_italic_`: never with a blank inside its marks, underscores never within a word. */
function readEmphasis(rest: string, before: string): Found | null {
  const mark = /^(?:\*\*|__|\*|_)(?=\S)/.exec(rest)?.[0];
  if (mark === undefined || (mark.startsWith('_') && isWord(before))) return null;
  const end = endOf(rest, mark);
  if (end === -1) return null;
  const children = readInline(rest.slice(mark.length, end));
  return { piece: { tag: mark.length === 2 ? 'b' : 'i', children }, length: end + mark.length };
}

/** Where the mark comes again and closes, or -1. */
function endOf(rest: string, mark: string): number {
  for (let at = mark.length + 1; at <= rest.length - mark.length; at += 1) {
    if (!rest.startsWith(mark, at) || /[\s\\]/.test(rest[at - 1] ?? ' ')) continue;
    const after = rest[at + mark.length] ?? ' ';
    // One star of two is not the end of one.
    if (mark.length === 1 && (after === mark || rest[at - 1] === mark)) continue;
    if (!mark.startsWith('_') || !isWord(after)) return at;
  }
  return -1;
}

const isWord = (letter: string): boolean => /[\p{L}\p{N}_]/u.test(letter);
