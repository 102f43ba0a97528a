import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { z } from 'zod';
import { ACTION_FIELDS, actionToWire } from './actions.ts';
import { cancelAction, resultLink, submitAction } from './api-actions.ts';
import type { ApiCall, ApiDeps, Outcome } from './api-call.ts';
import { type Endpoint, faultAnswer } from './faults.ts';
import { fileToWire } from './library.ts';
import { MACHINE_FIELDS, machineToWire } from './machines.ts';
import { pageOf } from './paging.ts';
import { type Answer, GATEWAY_NOT_FOUND, namedRefusal, Refusal, refusal, throttled } from './wire.ts';

type Handler = (call: ApiCall, deps: ApiDeps) => Outcome | Promise<Outcome>;

const READ = ['Machine.Read.All', 'Machine.ReadWrite.All'];
const LIVE = ['Machine.LiveResponse'];
const MANAGE = ['Library.Manage'];

/** The part of Defender's API that live response needs; anything else is the gateway's 404. */
export function createApi(deps: ApiDeps): Router {
  const route = (endpoint: Endpoint, roles: readonly string[], handler: Handler): RequestHandler =>
    createRoute(deps, endpoint, roles, handler);
  const api = express.Router();
  api.use(express.text({ type: () => true, limit: '1mb' }));
  api.get('/machines', route('machines', READ, listMachines));
  api.get('/machines/:id', route('machine', READ, oneMachine));
  api.post('/machines/:id/runliveresponse', route('submit', LIVE, submitAction));
  api.get('/machineactions', route('actions', READ, listActions));
  api.get('/machineactions/:id', route('action', READ, oneAction));
  api.get('/machineactions/:id/:operation', route('result', READ, resultLink));
  api.post('/machineactions/:id/cancel', route('cancel', LIVE, cancelAction));
  api.get('/libraryfiles', route('library', MANAGE, listLibrary));
  api.delete('/libraryfiles/:id', route('library_delete', MANAGE, deleteFile));
  const router = express.Router();
  router.use(['/api/v1.0', '/api'], api);
  router.use((_req, res) => send(res, GATEWAY_NOT_FOUND));
  return router;
}

function createRoute(deps: ApiDeps, endpoint: Endpoint, roles: readonly string[], handler: Handler): RequestHandler {
  return async (req, res) => {
    const call = callOf(req, res);
    try {
      const early = await strike(call, endpoint, deps);
      finish(req, res, early ?? (await handler(admitted(call, req, endpoint, roles, deps), deps)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      finish(req, res, error.answer);
    }
  };
}

function callOf(req: Request, res: Response): ApiCall {
  const url = new URL(req.originalUrl, `http://${req.headers.host ?? '127.0.0.1'}`);
  const param = (name: string) => String(req.params[name] ?? '');
  return {
    id: param('id'),
    operation: param('operation'),
    query: url.searchParams,
    raw: typeof req.body === 'string' ? req.body : '',
    base: `${url.origin}${req.baseUrl}`,
    requestor: '',
    hungUp: new Promise((resolve) => res.once('close', resolve)),
  };
}

/** A fault that is due, in place of everything else. */
async function strike(call: ApiCall, endpoint: Endpoint, deps: ApiDeps): Promise<Outcome | null> {
  const runId = /"Comment"\s*:\s*"\[([^\]"]+)\]/.exec(call.raw)?.[1] ?? null;
  const fault = deps.faults.takeEarly({ endpoint, runId, machineId: call.id });
  if (fault === null) return null;
  if (fault.kind === 'reset' || fault.kind === 'hang') return fault.kind;
  if (fault.kind !== 'hold') return faultAnswer(fault, deps.clock.time(), deps.identity.tenantId);
  const { gone } = await deps.holds.wait(call.hungUp);
  return gone ? 'hang' : null;
}

