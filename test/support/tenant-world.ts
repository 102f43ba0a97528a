import { createDefender, type DefenderClient, type DefenderOptions } from '../../src/defender/client.ts';
import {
  type DefenderTenant,
  startDefenderTenant,
  type TenantOptions,
} from '../../src/playground/defender-tenant/index.ts';
import { readBudget } from '../../src/read-budget.ts';
import { createWorld, type World } from './world.ts';

/** The spine with the client that production uses, on a simulated tenant; one clock for both, moved by the test. */
export interface TenantWorld {
  world: World;
  tenant: DefenderTenant;
  client: DefenderClient;
  /** Time passes at both; only what the tenant does by itself is done. */
  advance(milliseconds: number): void;
  /** Time passes at both, and what it brings is done. */
  pass(milliseconds: number): Promise<void>;
  /** Asked by Ana, approved by Lea; the id of the run. */
  approved(line: string): Promise<string>;
  close(): Promise<void>;
}

/** The client that production uses, for the world's spine, on this tenant. */
export function clientOf(world: World, tenant: DefenderTenant, timing?: DefenderOptions['timing']): DefenderClient {
  return createDefender({
    apiUrl: tenant.apiUrl,
    loginUrl: tenant.loginUrl,
    scope: tenant.scope,
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    credential: { kind: 'secret', secret: tenant.clientSecret },
    clock: world.deps.clock,
    log: world.deps.log,
    metrics: world.deps.metrics,
    budget: readBudget(world.store),
    ...(timing === undefined ? {} : { timing }),
  });
}

/** Creates both. The answers' times are those of the simulated clock; only the network is real. */
export async function createTenantWorld(options: TenantOptions = {}): Promise<TenantWorld> {
  const world = await createWorld();
  // What `pass` lets go by, the tenant is told to skip: so what falls due there on the way happens in its order and time.
  let passed = 0;
  const tenant = await startDefenderTenant({ ...options, wall: () => world.now() - passed });
  const client = clientOf(world, tenant);
  world.deps.defender = client;
  const advance = (milliseconds: number) => {
    tenant.control.advance(milliseconds);
    passed += milliseconds;
    world.advance(milliseconds);
  };
  world.deps.sleep = async (milliseconds) => advance(milliseconds);
  return {
    world,
    tenant,
    client,
    advance,
    async pass(milliseconds) {
      advance(milliseconds);
      await world.tick();
    },
    async approved(line) {
      const { id, round } = await world.ask('U0ANA', line);
      await world.click('U0LEA', 'approve', `${id}:${round}`);
      return `${id}.1`;
    },
    async close() {
      client.close();
      await tenant.close();
    },
  };
}
