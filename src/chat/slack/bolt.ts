import { App, ExpressReceiver, type Receiver, type ReceiverEvent } from '@slack/bolt';
import type { Router } from 'express';
import type { Clock, Log, Metrics } from '../../flow/ports.ts';
import type { InFlight } from '../in-flight.ts';
import { createGate } from './gate.ts';
import { bridgeLogger } from './logger.ts';
import { proofFor } from './proof.ts';
import { Unreadable } from './unreadable.ts';

/** The path of everything that Slack sends. */
export const EVENTS = '/slack/events';

/** Slack's deliveries on a router of the process's one HTTP server: proved by their signature, each acknowledged by its answer. */
export function createHttpReceiver(deps: {
  signingSecret: string;
  router: Router;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): Receiver {
  deps.router.post(EVENTS, ...createGate(deps));
  return new ExpressReceiver({
    signingSecret: deps.signingSecret,
    endpoints: EVENTS,
    router: deps.router,
    logger: bridgeLogger(deps.log),
    customPropertiesExtractor: proofFor,
    processEventErrorHandler: async ({ error, response }) => {
      if (!response.headersSent) response.writeHead((error as Error) instanceof Unreadable ? 400 : 500).end();
      return true;
    },
  });
}

/**
 * Bolt, whichever way deliveries come. It never asks Slack anything: a delivery needs its proof and nothing else, so what
 * people type is stored and acknowledged while Slack's API is away. (With a token, Bolt would ask once at the start, and
 * after a failure answer every delivery with an empty 200 for ever.)
 */
export function createBolt(deps: {
  receiver: Receiver;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  inFlight: InFlight;
}): App {
  const app = new App({
    receiver: deps.receiver,
    logger: bridgeLogger(deps.log),
    authorize: async () => ({}),
    ignoreSelf: false,
    convoStore: false,
  });
  // Thrown on, a failure is not acknowledged, which makes Slack deliver an event again.
  app.error(async (error) => {
    const cause = error.original ?? error;
    if (!(cause instanceof Unreadable)) deps.log.error({ platform: 'slack', error: cause }, 'A delivery failed');
    throw new ListenerFailed('A listener failed', { cause });
  });
  supervise(app, deps);
  return app;
}

/** To tell what a listener threw from what Bolt itself stumbled over. */
class ListenerFailed extends Error {}

/**
 * Three promises that Bolt alone doesn't keep: an event is acknowledged after its listener stored it, not before; whatever
 * no listener wants is acknowledged empty instead of hanging for three seconds; and what nobody can read is no fault of ours.
 */
function supervise(
  app: App,
  { inFlight, clock, log, metrics }: { inFlight: InFlight; clock: Clock; log: Log; metrics: Metrics },
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
    const body: unknown = event.body;
    const isEvent = typeof body === 'object' && body !== null && 'event' in body;
    try {
      await process({ ...event, ack: isEvent ? async () => {} : ack });
    } catch (error) {
      const cause = causeOf(error);
      if (!isEvent || !(cause instanceof Unreadable)) throw cause;
      // Slack would deliver it again and again, and in the end switch events off.
      metrics.rejectedInbound('slack', 'unreadable');
      log.warn({ platform: 'slack', error: cause }, 'An event is not understood');
    }
    await ack();
  }
}

/** What Bolt stumbles over by itself is a delivery without the parts that all of them have. */
function causeOf(error: unknown): unknown {
  return error instanceof ListenerFailed ? error.cause : new Unreadable('not a delivery of Slack', { cause: error });
}
