import express, { type Request, type Response, type Router } from 'express';
import type { Fault, Faults } from './faults.ts';
import { type Answer, METHODS, refused } from './methods.ts';
import type { Pacing } from './pacing.ts';
import type { State } from './state.ts';

export interface WebApiDeps {
  state: State;
  faults: Faults;
  pacing: Pacing;
  token: string;
}

/** Slack's Web API under `/api/<method>`: urlencoded and JSON bodies, bearer tokens, refusals with status 200. */
export function createWebApi(deps: WebApiDeps): Router {
  const router = express.Router();
  router.use(express.urlencoded({ extended: false, limit: '1mb' }), express.json({ limit: '1mb' }));
  router.all('/:method', (request, response) => serve(deps, request, response));
  return router;
}

function serve(deps: WebApiDeps, request: Request, response: Response): void {
  const method = String(request.params.method);
  const args: Record<string, unknown> = { ...request.query, ...(request.body ?? {}) };
  const channel = typeof args.channel === 'string' ? args.channel : null;
  const log = (status: number, error: string | null): void => deps.state.addCall({ method, status, error, channel });

  const wait = deps.pacing.take(method, channel);
  if (wait > 0) {
    log(429, 'ratelimited');
    rateLimited(response, wait);
    return;
  }
  const fault = deps.faults.take(method, channel);
  const answer = fault && !fault.applied ? {} : call(deps, method, args, request);
  if (fault) {
    log(fault.kind === 'status' ? fault.status : 0, `fault: ${fault.kind}`);
    suffer(fault, response);
    return;
  }
  log(200, refused(answer) ? String(answer.error) : null);
  response.set('X-OAuth-Scopes', deps.state.subscription.scopes.join(','));
  response.json({ ok: !refused(answer), ...answer });
}

function call(deps: WebApiDeps, method: string, args: Record<string, unknown>, request: Request): Answer {
  const run = METHODS[method];
  if (!run) return { error: 'unknown_method', req_method: method };
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? args.token;
  if (typeof token !== 'string' || token === '') return { error: 'not_authed' };
  return token === deps.token ? run(deps.state, args) : { error: 'invalid_auth' };
}

function rateLimited(response: Response, seconds: number): void {
  response.status(429).set('Retry-After', String(seconds)).json({ ok: false, error: 'ratelimited' });
}

/** Ends an exchange badly, in the way of the fault. */
export function suffer(fault: Fault, response: Response): void {
  switch (fault.kind) {
    case 'status':
      response.status(fault.status).type('text/plain').send('upstream trouble');
      return;
    case 'rate_limited':
      rateLimited(response, fault.retryAfter);
      return;
    case 'error':
      response.json({ ok: false, error: fault.error });
      return;
    case 'hang':
      return;
    case 'reset':
      response.socket?.destroy();
  }
}
