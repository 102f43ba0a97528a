import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance } from 'axios';

/** How an exchange failed below HTTP. Carries a code of Node (`ECONNREFUSED`) and nothing of the request: that has the token. */
export class TransportError extends Error {
  readonly kind: 'deadline' | 'unreachable' | 'too_large';
  constructor(kind: TransportError['kind'], message: string) {
    super(message);
    this.name = 'TransportError';
    this.kind = kind;
  }
}

export interface Outgoing {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Bytes of the answer's body. */
  limit: number;
  /** Ends the exchange wherever it is, a dripping body included (axios' own `timeout` lets that run on). */
  signal: AbortSignal;
  /** Instead of the pooled connections. */
  agent?: HttpAgent;
}

export interface Incoming {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** HTTP out: no redirects, no proxy out of the environment, a size limit, and the caller's deadline over everything. */
export interface Exchange {
  /** Any status is an answer. Throws TransportError where there is none, or one that is larger than the limit. */
  send(outgoing: Outgoing): Promise<Incoming>;
  /** Like `send`, but the body ends at the limit instead: `cut` says whether there was more. */
  fetchStart(outgoing: Outgoing): Promise<Incoming & { cut: boolean }>;
  close(): void;
}

/** `ca`: certificate authorities to trust instead of the usual ones, for tests. */
export function createExchange(options: { ca?: string } = {}): Exchange {
  const tls = options.ca === undefined ? {} : { ca: options.ca };
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true, ...tls }) };
  const client = axios.create({
    maxRedirects: 0,
    proxy: false,
    // Not `decompress`: a small answer could unfold into a large one behind the size limit.
    decompress: false,
    responseType: 'stream',
    validateStatus: () => true,
    transformRequest: [(data) => data],
    headers: { common: { Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': 'liveresponse' } },
  });
  const fetchStart = (outgoing: Outgoing) => run(client, agents, outgoing);
  return {
    fetchStart,
    async send(outgoing) {
      const { cut, ...incoming } = await fetchStart(outgoing);
      if (cut) throw new TransportError('too_large', `The answer is larger than ${outgoing.limit} bytes`);
      return incoming;
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Runs something that ends by itself after so long (milliseconds), whatever it is doing then. */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The outcome of a promise that can't be stopped, or the deadline's error, whichever is first. */
export function orDeadline<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(lateError());
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}

async function run(
  client: AxiosInstance,
  agents: { http: HttpAgent; https: HttpsAgent },
  outgoing: Outgoing,
): Promise<Incoming & { cut: boolean }> {
  try {
    const response = await client.request<Readable>({
      method: outgoing.method,
      url: outgoing.url,
      headers: outgoing.headers ?? {},
      data: outgoing.body,
      signal: outgoing.signal,
      httpAgent: outgoing.agent ?? agents.http,
      httpsAgent: outgoing.agent ?? agents.https,
    });
    const { body, cut } = await readBody(response.data, outgoing.limit, outgoing.signal);
    return { status: response.status, headers: plainHeaders(response.headers), body, cut };
  } catch (error) {
    throw outgoing.signal.aborted ? lateError() : transportError(error);
  }
}

async function readBody(stream: Readable, limit: number, signal: AbortSignal): Promise<{ body: Buffer; cut: boolean }> {
  const stop = () => stream.destroy(lateError());
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (signal.aborted) stop();
    // Leaving the loop early destroys the stream, and its connection with it.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size > limit) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return { body: Buffer.concat(chunks), cut: size > limit };
}

function plainHeaders(headers: object): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) plain[name.toLowerCase()] = String(value);
  return plain;
}

function lateError(): TransportError {
  return new TransportError('deadline', 'No complete answer in time');
}

/** The error of axios holds the request with its token, so only the code goes on. */
function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection failed';
  return new TransportError('unreachable', code);
}
