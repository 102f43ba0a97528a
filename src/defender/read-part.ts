import { DefenderError } from '../errors.ts';
import type { Clock } from '../flow/ports.ts';
import { type Exchange, type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import type { Api } from './http.ts';
import { LinkError } from './kept-links.ts';
import { unanswered } from './read-errors.ts';

/** What is needed to read what is behind a download link. */
export interface Downloads {
  api: Api;
  exchange: Exchange;
  clock: Clock;
  /** Milliseconds for a download. */
  deadline: number;
}

/** A stretch of what is behind a link, and how much there is in all. */
export interface Part {
  bytes: Buffer;
  total: number;
}

/** Reads a stretch, its end excluded. The link is its own key: our token isn't sent along. */
export async function readPart(deps: Downloads, link: string, from: number, to: number): Promise<Part> {
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
  if (status === 404) throw new LinkError('defender_not_found', "Defender doesn't keep this file (any more).");
  // Nothing starts at the beginning of an empty file.
  if (status === 416 && from === 0) return { bytes: Buffer.alloc(0), total: 0 };
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const [first, last, total] = (range ?? []).slice(1).map(Number);
  // Anything else, a whole file in place of a part of it too, says nothing that can be relied on.
  const complete = first === from && body.length === Math.min(to, total ?? 0) - from && last === from + body.length - 1;
  if (status === 206 && total !== undefined && complete) return { bytes: body, total };
  const message = `The file could not be looked at (${status}). Try again in a minute.`;
  if (status === 403) throw new LinkError('defender_unreachable', message);
  throw new DefenderError('defender_unreachable', message);
}