/** Sign-in first, then quota, then permission: each call, each time. */
function admitted(call: ApiCall, req: Request, endpoint: Endpoint, roles: readonly string[], deps: ApiDeps): ApiCall {
  const claims = deps.entra.verify(req.headers.authorization);
  if (claims === null) throw new Refusal(namedRefusal('unauthorized'));
  if (claims.aud !== deps.entra.audience) throw refusal(403, 'Forbidden', 'The token is for another audience.');
  const wait = deps.quotas.take(endpoint === 'submit' ? 'submit' : 'read');
  if (wait !== null) {
    throw new Refusal(throttled(deps.settings.retryAfter, wait, deps.clock.time(), deps.identity.tenantId));
  }
  if (!claims.roles.some((role) => roles.includes(role))) {
    const names = roles.join(', ');
    const text = `The application does not have any of the required application permissions (${names}) to access the resource.`;
    throw refusal(403, 'Forbidden', text);
  }
  if (req.method === 'POST' && req.is('application/json') === false) throw new Refusal({ status: 415 });
  return { ...call, requestor: claims.appid };
}

/** What can't be read at all: a body that is too big, a path that isn't well encoded, or a mistake of ours (500). */
export const unreadable: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const status = z.object({ status: z.number().int().min(400).max(499) }).safeParse(error);
  send(res, { status: status.success ? status.data.status : 500 });
};

function finish(req: Request, res: Response, outcome: Outcome): void {
  if (outcome === 'hang') return;
  if (outcome === 'reset') req.socket.resetAndDestroy();
  else send(res, outcome);
}

function send(res: Response, answer: Answer): void {
  res.status(answer.status).set(answer.headers ?? {});
  if (answer.body === undefined) res.end();
  else if (typeof answer.body === 'string') res.send(answer.body);
  else res.json(answer.body);
}

const notFound = (what: string) => refusal(404, 'ResourceNotFound', `${what} was not found`);

function listMachines(call: ApiCall, deps: ApiDeps): Answer {
  return {
    status: 200,
    body: pageFor(call, deps, 'machines', 'Machines', deps.machines.all(), MACHINE_FIELDS, machineToWire),
  };
}

function pageFor<T>(
  call: ApiCall,
  deps: ApiDeps,
  path: string,
  set: string,
  entries: readonly T[],
  fields: Parameters<typeof pageOf<T>>[2]['fields'],
  toWire: (entry: T) => unknown,
): Record<string, unknown> {
  const { nextLinkOrigin, pageSize } = deps.settings;
  const url = `${nextLinkOrigin === null ? call.base : `${nextLinkOrigin}/api`}/${path}`;
  return pageOf(entries, call.query, { fields, toWire, pageSize, url, context: `${call.base}/$metadata#${set}` });
}

function oneMachine(call: ApiCall, deps: ApiDeps): Answer {
  const machine = deps.machines.find(call.id);
  if (machine === undefined) throw notFound(`Machine ${call.id}`);
  return {
    status: 200,
    body: { '@odata.context': `${call.base}/$metadata#Machines/$entity`, ...machineToWire(machine) },
  };
}

function listActions(call: ApiCall, deps: ApiDeps): Answer {
  const { lagMs } = deps.settings;
  const visible = deps.actions.all().filter((action) => deps.clock.elapsed() >= action.bornAt + lagMs);
  return {
    status: 200,
    body: pageFor(call, deps, 'machineactions', 'MachineActions', visible, ACTION_FIELDS, actionToWire),
  };
}

function oneAction(call: ApiCall, deps: ApiDeps): Answer {
  const action = deps.actions.byId(call.id);
  if (action === undefined || deps.clock.elapsed() < action.bornAt + deps.settings.lagMs) {
    throw notFound(`Machine action ${call.id}`);
  }
  return {
    status: 200,
    body: { '@odata.context': `${call.base}/$metadata#MachineActions/$entity`, ...actionToWire(action) },
  };
}

function listLibrary(call: ApiCall, deps: ApiDeps): Answer {
  const value = deps.library.all().map(fileToWire);
  return { status: 200, body: { '@odata.context': `${call.base}/$metadata#LibraryFiles`, value } };
}

function deleteFile(call: ApiCall, deps: ApiDeps): Answer {
  if (!deps.library.remove(call.id)) throw notFound(`File ${call.id}`);
  deps.changed();
  return { status: 204 };
}
