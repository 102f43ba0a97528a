/** The last segment of a path that a machine wrote, made harmless as the name of a file; null where nothing is left of it. */
export function harmlessName(path: string): string | null {
  const last = path.split(/[\\/]/).findLast((part) => part.trim() !== '') ?? '';
  const name = last
    // Controls, what hides or turns text, and what file systems or shells take for something else.
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  return name === '' ? null : cutTo(name, LONGEST_NAME);
}

/** Longer names aren't taken by common file systems. Characters. */
const LONGEST_NAME = 200;

/** The end says what kind of file it is, so it stays. */
function cutTo(name: string, length: number): string {
  const letters = [...name];
  if (letters.length <= length) return name;
  const end = /\.[^.]{1,15}$/.exec(name)?.[0] ?? '';
  return `${letters.slice(0, length - [...end].length - 1).join('')}…${end}`;
}

/** Flags of a gzip header. */
const EXTRA = 4;
const NAME = 8;

/** Whether bytes begin as gzip does. */
export function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b && start[2] === 8;
}

/** The name in a gzip header, as the machine wrote it; null where it names none, or its end isn't among these bytes. */
export function nameIn(start: Buffer): string | null {
  const flags = isGzip(start) ? (start[3] ?? 0) : 0;
  if ((flags & NAME) === 0) return null;
  const from = (flags & EXTRA) === 0 ? 10 : 12 + (start.length >= 12 ? start.readUInt16LE(10) : start.length);
  const to = start.indexOf(0, from);
  return to < 0 || from > start.length ? null : decode(start.subarray(from, to));
}

/** ISO 8859-1 by the standard; UTF-8 is written too, and what is valid UTF-8 is hardly ever meant as the other. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Deflate makes nothing smaller than by this factor. */
const BEST = 1032;
/** Deflate makes nothing larger than by this, header and trailer aside. */
const WORST = 1.001;
const AROUND = 4_096 + 64;

/**
 * The unpacked size in a gzip trailer, its last eight bytes; null where it can't be true. It is the size modulo 4 GiB, and what Defender
 * collects is smaller than that.
 */
export function sizeIn(trailer: Buffer, packed: number): number | null {
  if (trailer.length !== 8) return null;
  const size = trailer.readUInt32LE(4);
  const possible = size <= packed * BEST && packed <= size * WORST + AROUND;
  return possible ? size : null;
}
