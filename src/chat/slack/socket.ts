import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import type { Clock, Log, Metrics } from '../../flow/ports.ts';
import { createClient } from './client.ts';
import { proofOfEnvelope } from './proof.ts';
import { askForAddress } from './socket-address.ts';
import { Gone, type Link } from './socket-link.ts';
import { createLinks, type SocketTimes, TIMES } from './socket-links.ts';
import { Unreadable } from './unreadable.ts';

/** Socket Mode: Slack's deliveries over a connection that the bot opens. */
export interface Socket {
  /** For Bolt. */
  receiver: Receiver;
  start(): void;
  /** Takes nothing more; resolves when what was taken is answered and the connection is closed. */
  stop(): Promise<void>;
  isOpen(): boolean;
}

interface SocketDeps {
  appToken: string;
  apiUrl: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  times?: Partial<SocketTimes>;
}

/** https://docs.slack.dev/apis/events-api/using-socket-mode#events */
const Envelope = z.object({
  envelope_id: z.string().min(1).max(200),
  payload: z.record(z.string(), z.unknown()),
  accepts_response_payload: z.boolean().optional(),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

/**
 * Bolt's receiver and Slack's client for Socket Mode don't hold what HTTP holds, so this one is our own: docs/decisions/0020.
 * What isn't acknowledged, because it could not be stored or read, Slack delivers again or reports to its author.
 */
export function createSocket(deps: SocketDeps): Socket {
  const { log, metrics } = deps;
  const client = createClient({ botToken: deps.appToken, apiUrl: deps.apiUrl, log });
  let process: App['processEvent'] | null = null;
  let closing = false;

  const unreadable = (error?: unknown): void => {
    metrics.rejectedInbound('slack', 'unreadable');
    log.warn({ platform: 'slack', ...(error ? { error } : {}) }, 'A delivery is not understood');
  };

  async function take(frame: unknown, link: Link): Promise<void> {
    if (closing || process === null) return;
    const { data: envelope } = Envelope.safeParse(frame);
    if (envelope === undefined) return unreadable();
    try {
      await process(eventOf(envelope, (answer) => link.send(answer)));
    } catch (error) {
      // Anything else has been logged where it failed.
      if (error instanceof Unreadable) unreadable(error);
    }
  }

  const links = createLinks({
    address: () => askForAddress(client, deps.apiUrl),
    take,
    unreadable,
    clock: deps.clock,
    log,
    times: { ...TIMES, ...deps.times },
  });

  return {
    receiver: {
      init(app) {
        process = (event) => app.processEvent(event);
      },
      start: async () => {},
      stop: async () => {},
    },
    start: links.start,
    async stop() {
      closing = true;
      await links.retire();
    },
    isOpen: links.isOpen,
  };
}

/** An envelope as Bolt takes it. Acknowledging throws Gone only where words are lost by that. */
function eventOf(envelope: z.infer<typeof Envelope>, send: (answer: object) => Promise<void>): ReceiverEvent {
  const { envelope_id, payload, accepts_response_payload: takesWords = false } = envelope;
  return {
    body: payload,
    customProperties: proofOfEnvelope(envelope_id),
    ...(envelope.retry_attempt === undefined ? {} : { retryNum: envelope.retry_attempt }),
    ...(envelope.retry_reason === undefined ? {} : { retryReason: envelope.retry_reason }),
    async ack(response) {
      const words = typeof response === 'string' ? { text: response } : response;
      const answer = words && takesWords ? { envelope_id, payload: words as object } : { envelope_id };
      await send(answer).catch((error: unknown) => {
        if (!(error instanceof Gone) || 'payload' in answer) throw error;
      });
    },
  };
}
