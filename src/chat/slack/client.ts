import { WebClient } from '@slack/web-api';
import type { Log } from '../../flow/ports.ts';
import { bridgeLogger } from './logger.ts';

/** A call as a whole, body included. */
export const CALL_TIMEOUT = 10_000;
/** More than Slack ever answers to the calls made here. */
const MAX_BODY = 2 * 1024 * 1024;
/** Seconds to wait when Slack throttles without a word how long. */
const DEFAULT_WAIT = '30';

/**
 * Slack's Web API without the SDK's own retries (they post twice) and waits (they stop the whole client): one call is one
 * exchange, and its error says how it ended. Pacing and repeating are up to who calls.
 */
export function createClient(options: { botToken: string; apiUrl: string; log: Log; fetch?: typeof fetch }): WebClient {
  return new WebClient(options.botToken, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT,
    allowAbsoluteUrls: false,
    fetch: guarded(options.fetch ?? fetch),
    logger: bridgeLogger(options.log),
  });
}

/** Fetch that follows no redirect, reads no endless body and always names a wait with a 429. */
export function guarded(inner: typeof fetch): typeof fetch {
  return async (url, init) => {
    const response = await inner(url, { ...init, redirect: 'error' });
    const body = await limited(response);
    const headers = new Headers(response.headers);
    if (response.status === 429 && !/^\d+$/.test(headers.get('retry-after') ?? ''))
      headers.set('retry-after', DEFAULT_WAIT);
    // The body is decoded by now.
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(body, { status: response.status, statusText: response.statusText, headers });
  };
}

async function limited(response: Response): Promise<Buffer | null> {
  if (response.body === null || response.status === 204) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY) throw new Error('Slack answered more than expected.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
