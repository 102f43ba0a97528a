import type { Request, RequestHandler, Response } from 'express';
import type { Fault, Faults, Operation } from './faults.ts';
import type { State } from './state.ts';
import type { Answer } from './wire.ts';

export interface ServeDeps {
  state: State;
  faults: Faults;
}

/** A route of a service: what it is about, and what it answers when nothing is in the way. */
export interface Route {
  operation: Operation;
  /** The conversation that faults may wait for. */
  conversation?(request: Request): string | null;
  answer(request: Request): Answer;
}

/** Answers a route, or suffers the fault that waits for it; either way the call is remembered. */
export function serve(deps: ServeDeps, route: Route): RequestHandler {
  return (request, response) => {
    const fault = deps.faults.take(route.operation, route.conversation?.(request) ?? null);
    if (fault === null || fault.kind === 'slow') {
      const answer = route.answer(request);
      record(deps.state, request, answer);
      if (fault === null) send(response, answer);
      else setTimeout(() => send(response, answer), fault.delay).unref();
      return;
    }
    const done = fault.after ? route.answer(request) : null;
    recordFault(deps.state, request, fault, done);
    suffer(fault, request, response);
  };
}

/** Suffers the fault that waits for a route of somebody else, before that route does anything. */
export function beforehand({ state, faults }: ServeDeps, operation: Operation): RequestHandler {
  return (request, response, next) => {
    const fault = faults.take(operation, null);
    if (fault === null) next();
    else if (fault.kind === 'slow') setTimeout(next, fault.delay).unref();
    else {
      recordFault(state, request, fault, null);
      suffer(fault, request, response);
    }
  };
}

/** Remembers a call and how it was answered. */
export function record(state: State, request: Request, answer: Answer): void {
  const path = decodeURIComponent(request.baseUrl + request.path);
  const { status, error, problems = [] } = answer;
  state.addCall({ method: request.method, path, status, error, problems });
}

/** Remembers a call that met a fault, and whether it took effect all the same. */
export function recordFault(state: State, request: Request, fault: Fault, done: Answer | null): void {
  const status = fault.kind === 'status' ? fault.status : fault.kind === 'garbage' ? 200 : 0;
  const error = `fault: ${fault.kind}`;
  const problems = done === null ? [] : [done.error === null ? 'It took effect.' : `It was refused: ${done.error}`];
  record(state, request, { status, error, problems });
}

function send(response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.body === undefined) response.end();
  else response.json(answer.body);
}

/** Ends an exchange badly, in the way of the fault. */
export function suffer(fault: Fault, request: Request, response: Response): void {
  switch (fault.kind) {
    case 'status':
      response.status(fault.status).set(fault.headers);
      if (fault.code === undefined) response.end();
      else response.json({ error: { code: fault.code, message: fault.message } });
      return;
    case 'garbage':
      response.status(200).set(fault.headers).type('text/html').send('<html><body>upstream trouble</body></html>');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
    case 'slow':
  }
}
