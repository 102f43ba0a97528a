import type { RequestHandler } from 'express';
import type { TenantClock } from './clock.ts';

/** A call that the tenant received. Never a token, a secret or a signature. */
export interface Call {
  number: number;
  at: number;
  server: 'login' | 'api' | 'blob';
  method: string;
  path: string;
  query: string;
  /** Null while it is open, 0 when the connection ended without an answer. */
  status: number | null;
  /** Real milliseconds until the answer. */
  ms: number | null;
  /** Bodies of submissions and cancels: as parsed (null where not JSON) and letter by letter. */
  body?: unknown;
  raw?: string;
}

/** The calls received so far, oldest first, at most the last 20,000. */
export interface Calls {
  record(server: Call['server'] | ((path: string) => Call['server'] | null)): RequestHandler;
  list(): Call[];
  clear(): void;
}

const KEPT = 20_000;

/** Keeps the calls. */
export function createCalls(clock: TenantClock, changed: () => void): Calls {
  let calls: Call[] = [];
  let number = 0;

  return {
    record: (server) => (req, res, next) => {
      const url = new URL(req.originalUrl, 'http://tenant');
      const where = typeof server === 'string' ? server : server(url.pathname);
      if (where === null) {
        next();
        return;
      }
      const query = where === 'blob' ? [...url.searchParams.keys()].join('&') : url.search.slice(1);
      const facts = { at: clock.time(), server: where, method: req.method, path: url.pathname, query };
      const call: Call = { number: ++number, ...facts, status: null, ms: null };
      calls = calls.length < KEPT ? calls : calls.slice(1);
      calls.push(call);
      const began = performance.now();
      const ended = (status: number) => {
        if (call.status !== null) return;
        call.status = status;
        call.ms = Math.round(performance.now() - began);
        const raw = where === 'api' && req.method === 'POST' && typeof req.body === 'string' ? req.body : null;
        if (raw !== null) Object.assign(call, { raw, body: parsed(raw) });
        changed();
      };
      res.on('finish', () => ended(res.statusCode));
      res.on('close', () => ended(res.writableFinished ? res.statusCode : 0));
      next();
    },
    list: () => [...calls],
    clear() {
      calls = [];
    },
  };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}
