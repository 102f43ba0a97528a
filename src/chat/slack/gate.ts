import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Clock, Log, Metrics } from '../../flow/ports.ts';

/** Bytes; Slack's own deliveries are far smaller. */
export const MAX_BODY = 256 * 1024;
/** Slack signs the second of sending; five minutes either way, as its documentation has it. */
const SKEW = 300;
const FORM = 'application/x-www-form-urlencoded';

/**
 * What stands before Bolt's own check of the signature and closes its gaps: a size limit, the shape of both headers, a
 * time from the future (Bolt only refuses the past). Whatever is turned away here or there leaves a log line and a count.
 */
export function createGate(deps: { clock: Clock; log: Log; metrics: Metrics }): RequestHandler[] {
  const raw = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });

  function watch(_request: Request, response: Response, next: NextFunction): void {
    response.on('finish', () => {
      const why = REJECTIONS[response.statusCode];
      if (why === undefined) return;
      deps.metrics.rejectedInbound('slack', why);
      deps.log.warn({ platform: 'slack', status: response.statusCode, why }, 'Turned an inbound call away');
    });
    next();
  }

  function read(request: Request, response: Response, next: NextFunction): void {
    raw(request, response, (error?: unknown) => {
      if (error !== undefined) response.status(statusOf(error)).end();
      else next();
    });
  }

  function prove(request: Request, response: Response, next: NextFunction): void {
    const body: unknown = request.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    // Slack's check of the certificate is unsigned and asks for nothing but a 200.
    if (isSslCheck(request, bytes)) response.status(200).end();
    else if (!isTimely(request, deps.clock.now())) response.status(401).end();
    else {
      // Where Bolt's receiver looks for a body that has been read; it checks the signature over these bytes.
      Object.assign(request, { rawBody: bytes });
      if (contentType(request) === FORM) request.headers['content-type'] = FORM;
      next();
    }
  }

  return [watch, read, prove];
}

const REJECTIONS: Record<number, string | undefined> = { 400: 'unreadable', 401: 'signature', 413: 'too_large' };

function statusOf(error: unknown): 400 | 413 {
  return (error as { status?: unknown }).status === 413 ? 413 : 400;
}

/** Media type without parameters: Bolt knows the form type only without `; charset`. */
function contentType(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function isSslCheck(request: Request, body: Buffer): boolean {
  return contentType(request) === FORM && new URLSearchParams(body.toString()).get('ssl_check') === '1';
}

/** Whether both headers have their shape and the time is now; the signature itself is Bolt's to check. */
function isTimely(request: Request, now: number): boolean {
  const time = request.headers['x-slack-request-timestamp'];
  const signature = request.headers['x-slack-signature'];
  if (typeof time !== 'string' || !/^\d{1,12}$/.test(time)) return false;
  if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  return Math.abs(Math.floor(now / 1000) - Number(time)) <= SKEW;
}
