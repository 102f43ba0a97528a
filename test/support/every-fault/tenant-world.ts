import type { DefenderClient } from '../../../src/defender/client.ts';
import type { AuditEntry, Defender } from '../../../src/flow/ports.ts';
import {
  type DefenderTenant,
  type FaultOrder,
  startDefenderTenant,
} from '../../../src/playground/defender-tenant/index.ts';
import { clientOf } from '../tenant-world.ts';
import { createWorld, POLICY, T0, type World } from '../world.ts';
import { createStops, restartIn, type Stops, stopIn } from './stops.ts';
import { createTruth, type Truth } from './truth.ts';

/** Real milliseconds that a call may take, and those of a call that the tenant is going to leave without an answer. */
const DEADLINE = 20_000;
const HANGING = 60;

/** The spine, the real client and the simulated tenant over HTTP, on one clock that tests move. */
export interface TenantWorld {
  world: World;
  tenant: DefenderTenant;
  stops: Stops;
  truth: Truth;
  /** All audit entries that were committed, oldest first. */
  heard: AuditEntry[];
  fault(order: FaultOrder): void;
  /** What was on its way to Defender when its sender died arrives. */
  arrive(): Promise<void>;
  /** The process ends and another begins: nothing of what it knew is left but the records. */
  restart(): void;
  close(): Promise<void>;
}

export async function createTenantWorld(): Promise<TenantWorld> {
  const world = await createWorld();
  world.policy(POLICY.replace('startWithin: 8h', 'startWithin: 20m'));
  const tenant = await startDefenderTenant({ speed: 0, wall: () => T0, random: () => 0.5 });
  const stops = createStops();
  const heard: AuditEntry[] = [];
  const truth = createTruth(world, tenant, heard);
  const clients: DefenderClient[] = [];
  const onTheWay: Promise<unknown>[] = [];
  const isHang = ({ kind }: Pick<FaultOrder, 'kind'>) => kind === 'hang' || kind === 'hang_after';
  let mayHang = false;
  oneClock(world, tenant);
  stopIn(world, stops, truth.watch, heard);

  const made = (deadline: number): DefenderClient => {
    const client = clientOf(world, tenant, { deadline, patience: 0, pause: 1 });
    clients.push(client);
    return client;
  };
  const restart = (): void => {
    const [patient, hasty] = [made(DEADLINE), made(HANGING)];
    const hangs = () => mayHang && tenant.state().faults.some(isHang);
    world.deps.defender = stoppable({ world, tenant, stops, truth, onTheWay }, () => (hangs() ? hasty : patient));
  };
  restart();
  restartIn(world, stops, restart);
  return {
    world,
    tenant,
    stops,
    truth,
    heard,
    fault(order) {
      mayHang ||= isHang(order);
      tenant.control.fault(order);
    },
    async arrive() {
      tenant.control.release();
      await Promise.allSettled(onTheWay.splice(0));
    },
    restart,
    async close() {
      for (const client of clients) client.close();
      await tenant.close();
    },
  };
}

/** Time passes for the tenant as it does for us. */
function oneClock(world: World, tenant: DefenderTenant): void {
  const { advance } = world;
  world.advance = (milliseconds) => {
    advance(milliseconds);
    tenant.control.advance(milliseconds);
  };
  world.deps.sleep = async (milliseconds) => world.advance(milliseconds);
}

interface Surroundings extends Pick<TenantWorld, 'world' | 'tenant' | 'stops' | 'truth'> {
  onTheWay: Promise<unknown>[];
}

/** The client, in a process that dies or sleeps while it sends. `client`: the one to ask right now. */
function stoppable(around: Surroundings, client: () => DefenderClient): Defender {
  const { stops, truth, tenant } = around;
  const late = new Proxy({} as Defender, {
    get: (_target, name: keyof Defender) => (name in overridden ? overridden[name as 'submit'] : client()[name]),
  });
  const overridden: Pick<Defender, 'submit' | 'actionsOf'> = {
    async submit(machineId, body, gate) {
      stops.at('before the first byte');
      await sleep(around, stops.nap('before sending'));
      if (stops.isAt('request sent')) holdNext(around);
      const before = tenant.state().actions.length;
      const asked = gateOf(around, gate, body.Comment);
      const going = client().submit(machineId, body, asked.gate);
      if (stops.isAt('request sent')) await leaveBehind(around, going);
      stops.at('request sent');
      const result = await going;
      if (asked.passed()) await truth.mayHaveLeft(body.Comment);
      if (['throttled', 'refused', 'not_sent'].includes(result.outcome))
        truth.cameBack(body.Comment, tenant.state().actions.length === before);
      await sleep(around, stops.nap('answer received'));
      stops.at('answer received');
      return result;
    },
    async actionsOf(machineId, since) {
      truth.looked(machineId, false);
      const actions = await client().actionsOf(machineId, since);
      truth.looked(machineId, true);
      return actions;
    },
  };
  return late;
}

/** Others go on meanwhile. */
async function sleep({ world }: Surroundings, seconds: number): Promise<void> {
  if (seconds === 0) return;
  for (let slept = 0; slept < seconds; slept += 40) {
    world.advance(40_000);
    await world.tick();
  }
}

function gateOf({ world, stops, truth }: Surroundings, gate: () => boolean, comment: string) {
  let passed = false;
  return {
    gate: () => {
      // Stopped with the connection open: it wakes up right where the first byte would leave.
      world.advance(stops.nap('connected') * 1_000);
      const yes = gate();
      if (yes) truth.leaves(comment);
      passed ||= yes;
      return yes;
    },
    passed: () => passed,
  };
}

/** The next submission stays on its way, unless something else is going to happen to it. */
function holdNext({ tenant }: Surroundings): void {
  const planned = tenant.state().faults.some((fault) => fault.on === 'submit' || fault.on === 'any');
  if (!planned) tenant.control.fault({ kind: 'hold', on: 'submit' });
}

/** The bytes are on their way, and arrive when the test lets them; whoever sent them is gone. */
async function leaveBehind({ tenant, onTheWay }: Surroundings, going: Promise<unknown>): Promise<void> {
  const ended = going.catch(() => undefined);
  onTheWay.push(ended);
  let stop = () => {};
  const held = new Promise<void>((resolve) => {
    const look = () => tenant.state().held > 0 && resolve();
    stop = tenant.on('change', look);
    look();
  });
  await Promise.race([held, ended]);
  stop();
}
