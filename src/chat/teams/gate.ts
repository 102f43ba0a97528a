import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Log, Metrics } from '../../flow/ports.ts';
import { parseJson } from '../../outbound/json.ts';
import type { HttpAnswer } from './invoke.ts';

/** The path of everything that Teams sends. */
export const MESSAGES = '/api/messages';
/** Bytes; Teams' own activities are far smaller. */
export const MAX_BODY = 256 * 1024;

/**
 * What stands before the SDK and after it: a size limit, bodies that are JSON objects, and answers that tell a stranger nothing.
 * Whatever is turned away leaves a log line and a count, never what it said.
 */
export function createGate(deps: {
  log: Log;
  metrics: Metrics;
  receive: (activity: object, authorization: string) => Promise<HttpAnswer>;
}): RequestHandler[] {
  const raw = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });

  function watch(_request: Request, response: Response, next: NextFunction): void {
    response.on('finish', () => {
      const why = REJECTIONS[response.statusCode];
      if (why === undefined) return;
      deps.metrics.rejectedInbound('teams', why);
      deps.log.warn({ platform: 'teams', status: response.statusCode, why }, 'Turned an inbound call away');
    });
    next();
  }

  function read(request: Request, response: Response, next: NextFunction): void {
    raw(request, response, (error?: unknown) => {
      if (error !== undefined) response.status((error as { status?: unknown }).status === 413 ? 413 : 400).end();
      else next();
    });
  }

  async function answer(request: Request, response: Response): Promise<void> {
    const bytes: unknown = request.body;
    const body = Buffer.isBuffer(bytes) ? parseJson(bytes.toString()) : undefined;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      response.status(400).end();
      return;
    }
    const said = await outcomeOf(body, request.headers.authorization ?? '');
    response.status(said.status);
    if (said.body === null) response.end();
    else response.json(said.body);
  }

  async function outcomeOf(body: object, authorization: string): Promise<HttpAnswer> {
    try {
      return await deps.receive(body, authorization);
    } catch (error) {
      deps.log.error({ platform: 'teams', error }, 'An activity failed');
      return { status: 500, body: null };
    }
  }

  return [watch, read, answer];
}

const REJECTIONS: Record<number, string | undefined> = { 400: 'unreadable', 401: 'not_proved', 413: 'too_large' };
