import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Tokens } from '../entra/index.ts';
import { DefenderError } from '../errors.ts';
import type { Subject } from '../flow/outage.ts';
import type { Clock, Log, Metrics, Purpose } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';
import { type Exchange, type Incoming, orDeadline, TransportError, withDeadline } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';
import { isApiHost } from './hosts.ts';
import type { Endpoint } from './permissions.ts';
import { errorOf, lateOrUnreachable } from './read-errors.ts';
import { retryAfter, troubleOf } from './trouble.ts';

/**
 * Who spends a read; `watch`: looks at what runs, for which the others leave a share; `single`: such looks one by one, which come again
 * by themselves and have a share of their own.
 */
export type Spender = Purpose | 'watch' | 'single';

/** Whether a read may go: at once where the wait (milliseconds) is 0. */
export interface Turn {
  wait: number;
  /** Defender didn't answer such questions lately: this read is the one try, or has to wait until another one was answered. */
  outage: boolean;
}

/** The shared budget of reads. */
export interface ReadBudget {
  /** Takes one read where it may go. */
  takeRead(purpose: Spender, about: Subject): Promise<Turn>;
  /** How it ended: whether Defender answered, be it a refusal, or had trouble of its own. */
  readEnded(answered: boolean, about: Subject): Promise<void>;
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

interface Call {
  endpoint: Endpoint;
  method: 'GET' | 'POST';
  url: string;
  body?: string;
  /** Whether it is the one try in an outage. */
  turn(signal: AbortSignal): Promise<boolean>;
}

/** Bytes of an answer of the API: a page of 10,000 machine actions fits. */
export const ANSWER_LIMIT = 32 * 1024 * 1024;

/** The API over HTTP: token, budget of reads, deadline, one more try for reads, counting. */
export function createApi(deps: ApiDeps): Api {
  const { clock, timing } = deps;
  let inVainUntil = 0;

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

  /** One exchange with a token. `turn` is waited for right before it leaves. */
  async function once(call: Call, rejected: string | null, signal: AbortSignal) {
    const { endpoint, method, url, body } = call;
    const token = await deps.tokens.get({ rejected, signal });
    const outage = await call.turn(signal);
    const startedAt = clock.now();
    try {
      const headers = { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : JSON_BODY) };
      const sent = body === undefined ? {} : { body };
      const incoming = await deps.exchange.send({ method, url, headers, ...sent, limit: ANSWER_LIMIT, signal });
      ended(endpoint, method, startedAt, incoming);
      return { incoming, token, outage };
    } catch (error) {
      ended(endpoint, method, startedAt, error as Error);
      throw error;
    }
  }

  /** After a 401 once more with a fresh token: a 401 proves that nothing was done. Where fresh ones are refused too, not with each read. */
  async function exchanged(call: Call, signal: AbortSignal) {
    const first = await once(call, null, signal);
    if (first.incoming.status !== 401 || (call.method === 'GET' && clock.now() < inVainUntil)) return first;
    const second = await once(call, first.token, signal);
    inVainUntil = second.incoming.status === 401 ? clock.now() + IN_VAIN_FOR : 0;
    return second;
  }

  /** Waits for a read's turn; true where it is the one try in an outage. */
  async function waitForTurn({ purpose }: Read, about: Subject, signal: AbortSignal): Promise<boolean> {
    for (let patience = purpose === 'single' ? 0 : timing.patience; ; ) {
      const { wait, outage } = await orDeadline(deps.budget.takeRead(purpose, about), signal);
      if (wait <= 0) return outage;
      if (outage) throw new DefenderError('defender_unreachable', SILENT, { retryAfter: wait, unasked: true });
      if (wait > patience) {
        const options = { retryAfter: wait, unasked: true };
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

  /** One try of a read. Null where it is worth another one; what becomes of the last one, everybody is told. */
  async function attempt(read: Read, url: string, last: boolean, signal: AbortSignal): Promise<Incoming | null> {
    const about = subjectOf(read);
    let trying = false;
    let left = false;
    const turn = async () => {
      // A second exchange means that the first was answered, with 401.
      if (trying) await deps.budget.readEnded(true, about);
      trying = await waitForTurn(read, about, signal);
      left = true;
      return trying;
    };
    try {
      const { incoming } = await exchanged({ endpoint: read.endpoint, method: 'GET', url, turn }, signal);
      const answered = !isTrouble(incoming.status);
      if (!answered && !last && !trying) return null;
      await deps.budget.readEnded(answered, about);
      return incoming;
    } catch (error) {
      if (!(error instanceof TransportError) || !left) throw error;
      if (error.kind === 'unreachable' && !last && !trying) return null;
      await deps.budget.readEnded(error.kind === 'too_large', about);
      throw error;
    }
  }

  async function get(read: Read, url: string, signal: AbortSignal): Promise<Incoming> {
    const first = await attempt(read, url, false, signal);
    if (first !== null) return first;
    await sleep(timing.pause, undefined, { signal });
    return (await attempt(read, url, true, signal)) as Incoming;
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
      withDeadline(timing.deadline, async (signal) => {
        const call = {
          endpoint,
          method: 'POST',
          url: address(path),
          body: JSON.stringify(body),
          turn: atOnce,
        } as const;
        return (await exchanged(call, signal)).incoming;
      }),
  };
}

export const JSON_BODY = { 'Content-Type': 'application/json' };

/** After a 429 that names no wait. */
const DEFAULT_BLOCK = 15_000;
/** A fresh token that was refused, too, isn't asked for again with the next reads. Milliseconds. */
const IN_VAIN_FOR = 60_000;
const SILENT = "Defender has trouble of its own and didn't answer this lately. It is asked again soon.";

/** Reads whose address holds the id of one thing: where that one can't be told, others of its kind may. */
const OF_ONE: ReadonlySet<Endpoint> = new Set<Endpoint>(['action', 'machine', 'result_link']);

/** What trouble with a read is trouble with. Watching's lists are a kind of their own: no other question may keep them from being asked. */
export function subjectOf({ endpoint, path, purpose }: Read): Subject {
  return { kind: purpose === 'watch' ? `${endpoint}:watch` : endpoint, one: OF_ONE.has(endpoint) ? path : null };
}

const atOnce = async () => false;

function isTrouble(status: number): boolean {
  return status >= 500 || status === 408;
}

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
