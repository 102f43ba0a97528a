import { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { actionToWire, createActions, isFinal, runIdOf } from './actions.ts';
import { createApi, unreadable } from './api.ts';
import { createCalls } from './calls.ts';
import { createTenantClock, type TenantClock } from './clock.ts';
import { createControl, defined } from './control.ts';
import { createDownloads } from './downloads.ts';
import { createEntra } from './entra.ts';
import { createFaults, type Faults } from './faults.ts';
import { createHolds, type Holds } from './holds.ts';
import { createLibrary, fileToWire, type Library } from './library.ts';
import { createLife, type Life } from './life.ts';
import { createQuotas } from './limits.ts';
import { createMachines, type Machines } from './machines.ts';
import { defaultSettings, type Identity, type Settings, settingsShape, type TenantOptions } from './options.ts';
import { contosoLibrary } from './scripts.ts';
import type { DefenderTenant, TenantControl } from './tenant.ts';
import { contosoMachines } from './world.ts';

export type { Call } from './calls.ts';
export type { FaultOrder } from './faults.ts';
export type { TenantFile } from './library.ts';
export type { TenantMachine } from './machines.ts';
export type { Settings, TenantOptions } from './options.ts';
export type { DefenderTenant, ObservedAction, TenantControl, TenantState } from './tenant.ts';

function identityOf(options: TenantOptions): Identity {
  return {
    tenantId: options.tenantId ?? '5c1e8d3a-6f0b-4c52-9d7e-8a41b2f3c601',
    clientId: options.clientId ?? '91d7a4be-2c35-4f68-b0a9-7e5d3c1f8a42',
    clientSecret: options.clientSecret ?? 'a-secret-of-the-playground-only',
    scope: options.scope ?? 'https://api.securitycenter.microsoft.com/.default',
    certificates: options.certificates ?? [],
  };
}

function settingsOf(options: TenantOptions): Settings {
  const known = Object.keys(settingsShape.shape);
  const given = Object.entries(options).filter(([name, value]) => known.includes(name) && value !== undefined);
  return settingsShape.parse({ ...defaultSettings(), ...Object.fromEntries(given) });
}

async function listen(app: Express, port: number): Promise<Server> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function serverOf(path: string): 'login' | 'api' | null {
  if (path.startsWith('/_control')) return null;
  return /^\/api(\/|$)/i.test(path) ? 'api' : 'login';
}

/** Starts a tenant on two loopback ports; ready when it resolves. */
export async function startDefenderTenant(options: TenantOptions = {}): Promise<DefenderTenant> {
  const events = new EventEmitter();
  const changed = () => void events.emit('change');
  const identity = identityOf(options);
  const settings = settingsOf(options);
  const clock = createTenantClock({
    speed: settings.speed,
    ...(options.wall === undefined ? {} : { wall: options.wall }),
  });
  const machines = createMachines(contosoMachines(clock.time()));
  const library = createLibrary(contosoLibrary(clock.time()));
  const actions = createActions(clock);
  const faults = createFaults(changed);
  const holds = createHolds(changed);
  const calls = createCalls(clock, changed);
  const random = options.random ?? Math.random;
  const life = createLife({ actions, machines, library, settings, clock, random, changed });
  const downloads = createDownloads(actions, clock, calls.record('blob'));
  const entra = createEntra({ identity, settings, clock, faults });
  const blob = await listen(downloads.app, options.ports?.blob ?? 0);
  const blobUrl = originOf(blob);
  const shared = { identity, settings, clock, entra, machines, library, actions, life, faults, holds, downloads };
  const api = createApi({ ...shared, quotas: createQuotas(settings, clock), blobUrl: () => blobUrl, changed });

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(calls.record(serverOf));
  app.use(
    '/_control',
    createControl(() => tenant),
  );
  app.use(entra.router);
  app.use(api);
  app.use(unreadable);
  const server = await listen(app, options.ports?.api ?? 0);
  const url = originOf(server);

  const control = createOrders({ settings, clock, machines, library, faults, holds, life, changed });
  const tenant: DefenderTenant = {
    ...identity,
    apiUrl: url,
    loginUrl: url,
    blobUrl,
    get speed() {
      return clock.speed;
    },
    set speed(value) {
      control.set({ speed: value });
    },
    machines,
    library,
    control,
    executions: actions.executions,
    on(event, listener) {
      events.on(event, listener);
      return () => void events.off(event, listener);
    },
    state: () => ({
      now: clock.time(),
      elapsed: clock.elapsed(),
      settings: structuredClone(settings),
      machines: structuredClone(machines.all()),
      library: library.all().map(fileToWire),
      actions: actions.all().map((action) => ({
        runId: runIdOf(action.comment),
        started: action.started,
        final: isFinal(action),
        action: actionToWire(action),
      })),
      executions: actions.executionCounts(),
      calls: calls.list(),
      faults: faults.pending(),
      held: holds.count(),
    }),
    async close() {
      clock.stop();
      holds.release();
      await Promise.all([close(server), close(blob)]);
      events.removeAllListeners();
    },
  };
  return tenant;
}

function createOrders(deps: {
  settings: Settings;
  clock: TenantClock;
  machines: Machines;
  library: Library;
  faults: Faults;
  holds: Holds;
  life: Life;
  changed: () => void;
}): TenantControl {
  const { settings, clock, machines, library, faults, holds, life, changed } = deps;
  return {
    fault: faults.order,
    clearFaults: faults.clear,
    hold: (hold = {}) => faults.order({ kind: 'hold_after', ...hold }),
    release: holds.release,
    set(changes) {
      Object.assign(settings, settingsShape.partial().parse(changes));
      if (changes.speed !== undefined) clock.speed = changes.speed;
      changed();
    },
    advance(ms) {
      clock.advance(ms);
      changed();
    },
    machine({ id, ...changes }) {
      const machine = machines.find(id);
      if (machine === undefined) throw new Error(`There is no machine ${id}.`);
      Object.assign(machine, defined(changes));
      if (changes.reachable === true) life.wake(machine.id);
      changed();
    },
    putFile(change) {
      library.put({ ...defined(change), fileName: change.fileName, content: change.content }, clock.time());
      changed();
    },
    removeFile(fileName) {
      if (!library.remove(fileName)) throw new Error(`There is no file ${fileName}.`);
      changed();
    },
  };
}
