import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Tokens } from '../entra/index.ts';
import { DefenderError } from '../errors.ts';
import type { Clock, Log, Metrics, Purpose } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import { type Exchange, type Incoming, orDeadline, TransportError, withDeadline } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';
import { isApiHost } from './hosts.ts';
import type { Endpoint } from './permissions.ts';
import { errorOf, lateOrUnreachable } from './read-errors.ts';
import { retryAfter, troubleOf } from './trouble.ts';

/** Who spends a read; `single`: looks at actions one by one, which come again by themselves and have a share of their own. */
export type Spender = Purpose | 'single';

/** The shared budget of reads. */
export interface ReadBudget {
  /** Takes one read, or tells how long to wait (milliseconds); 0: go. */
  takeRead(purpose: Spender): Promise<number>;
  /** After a 429: nobody reads before. */
  blockReads(until: Time): Promise<void>;
}

/** All milliseconds. */
export interface Timing {
  /** A call with everything in it: waiting for the budget, the token, the connection, the body, another try. */
  deadline: number;
  /** A read waits for the budget at most so long; beyond, it fails with the wait. */
  patience: number;
  /** Before the second try of a read. */
  pause: number;
}

export interface ApiDeps {
  apiUrl: string;
  tokens: Tokens;
  exchange: Exchange;
  timing: Timing;
  budget: ReadBudget;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'defenderCall' | 'throttled'>;
}

/** A read of the API: an address below `/api`, or a whole one out of a nextLink. */
export interface Read {
  endpoint: Endpoint;
  path: string;
  purpose: Spender;
}

export interface Api {
  /** Throws DefenderError. */
  read<T extends z.ZodType>(read: Read, shape: T): Promise<z.output<T>>;
  /** Any answer is one, a 401 after a fresh token too. Throws DefenderError (sign-in) or TransportError. */
  post(endpoint: Endpoint, path: string, body: object): Promise<Incoming>;
  /** The absolute address of a path below `/api`. */
  address(path: string): string;
  /** Counts and logs how a call ended. */
  ended(endpoint: Endpoint, method: 'GET' | 'POST' | 'DELETE', startedAt: Time, end: Incoming | Error): void;
}

/** Bytes of an answer of the API: a page of 10,000 machine actions fits. */
export const ANSWER_LIMIT = 32 * 1024 * 1024;

/** The API over HTTP: token, budget of reads, deadline, one more try for reads, counting. */
export function createApi(deps: ApiDeps): Api {
  const { clock, timing } = deps;

  const ended: Api['ended'] = (endpoint, method, startedAt, end) => {
    const status = end instanceof Error ? wordOfError(end) : wordOfStatus(end.status);
    const target = end instanceof Error || end.status < 400 ? '' : troubleOf(end).target;
    deps.metrics.defenderCall(endpoint, status);
    const facts = { method, endpoint, status, ms: clock.now() - startedAt, ...(target === '' ? {} : { target }) };
    deps.log[status === 'ok' ? 'debug' : 'info'](facts, 'Defender call');
  };

  function address(path: string): string {
    const url = path.startsWith('/') ? `${deps.apiUrl.replace(/\/$/, '')}/api${path}` : path;
    if (!isApiHost(url, deps.apiUrl)) {
      throw new DefenderError('defender_unexpected', "Defender pointed to an address that isn't one of its own.");
    }
    return url;
  }

  /** One exchange with the token; after a 401 once more with a fresh one: a 401 proves that nothing was done. */
  async function call(endpoint: Endpoint, method: 'GET' | 'POST', url: string, signal: AbortSignal, body?: string) {
    const first = await once(await deps.tokens.get({ rejected: null, signal }));
    if (first.incoming.status !== 401) return first.incoming;
    return (await once(await deps.tokens.get({ rejected: first.token, signal }))).incoming;

    async function once(token: string) {
      const startedAt = clock.now();
      try {
        const headers = { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : JSON_BODY) };
        const sent = body === undefined ? {} : { body };
        const incoming = await deps.exchange.send({ method, url, headers, ...sent, limit: ANSWER_LIMIT, signal });
        ended(endpoint, method, startedAt, incoming);
        return { incoming, token };
      } catch (error) {
        ended(endpoint, method, startedAt, error as Error);
        throw error;
      }
    }
  }

  async function waitForTurn(purpose: Spender, signal: AbortSignal): Promise<void> {
    for (let patience = purpose === 'single' ? 0 : timing.patience; ; ) {
      const wait = await orDeadline(deps.budget.takeRead(purpose), signal);
      if (wait <= 0) return;
      if (wait > patience) {
        const options = { retryAfter: wait };
        throw new DefenderError(
          'defender_throttled',
          'Too many questions to Defender at once. Try again soon.',
          options,
        );
      }
      patience -= wait;
      await sleep(wait, undefined, { signal });
    }
  }

  async function get(read: Read, url: string, signal: AbortSignal): Promise<Incoming> {
    const attempt = async () => {
      await waitForTurn(read.purpose, signal);
      return call(read.endpoint, 'GET', url, signal);
    };
    const first = await attempt().catch((error: unknown) => {
      if (error instanceof TransportError && error.kind === 'unreachable') return error;
      throw error;
    });
    if (!(first instanceof Error) && first.status < 500) return first;
    await sleep(timing.pause, undefined, { signal });
    return attempt();
  }

  /** A 429 teaches everybody who reads. */
  async function learn(incoming: Incoming): Promise<void> {
    if (incoming.status !== 429) return;
    deps.metrics.throttled();
    const wait = retryAfter(incoming, troubleOf(incoming), clock.now()) ?? DEFAULT_BLOCK;
    await deps.budget.blockReads(clock.now() + wait);
  }

  return {
    ended,
    address,
    async read(read, shape) {
      const url = address(read.path);
      const incoming = await withDeadline(timing.deadline, (signal) =>
        get(read, url, signal).catch((error: unknown) => {
          throw lateOrUnreachable(error, signal);
        }),
      );
      await learn(incoming);
      if (incoming.status < 200 || incoming.status > 299) throw errorOf(incoming, read.endpoint, clock.now());
      const parsed = shape.safeParse(parseJson(incoming.body.toString()));
      if (parsed.success) return parsed.data;
      throw new DefenderError('defender_unexpected', "Defender answered something that I don't understand.");
    },
    post: (endpoint, path, body) =>
      withDeadline(timing.deadline, (signal) => call(endpoint, 'POST', address(path), signal, JSON.stringify(body))),
  };
}

export const JSON_BODY = { 'Content-Type': 'application/json' };

/** After a 429 that names no wait. */
const DEFAULT_BLOCK = 15_000;

function wordOfStatus(status: number): string {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'refused' : 'unexpected';
}

function wordOfError(error: Error): string {
  return error instanceof TransportError ? error.kind : 'not_sent';
}
