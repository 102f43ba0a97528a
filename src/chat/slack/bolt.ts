import { App, ExpressReceiver, type ReceiverEvent } from '@slack/bolt';
import type { Router } from 'express';
import type { Clock, Log, Metrics } from '../../flow/ports.ts';
import { createGate } from './gate.ts';
import type { InFlight } from './in-flight.ts';
import { bridgeLogger } from './logger.ts';

/** The path of everything that Slack sends. */
export const EVENTS = '/slack/events';

/**
 * Bolt on a router of the process's one HTTP server. It never asks Slack anything: a delivery needs its signature and
 * nothing else, so what people type is stored and acknowledged while Slack's API is away. (With a token, Bolt would ask
 * once at the start, and after a failure answer every delivery with an empty 200 for ever.)
 */
export function createBolt(deps: {
  signingSecret: string;
  router: Router;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  inFlight: InFlight;
}): App {
  const logger = bridgeLogger(deps.log);
  deps.router.post(EVENTS, ...createGate(deps));
  const receiver = new ExpressReceiver({
    signingSecret: deps.signingSecret,
    endpoints: EVENTS,
    router: deps.router,
    logger,
  });
  const app = new App({
    receiver,
    logger,
    authorize: async () => ({}),
    ignoreSelf: false,
    convoStore: false,
  });
  // Thrown on, a failure becomes a 500, which makes Slack deliver an event again.
  app.error(async (error) => {
    deps.log.error({ platform: 'slack', err: error.original ?? error }, 'A delivery failed');
    throw error;
  });
  supervise(app, deps);
  return app;
}

/**
 * Two promises that Bolt alone doesn't keep: an event is acknowledged after its listener stored it, not before; and
 * whatever no listener wants is acknowledged empty instead of hanging for three seconds.
 */
function supervise(
  app: App,
  { inFlight, clock, metrics }: { inFlight: InFlight; clock: Clock; metrics: Metrics },
): void {
  const process = app.processEvent.bind(app);
  app.processEvent = (event) => inFlight.run(() => handle(event));

  async function handle(event: ReceiverEvent): Promise<void> {
    const began = clock.now();
    let done = false;
    const ack: ReceiverEvent['ack'] = async (response) => {
      if (done) return;
      done = true;
      await event.ack(response);
      metrics.acknowledged('slack', (clock.now() - began) / 1000);
    };
    const isEvent = event.body.event !== undefined;
    await process({ ...event, ack: isEvent ? async () => {} : ack });
    await ack();
  }
}
