import type { Tokens } from '../entra/index.ts';
import { DefenderError } from '../errors.ts';
import type { Clock } from '../flow/ports.ts';
import { type Exchange, type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import { type GatedConnection, openGated } from './gate.ts';
import { ANSWER_LIMIT, type Api, JSON_BODY } from './http.ts';
import type { Endpoint } from './permissions.ts';

export interface SendOnceDeps {
  api: Api;
  tokens: Tokens;
  exchange: Exchange;
  clock: Clock;
  /** Milliseconds for everything: token, connection, answer, and once more after a 401. */
  deadline: number;
  ca?: string;
}

/** A call that changes something at Defender. */
export interface Change {
  endpoint: Endpoint;
  method: 'POST' | 'DELETE';
  /** Below `/api`. */
  path: string;
  body?: object;
  /** Asked with the connection open, right before the first byte may leave; false: nothing leaves. */
  gate: () => boolean;
}

/** What came back, or why not, and whether a byte may have left. */
export type Sent = { sent: boolean; why: string } | { sent: true; incoming: Incoming };

type Try = { token: string | null } & Sent;

/**
 * Sends a change once. Token and connection come first; then the gate is asked, and only after its yes anything can have
 * happened at Defender. A 401 proves that nothing did: then, and only then, it goes out again, through the gate anew.
 */
export async function sendOnce(deps: SendOnceDeps, change: Change): Promise<Sent> {
  return withDeadline(deps.deadline, async (signal) => {
    const first = await attempt(deps, change, null, signal);
    const again = 'incoming' in first && first.incoming.status === 401;
    return again ? attempt(deps, change, first.token, signal) : first;
  });
}

async function attempt(deps: SendOnceDeps, change: Change, rejected: string | null, signal: AbortSignal): Promise<Try> {
  const { endpoint, method, body } = change;
  const startedAt = deps.clock.now();
  let connection: GatedConnection | null = null;
  let token: string | null = null;
  try {
    const url = deps.api.address(change.path);
    token = await deps.tokens.get({ rejected, signal });
    connection = await openGated(url, change.gate, { signal, ...(deps.ca === undefined ? {} : { ca: deps.ca }) });
    const incoming = await deps.exchange.send({
      method,
      url,
      headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : JSON_BODY) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      limit: ANSWER_LIMIT,
      signal,
      agent: connection.agent,
    });
    deps.api.ended(endpoint, method, startedAt, incoming);
    return { sent: true, incoming, token };
  } catch (error) {
    const sent = connection?.passed() === true;
    const end = sent && error instanceof TransportError ? error : new Error('not sent');
    deps.api.ended(endpoint, method, startedAt, end);
    return { sent, why: whyOf(error, connection), token };
  } finally {
    connection?.close();
  }
}

function whyOf(error: unknown, connection: GatedConnection | null): string {
  if (connection?.passed() === false) return 'it was too late to send';
  if (error instanceof DefenderError) return error.message;
  if (error instanceof TransportError)
    return connection === null ? `no connection to Defender (${error.message})` : error.message;
  return 'sending failed on our side';
}
