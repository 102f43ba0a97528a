import type { Tokens } from '../entra/index.ts';
import { DefenderError } from '../errors.ts';
import type { Clock, MachineAction, Submission } from '../flow/ports.ts';
import type { WireCommand } from '../model/command.ts';
import { type Exchange, type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';
import { type GatedConnection, openGated } from './gate.ts';
import { ANSWER_LIMIT, type Api, JSON_BODY } from './http.ts';
import { isBusy, refusalOf } from './refusals.ts';
import { isAboutSessions, retryAfter, troubleOf } from './trouble.ts';
import { machineActionShape } from './wire.ts';

export interface SubmitDeps {
  api: Api;
  tokens: Tokens;
  exchange: Exchange;
  clock: Clock;
  /** Milliseconds for everything: token, connection, answer, and once more after a 401. */
  deadline: number;
  ca?: string;
}

export interface Body {
  Commands: WireCommand[];
  Comment: string;
}

/** One try: what came back, or why not, and whether a byte may have left. */
type Try = { token: string | null } & ({ sent: boolean; why: string } | { sent: true; incoming: Incoming });

/**
 * Sends a submission once. Token and connection come first; then the gate is asked, and only after its yes anything can
 * have happened at Defender. A 401 proves that nothing did: then, and only then, it goes out again, through the gate anew.
 */
export async function submit(
  deps: SubmitDeps,
  machineId: string,
  body: Body,
  gate: () => boolean,
): Promise<Submission> {
  const path = `/machines/${encodeURIComponent(machineId)}/runliveresponse`;
  if (machineId.trim() === '') return { outcome: 'refused', code: 'NotFound', message: 'The machine has no id.' };
  return withDeadline(deps.deadline, async (signal) => {
    const send = (rejected: string | null) => attempt(deps, { path, body, gate, rejected, signal });
    const first = await send(null);
    const again = 'incoming' in first && first.incoming.status === 401;
    return outcomeOf(again ? await send(first.token) : first, deps.clock.now());
  });
}

interface Attempt {
  path: string;
  body: Body;
  gate: () => boolean;
  rejected: string | null;
  signal: AbortSignal;
}

async function attempt(deps: SubmitDeps, { path, body, gate, rejected, signal }: Attempt): Promise<Try> {
  const startedAt = deps.clock.now();
  let connection: GatedConnection | null = null;
  let token: string | null = null;
  try {
    const url = deps.api.address(path);
    token = await deps.tokens.get({ rejected, signal });
    connection = await openGated(url, gate, { signal, ...(deps.ca === undefined ? {} : { ca: deps.ca }) });
    const incoming = await deps.exchange.send({
      method: 'POST',
      url,
      headers: { Authorization: `Bearer ${token}`, ...JSON_BODY },
      body: JSON.stringify(body),
      limit: ANSWER_LIMIT,
      signal,
      agent: connection.agent,
    });
    deps.api.ended('submit', 'POST', startedAt, incoming);
    return { sent: true, incoming, token };
  } catch (error) {
    const sent = connection?.passed() === true;
    deps.api.ended(
      'submit',
      'POST',
      startedAt,
      sent && error instanceof TransportError ? error : new Error('not sent'),
    );
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

/** What the end of a try proves. Whatever proves nothing is `unclear`. */
function outcomeOf(end: Try, now: number): Submission {
  if (!('incoming' in end)) {
    if (!end.sent) return { outcome: 'not_sent', why: end.why };
    return { outcome: 'unclear', why: `Defender gave no answer (${end.why})` };
  }
  const { incoming } = end;
  if (incoming.status >= 200 && incoming.status < 300) return accepted(incoming);
  const trouble = troubleOf(incoming);
  if (incoming.status === 429) {
    return { outcome: 'throttled', retryAfter: retryAfter(incoming, trouble, now), sessions: isAboutSessions(trouble) };
  }
  if (isBusy(trouble)) return { outcome: 'busy', message: trouble.message || 'Action is already in progress' };
  const refusal = refusalOf(trouble);
  if (refusal !== null) return { outcome: 'refused', ...refusal };
  const code = trouble.code === '' ? '' : ` ${trouble.code}`;
  return { outcome: 'unclear', why: `Defender answered ${incoming.status}${code}, which doesn't say whether it runs` };
}

function accepted(incoming: Incoming): Submission {
  const action = parseAction(incoming);
  if (action?.type === 'LiveResponse') return { outcome: 'accepted', action };
  return { outcome: 'unclear', why: `Defender answered ${incoming.status} without a live response action` };
}

/** The machine action in an answer; null where there is none. */
export function parseAction(incoming: Incoming): MachineAction | null {
  const parsed = machineActionShape.safeParse(parseJson(incoming.body.toString()));
  return parsed.success ? parsed.data : null;
}
