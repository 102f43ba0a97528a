import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { FaultOrder } from './faults.ts';
import { faultShape } from './faults.ts';
import { settingsShape } from './options.ts';
import { defined } from './orders.ts';
import { type DefenderTenant, fileChange, machineChange } from './tenant.ts';

/*
 * Orders for the tenant over HTTP, for tests where the bot is another process. JSON in, JSON out; POST needs
 * `Content-Type: application/json`, which also keeps web pages of other origins out. Errors are 400 `{error}`.
 *
 *   GET  /_control/state                       everything that `state()` tells; `?calls=0` leaves the calls out
 *   GET  /_control/executions?runId=LR-….1     {executions: n}: actions ever created with [runId] in front of the Comment
 *   POST /_control/settings  {speed: 60, …}    any of Settings (options.ts); what isn't named stays
 *   POST /_control/advance   {ms: 60000}       skips simulated time
 *   POST /_control/fault     {kind, on?, times?, runId?, machineId?, …}   see faults.ts; or {faults: […]}
 *   POST /_control/clear     {}                forgets faults that haven't struck
 *   POST /_control/hold      {times?: 1, runId?}   the next submission is accepted, and its answer held back
 *   POST /_control/release   {}                {released: n}; lets held answers go
 *   POST /_control/machine   {id, reachable?, portalSession?, support?, machineTags?, healthStatus?, computerDnsName?}
 *   POST /_control/library/put     {fileName, content, description?, hasParameters?, parametersDescription?, workMs?}
 *   POST /_control/library/remove  {fileName}
 */

const holdShape = z.strictObject({ times: z.number().int().min(1).optional(), runId: z.string().optional() });
const faultsShape = z.union([z.strictObject({ faults: z.array(faultShape) }), faultShape]);

type Order = (tenant: DefenderTenant, body: unknown) => unknown;

const ORDERS: Record<string, Order> = {
  settings: (tenant, body) => tenant.control.set(defined(settingsShape.partial().parse(body))),
  advance: (tenant, body) => tenant.control.advance(z.strictObject({ ms: z.number().min(0) }).parse(body).ms),
  fault: (tenant, body) => orderFaults(tenant, body),
  clear: (tenant) => tenant.control.clearFaults(),
  hold: (tenant, body) => tenant.control.hold(defined(holdShape.parse(body))),
  release: (tenant) => ({ released: tenant.control.release() }),
  machine: (tenant, body) => tenant.control.machine(machineChange.parse(body)),
  'library/put': (tenant, body) => tenant.control.putFile(fileChange.parse(body)),
  'library/remove': (tenant, body) =>
    tenant.control.removeFile(z.strictObject({ fileName: z.string() }).parse(body).fileName),
};

function orderFaults(tenant: DefenderTenant, body: unknown): void {
  const parsed = faultsShape.parse(body);
  for (const order of 'faults' in parsed ? parsed.faults : [parsed]) tenant.control.fault(order as FaultOrder);
}

/** The routes below `/_control`. */
export function createControl(tenant: () => DefenderTenant): Router {
  const router = express.Router();
  router.use(onlyLocal);
  router.get('/state', (req, res) => {
    const state = tenant().state();
    res.json(req.query.calls === '0' ? { ...state, calls: [] } : state);
  });
  router.get('/executions', (req, res) => {
    res.json({ executions: tenant().executions(String(req.query.runId ?? '')) });
  });
  router.post('/{*order}', express.json({ limit: '30mb' }), (req, res) => obey(req, res, tenant()));
  return router;
}

/** A name that was made to point at loopback (DNS rebinding) is not us. */
function onlyLocal(req: Request, res: Response, next: () => void): void {
  if (/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(req.headers.host ?? '')) next();
  else res.status(403).json({ error: 'Only for this machine.' });
}

function obey(req: Request, res: Response, tenant: DefenderTenant): void {
  const name = req.path.slice(1);
  const order = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
  if (order === undefined || !req.is('application/json')) {
    res.status(400).json({ error: 'No such order, or the body is not JSON.' });
    return;
  }
  try {
    res.json(order(tenant, req.body) ?? { ok: true });
  } catch (error) {
    res.status(400).json({ error: error instanceof Error ? error.message : 'not understood' });
  }
}
