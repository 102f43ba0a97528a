import { busiest, fillLine, leastTime, machinesOfLine } from '../support/line.ts';
import { createTenantWorld, type TenantWorld } from '../support/tenant-world.ts';
import { POLICY } from '../support/world.ts';
import { addMachines } from './tenant-machines.ts';

/** A long line of approved runs on its way to Defender, in simulated time. */
export interface LineRow {
  runs: number;
  /** From the first submission to the last, in per cent of what ten a minute allow; simulated. */
  makespanPercent: number;
  minutes: number;
  /** The most submissions in any sliding minute, by the tenant's count. */
  busiestMinute: number;
  throttled: number;
  /** All reads of the bot in the busiest hour, of the 1,500 that Defender allows. */
  busiestHourOfReads: number;
}

const MINUTE = 60_000;
const PER_MINUTE = 10;
/** The clock wakes once a second; where nothing is due, it looks at Defender every five. */
const STEP = { least: 1_000, most: 5_000 };

/**
 * The line, the watching and the client of production with their database, over real HTTP on a simulated tenant with Defender's
 * own limits of calls; only sessions are without end, since a thousand runs would wait for those and not for the calls.
 */
export async function lineRow(runs: number): Promise<LineRow> {
  const limits = { submissionsPerMinute: PER_MINUTE, readsPerMinute: 100, readsPerHour: 1_500, sessions: 10_000 };
  const open = await createTenantWorld({ limits });
  const { world, tenant } = open;
  try {
    world.policy(`${POLICY}limits: { callsPerMinute: ${PER_MINUTE}, concurrentSessions: 600 }\n`);
    const machines = machinesOfLine(runs);
    addMachines(tenant, machines);
    await fillLine(world, machines);
    await sendAll(open, runs);
    if (world.failed.length > 0) throw world.failed[0]?.error;
    const calls = tenant.state().calls.filter(({ server }) => server === 'api');
    const sent = calls.filter(({ method, status }) => method === 'POST' && status === 201).map(({ at }) => at);
    const took = (sent.at(-1) ?? 0) - (sent[0] ?? 0);
    return {
      runs: sent.length,
      makespanPercent: Math.round((took / leastTime(runs, PER_MINUTE)) * 10_000) / 100,
      minutes: Math.round(took / MINUTE),
      busiestMinute: busiest(sent),
      throttled: calls.filter(({ status }) => status === 429).length,
      busiestHourOfReads: busiest(
        calls.filter(({ method }) => method === 'GET').map(({ at }) => at),
        60 * MINUTE,
      ),
    };
  } finally {
    await open.close();
  }
}

async function sendAll({ world, client, advance }: TenantWorld, runs: number): Promise<void> {
  const sentAt: number[] = [];
  world.deps.defender = {
    ...client,
    submit: async (...sent) => {
      const submission = await client.submit(...sent);
      if (submission.outcome === 'accepted') sentAt.push(world.now());
      return submission;
    },
  };
  const longest = 2 * leastTime(runs, PER_MINUTE) + MINUTE;
  for (const began = world.now(); sentAt.length < runs; ) {
    if (world.now() - began > longest) throw new Error(`The line stands still after ${sentAt.length}.`);
    const next = (sentAt.at(-PER_MINUTE) ?? 0) + MINUTE - 2_000;
    advance(Math.min(STEP.most, Math.max(STEP.least, next - world.now())));
    await world.work({ queue: 'dispatch', id: 'next' });
    await world.tick();
  }
}
