import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import type { Purpose } from '../flow/ports.ts';
import type { CollectedFile } from '../model/request.ts';
import { harmlessName, isGzip, nameIn, sizeIn } from './gzip-parts.ts';
import type { BehindLink } from './kept-links.ts';
import { type Downloads, type Part, readPart } from './read-part.ts';

/** Bytes that are read of each file first: header and name. */
const START = 4_096;
/** Files up to this many packed bytes are read whole. */
const WHOLE = 5 * 1024 * 1024;
/** A small file can unfold into an endless one. Bytes. */
const UNPACKED = 64 * 1024 * 1024;
const TRAILER = 8;

/**
 * Creates the look at collected files: the first kilobytes and the last bytes, by ranges that start somewhere, as Azure storage has no
 * others (learn.microsoft.com, “Specifying the range header for Blob service operations”). Throws DefenderError.
 */
export function createFileFacts(
  deps: Downloads & { behindLink: BehindLink },
): (actionId: string, index: number, purpose: Purpose) => Promise<CollectedFile> {
  return (actionId, index, purpose) => deps.behindLink({ actionId, index, purpose }, (link) => factsBehind(deps, link));
}

async function factsBehind(deps: Downloads, link: string): Promise<CollectedFile> {
  const start = await readPart(deps, link, 0, START);
  if (start.total <= START) return factsOf(start.bytes);
  if (start.total <= WHOLE) return factsOf((await readPart(deps, link, 0, start.total)).bytes);
  if (!isGzip(start.bytes)) return { name: null, size: start.total, packed: start.total, sha256: null };
  return factsFromEnds(start, await readPart(deps, link, start.total - TRAILER, start.total));
}

/** Of a file that is here as a whole. */
async function factsOf(bytes: Buffer): Promise<CollectedFile> {
  const packed = bytes.length;
  if (!isGzip(bytes)) return { name: null, size: packed, packed, sha256: digestOf(bytes) };
  const unpacked = await unpack(bytes);
  const size = unpacked?.size ?? sizeIn(bytes.subarray(-TRAILER), packed);
  return { name: nameOf(bytes), size, packed, sha256: unpacked?.sha256 ?? null };
}

function factsFromEnds(start: Part, end: Part): CollectedFile {
  const packed = start.total;
  return { name: nameOf(start.bytes), size: sizeIn(end.bytes, packed), packed, sha256: null };
}

function nameOf(start: Buffer): string | null {
  const path = nameIn(start);
  return path === null ? null : harmlessName(path);
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Size and digest of what gzip holds; null where it is broken, or more than we unpack. Nothing of it is kept. */
async function unpack(bytes: Buffer): Promise<{ size: number; sha256: string } | null> {
  const hash = createHash('sha256');
  let size = 0;
  const gunzip = createGunzip();
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > UNPACKED) return null;
      hash.update(chunk);
    }
  } catch {
    return null;
  }
  return { size, sha256: hash.digest('hex') };
}
