import type { PGlite } from '@electric-sql/pglite';

type Protocol = Pick<PGlite, 'waitReady' | 'execProtocolStream'>;

/** First bytes of the messages that the server need not answer by itself: Parse, Bind, Describe, Execute, Close. */
const HELD = new Set([...'PBDEC'].map((letter) => letter.charCodeAt(0)));

/**
 * The engine's wire protocol with the messages of one statement handed over together, at its Sync, instead of each in a
 * call of its own: half the CPU of a small query. https://www.postgresql.org/docs/current/protocol-flow.html
 */
export function togetherUntilSync(engine: PGlite): Protocol {
  let held: Uint8Array[] = [];
  return {
    waitReady: engine.waitReady,
    execProtocolStream: async (message, options) => {
      held.push(message);
      if (HELD.has(message[0] ?? 0)) return [];
      const whole = held.length === 1 ? message : Buffer.concat(held);
      held = [];
      return await engine.execProtocolStream(whole, options);
    },
  };
}
