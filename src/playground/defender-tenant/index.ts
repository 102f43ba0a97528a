import { EventEmitter } from 'node:events';
import express, { type Express } from 'express';
import { createActions } from './actions.ts';
import { createApi, unreadable } from './api.ts';
import { createCalls } from './calls.ts';
import { createTenantClock } from './clock.ts';
import { createControl } from './control.ts';
import { createDownloads } from './downloads.ts';
import { createEntra } from './entra.ts';
import { createFaults } from './faults.ts';
import { createHolds } from './holds.ts';
import { createLibrary } from './library.ts';
import { createLife } from './life.ts';
import { createQuotas } from './limits.ts';
import { listen } from './listen.ts';
import { createMachines } from './machines.ts';
import { identityOf, settingsOf, type TenantOptions } from './options.ts';
import { createOrders } from './orders.ts';
import { contosoLibrary } from './scripts.ts';
import { observe } from './state.ts';
import type { DefenderTenant } from './tenant.ts';
import { contosoMachines } from './world.ts';

export type { Call } from './calls.ts';
export type { FaultOrder } from './faults.ts';
export type { TenantFile } from './library.ts';
export type { TenantMachine } from './machines.ts';
export type { Settings, TenantOptions } from './options.ts';
export type { DefenderTenant, ObservedAction, TenantControl, TenantState } from './tenant.ts';

/** Everything of a tenant but its listeners. */
function createParts(options: TenantOptions, changed: () => void) {
  const settings = settingsOf(options);
  const clock = createTenantClock({
    speed: settings.speed,
    ...(options.wall === undefined ? {} : { wall: options.wall }),
  });
  const world = {
    identity: identityOf(options),
    settings,
    clock,
    changed,
    machines: createMachines(contosoMachines(clock.time())),
    library: createLibrary(contosoLibrary(clock.time())),
    actions: createActions(clock),
    faults: createFaults(changed),
    holds: createHolds(changed),
    calls: createCalls(clock, changed),
    quotas: createQuotas(settings, clock),
  };
  const life = createLife({ ...world, random: options.random ?? Math.random });
  const downloads = createDownloads({ ...world, record: world.calls.record('blob') });
  return { ...world, life, downloads, entra: createEntra(world), orders: createOrders({ ...world, life }) };
}

type Parts = ReturnType<typeof createParts>;

function serverOf(path: string): 'login' | 'api' | null {
  if (path.startsWith('/_control')) return null;
  return /^\/api(\/|$)/i.test(path) ? 'api' : 'login';
}

/** Sign-in, API and control: one listener. */
function createFront(parts: Parts, blobUrl: string, tenant: () => DefenderTenant): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(parts.calls.record(serverOf));
  app.use('/_control', createControl(tenant));
  app.use(parts.entra.router);
  app.use(createApi({ ...parts, blobUrl }));
  app.use(unreadable);
  return app;
}

/** Starts a tenant on two loopback ports; ready when it resolves. */
export async function startDefenderTenant(options: TenantOptions = {}): Promise<DefenderTenant> {
  const events = new EventEmitter();
  const parts = createParts(options, () => void events.emit('change'));
  const { clock, orders } = parts;
  const blob = await listen(parts.downloads.app, options.ports?.blob ?? 0);
  const front = await listen(
    createFront(parts, blob.url, () => tenant),
    options.ports?.api ?? 0,
  ).catch(async (error: unknown) => {
    await blob.close();
    throw error;
  });
  const tenant: DefenderTenant = {
    ...parts.identity,
    apiUrl: front.url,
    loginUrl: front.url,
    blobUrl: blob.url,
    get speed() {
      return clock.speed;
    },
    set speed(value) {
      orders.set({ speed: value });
    },
    machines: parts.machines,
    library: parts.library,
    control: orders,
    executions: parts.actions.executions,
    on(event, listener) {
      events.on(event, listener);
      return () => void events.off(event, listener);
    },
    state: () => observe(parts),
    async close() {
      clock.stop();
      parts.holds.release();
      await Promise.all([front.close(), blob.close()]);
      events.removeAllListeners();
    },
  };
  return tenant;
}
