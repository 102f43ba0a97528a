import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Log, Metrics } from '../flow/ports.ts';
import type { RequestStatus, RunStatus } from '../model/request.ts';

/** What the database counts for the gauges; a status without records may be missing. */
export interface Stats {
  requests: Partial<Record<RequestStatus, number>>;
  runs: Partial<Record<RunStatus, number>>;
  jobs: { queue: string; state: string; count: number }[];
  /** Started without approval and not reviewed yet; overdue ones are open, too. */
  reviews: { open: number; overdue: number };
}

/** What `/metrics` answers: Prometheus text. */
export interface MetricsText {
  contentType: string;
  text(): Promise<string>;
}

/** Every status stands in the text, also with none: a series that comes and goes can't be alerted on. */
const NO_REQUESTS: Record<RequestStatus, number> = {
  received: 0,
  unconfirmed: 0,
  refused: 0,
  waiting: 0,
  approved: 0,
  denied: 0,
  expired: 0,
  withdrawn: 0,
  done: 0,
};

const NO_RUNS: Record<RunStatus, number> = {
  held: 0,
  queued: 0,
  submitting: 0,
  reconciling: 0,
  running: 0,
  unclear: 0,
  succeeded: 0,
  failed: 0,
  timed_out: 0,
  cancelled: 0,
};

/** Counts for operators, and the text that tells them. `stats` is asked once for each reading. */
export function createMetrics(deps: { stats: () => Promise<Stats>; log: Log }): Metrics & MetricsText {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = createGauges(registry);
  return {
    ...createCounts(registry),
    policyValid: (valid) => gauges.policyValid.set(valid ? 1 : 0),
    policyInForce: (inForce) => gauges.policyInForce.set(inForce ? 1 : 0),
    contentType: registry.contentType,
    async text() {
      try {
        gauges.show(await deps.stats());
      } catch (error) {
        // The database is down: stale numbers would hide that, the rest is wanted all the more.
        gauges.hide();
        deps.log.warn({ error }, 'The database could not be counted for the metrics');
      }
      return registry.metrics();
    },
  };
}

function createGauges(registry: Registry): {
  policyValid: Gauge;
  policyInForce: Gauge;
  show(stats: Stats): void;
  hide(): void;
} {
  const registers = [registry];
  const name = (suffix: string): string => `liveresponse_${suffix}`;
  const requests = new Gauge({ name: name('requests'), help: 'Requests by status', labelNames: ['status'], registers });
  const runs = new Gauge({ name: name('runs'), help: 'Runs by status', labelNames: ['status'], registers });
  const jobs = new Gauge({
    name: name('jobs'),
    help: 'Jobs of the engine by queue and state',
    labelNames: ['queue', 'state'],
    registers,
  });
  const reviews = new Gauge({
    name: name('reviews'),
    help: 'Requests started without approval and not reviewed yet; overdue ones are open, too',
    labelNames: ['state'],
    registers,
  });
  const policyValid = new Gauge({ name: name('policy_valid'), help: '1 when the policy file is valid', registers });
  const policyInForce = new Gauge({
    name: name('policy_in_force'),
    help: '1 when this instance runs the policy that decides for all instances',
    registers,
  });
  const hide = (): void => {
    for (const gauge of [requests, runs, jobs, reviews]) gauge.reset();
  };
  return {
    policyValid,
    policyInForce,
    hide,
    show(stats) {
      hide();
      for (const [status, count] of Object.entries({ ...NO_REQUESTS, ...stats.requests }))
        requests.set({ status }, count);
      for (const [status, count] of Object.entries({ ...NO_RUNS, ...stats.runs })) runs.set({ status }, count);
      for (const { queue, state, count } of stats.jobs) jobs.set({ queue, state }, count);
      for (const [state, count] of Object.entries(stats.reviews)) reviews.set({ state }, count);
    },
  };
}

function createCounts(registry: Registry): Omit<Metrics, 'policyValid' | 'policyInForce'> {
  const counter = <L extends string>(suffix: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name: `liveresponse_${suffix}`, help, labelNames, registers: [registry] });
  const histogram = <L extends string>(
    suffix: string,
    help: string,
    buckets: number[],
    labelNames: L[],
  ): Histogram<L> =>
    new Histogram({ name: `liveresponse_${suffix}`, help, buckets, labelNames, registers: [registry] });

  const commands = counter('commands_total', 'Commands typed', ['platform', 'command', 'outcome']);
  const rejected = counter('inbound_rejected_total', 'Calls not proved to come from a platform', ['platform', 'why']);
  const calls = counter('defender_calls_total', 'Calls to Defender', ['endpoint', 'status']);
  const throttled = counter('defender_throttled_total', 'Answers of Defender that asked to wait', []);
  // The platforms give up after 3 s.
  const ackBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];
  const ack = histogram('ack_seconds', 'Time until a call of a platform was answered', ackBuckets, ['platform']);
  const waitBuckets = [0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];
  const wait = histogram('dispatch_wait_seconds', 'Time from approval until sent to Defender', waitBuckets, []);
  const lagBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
  const lag = histogram('report_lag_seconds', 'Time from a change until the card showed it', lagBuckets, ['platform']);

  return {
    command: (platform, command, outcome) => commands.inc({ platform, command, outcome }),
    acknowledged: (platform, seconds) => ack.observe({ platform }, seconds),
    rejectedInbound: (platform, why) => rejected.inc({ platform, why }),
    defenderCall: (endpoint, status) => calls.inc({ endpoint, status }),
    throttled: () => throttled.inc(),
    dispatchWait: (seconds) => wait.observe(seconds),
    reportLag: (platform, seconds) => lag.observe({ platform }, seconds),
  };
}
