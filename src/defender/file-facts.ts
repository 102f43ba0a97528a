import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { DefenderError } from '../errors.ts';
import type { Purpose } from '../flow/ports.ts';
import type { CollectedFile } from '../model/request.ts';
import { type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import { harmlessName, isGzip, nameIn, sizeIn } from './gzip-parts.ts';
import { unanswered } from './read-errors.ts';
import type { ResultDeps } from './results.ts';

/** Bytes that are read of each file first: header and name. */
const START = 4_096;
/** Files up to this many packed bytes are read whole. */
const WHOLE = 5 * 1024 * 1024;
/** A small file can unfold into an endless one. Bytes. */
const UNPACKED = 64 * 1024 * 1024;
const TRAILER = 8;

/** A stretch of what is behind a link, and how much there is in all. */
interface Part {
  bytes: Buffer;
  total: number;
}

/**
 * Creates the look at collected files: the first kilobytes and the last bytes, by ranges that start somewhere, as Azure storage has no
 * others (learn.microsoft.com, “Specifying the range header for Blob service operations”). Throws DefenderError.
 */
export function createFileFacts(
  deps: ResultDeps & { resultLink(actionId: string, index: number, purpose: Purpose): Promise<string> },
): (actionId: string, index: number, purpose: Purpose) => Promise<CollectedFile> {
  return async (actionId, index, purpose) => {
    const link = await deps.resultLink(actionId, index, purpose);
    const start = await readPart(deps, link, 0, START);
    if (start.total <= START) return factsOf(start.bytes);
    if (start.total <= WHOLE) return factsOf((await readPart(deps, link, 0, start.total)).bytes);
    if (!isGzip(start.bytes)) return { name: null, size: start.total, packed: start.total, sha256: null };
    return factsFromEnds(start, await readPart(deps, link, start.total - TRAILER, start.total));
  };
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

/** Reads a stretch, its end excluded. The link is its own key: our token isn't sent along. */
async function readPart(deps: ResultDeps, link: string, from: number, to: number): Promise<Part> {
  const startedAt = deps.clock.now();
  const headers = { Accept: '*/*', Range: `bytes=${from}-${to - 1}` };
  try {
    const incoming = await withDeadline(deps.deadline, (signal) =>
      deps.exchange.fetchStart({ method: 'GET', url: link, headers, limit: to - from, signal }),
    );
    deps.api.ended('download', 'GET', startedAt, { ...incoming, body: Buffer.alloc(0) });
    return partOf(incoming, from, to);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    deps.api.ended('download', 'GET', startedAt, error);
    throw unanswered(error);
  }
}

function partOf({ status, headers, body }: Incoming, from: number, to: number): Part {
  if (status === 404) throw new DefenderError('defender_not_found', "Defender doesn't keep this file (any more).");
  // Nothing starts at the beginning of an empty file.
  if (status === 416 && from === 0) return { bytes: Buffer.alloc(0), total: 0 };
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const [first, last, total] = (range ?? []).slice(1).map(Number);
  // Anything else, a whole file in place of a part of it too, says nothing that can be relied on.
  const complete = first === from && body.length === Math.min(to, total ?? 0) - from && last === from + body.length - 1;
  if (status === 206 && total !== undefined && complete) return { bytes: body, total };
  throw new DefenderError(
    'defender_unreachable',
    `The file could not be looked at (${status}). Try again in a minute.`,
  );
}
