import express, { type Request, type Response, type Router } from 'express';
import type { Fault, Faults, Incoming } from './faults.ts';
import { METHODS, refused } from './methods.ts';
import type { Pacing } from './pacing.ts';
import type { Answer } from './shown.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Call, State } from './state.ts';

export interface WebApiDeps {
  state: State;
  faults: Faults;
  pacing: Pacing;
  token: string;
  /** Of the app, for what concerns no workspace; null where it has none. */
  appToken: string | null;
  socketMode: Pick<SocketMode, 'open'> | null;
  heard?: Heard | undefined;
}

/** Told of each call of the Web API, with what it said and what came of it. */
export type Heard = (call: Incoming & Pick<Call, 'status' | 'error'>) => void;

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
  const log = (status: number, error: string | null): void => {
    deps.state.addCall({ method, status, error, channel });
    deps.heard?.({ method, status, error, channel, args });
  };

  const wait = deps.pacing.take(method, channel);
  if (wait > 0) {
    log(429, 'ratelimited');
    rateLimited(response, wait);
    return;
  }
  const fault = deps.faults.take({ method, channel, args });
  const answer = fault && !fault.applied ? {} : call(deps, method, args, request);
  if (fault) {
    log(fault.kind === 'status' ? fault.status : 0, `fault: ${fault.kind}`);
    suffer(fault, response, deps.faults);
    return;
  }
  log(200, refused(answer) ? String(answer.error) : null);
  response.set('X-OAuth-Scopes', deps.state.subscription.scopes.join(','));
  response.json({ ok: !refused(answer), ...answer });
}

/** The one method here that wants the app's token, in the header only: https://docs.slack.dev/reference/methods/apps.connections.open */
const OPEN = 'apps.connections.open';

function call(deps: WebApiDeps, method: string, args: Record<string, unknown>, request: Request): Answer {
  const run = METHODS[method];
  if (!run && method !== OPEN) return { error: 'unknown_method', req_method: method };
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const token = bearer ?? (method === OPEN ? undefined : args.token);
  if (typeof token !== 'string' || token === '') return { error: 'not_authed' };
  const known = token === deps.token || token === deps.appToken;
  if (!known) return { error: 'invalid_auth' };
  if ((token === deps.appToken) !== (method === OPEN)) return { error: 'not_allowed_token_type' };
  return run ? run(deps.state, args) : (deps.socketMode?.open() ?? { error: 'invalid_auth' });
}

function rateLimited(response: Response, seconds: number): void {
  response.status(429).set('Retry-After', String(seconds)).json({ ok: false, error: 'ratelimited' });
}

/** Ends an exchange badly, in the way of the fault. */
export function suffer(fault: Fault, response: Response, { wait }: Pick<Faults, 'wait'>): void {
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
      // Where time is simulated, so is the patience of who calls.
      if (fault.lasts !== undefined) void wait?.(fault.lasts).then(() => response.socket?.destroy());
      return;
    case 'reset':
      response.socket?.destroy();
  }
}
