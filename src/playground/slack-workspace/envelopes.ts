import { randomUUID } from 'node:crypto';
import type WebSocket from 'ws';
import { z } from 'zod';
import type { Delivery } from './state.ts';

/** How a delivery ended. An acknowledgement counts as a 200, its payload as the body. */
export type Outcome = Pick<Delivery, 'status' | 'body' | 'failure'>;

interface Sent {
  link: WebSocket;
  takesWords: boolean;
  end(outcome: Outcome): void;
}

const Ack = z.strictObject({
  envelope_id: z.string(),
  payload: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Envelopes on their way: each is acknowledged once, on the connection that it went out on. What isn't, or isn't in time, has
 * failed; what an app answers out of turn is complained about.
 */
export function createEnvelopes(deps: { patience: number; complain: (words: string) => void }) {
  const waiting = new Map<string, Sent>();
  const known = new Set<string>();
  let losing = 0;

  function end(id: string, outcome: Outcome): void {
    waiting.get(id)?.end(outcome);
    waiting.delete(id);
  }

  function complaintAbout(ack: z.infer<typeof Ack>, link: WebSocket): string | null {
    if (!known.has(ack.envelope_id)) return 'There is no such envelope, or it was acknowledged before.';
    const sent = waiting.get(ack.envelope_id);
    if (sent !== undefined && sent.link !== link) return 'That envelope went out on another connection.';
    // Slack's own client sends an empty one with every acknowledgement.
    return wordsIn(ack.payload) !== '' && sent?.takesWords === false ? 'That envelope takes no payload.' : null;
  }

  return {
    send(
      link: WebSocket,
      what: { type: string; takesWords: boolean; payload: unknown; retry: object },
    ): Promise<Outcome> {
      const id = randomUUID();
      const { type, takesWords, payload, retry } = what;
      known.add(id);
      link.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: takesWords, ...retry }));
      return new Promise((resolve) => {
        const patience = setTimeout(() => end(id, { status: null, body: '', failure: 'timeout' }), deps.patience);
        waiting.set(id, {
          link,
          takesWords,
          end(outcome) {
            clearTimeout(patience);
            resolve(outcome);
          },
        });
      });
    },

    /** What the app says on a connection. */
    answered(link: WebSocket, text: string): void {
      const { data: ack } = Ack.safeParse(parsed(text));
      const wrong = ack === undefined ? 'That is no acknowledgement.' : complaintAbout(ack, link);
      if (wrong !== null) deps.complain(wrong);
      if (ack === undefined || wrong !== null) return;
      // Too late is nobody's fault; twice is.
      known.delete(ack.envelope_id);
      if (losing > 0) losing -= 1;
      else end(ack.envelope_id, { status: 200, body: wordsIn(ack.payload), failure: null });
    },

    /** So many of the next acknowledgements never arrive. */
    lose(count: number): void {
      losing = count;
    },

    /** A connection has ended: nothing more comes back on it. */
    lost(link: WebSocket): void {
      for (const [id, sent] of waiting) {
        if (sent.link === link) end(id, { status: null, body: '', failure: 'connection' });
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const wordsIn = (payload: object | undefined): string =>
  payload === undefined || Object.keys(payload).length === 0 ? '' : JSON.stringify(payload);
