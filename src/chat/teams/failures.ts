import { ChatError } from '../../errors.ts';
import { TransportError } from '../../outbound/exchange.ts';

/** What an unanswered call may have done: a post may have arrived (twice is bad), anything else may simply be repeated. */
export type Doing = 'post' | 'other';

/** A call that Teams answered, but not with a yes. No bodies, no tokens. */
export class ConnectorRefusal extends Error {
  readonly status: number;
  /** The service's code, `BotNotInConversationRoster`; empty where it gave none that looks like one. */
  readonly code: string;
  /** Milliseconds, where it named a wait. */
  readonly retryAfter: number | null;
  constructor(status: number, code: string, retryAfter: number | null) {
    super(`The connector answered ${status} ${code}`.trim());
    this.name = 'ConnectorRefusal';
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The connection was never there, so nothing was sent. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** An error of the connector as ours: by its status and code, never by its text. */
export function chatError(cause: unknown, doing: Doing): ChatError {
  if (cause instanceof ChatError) return cause;
  if (cause instanceof ConnectorRefusal) return refusal(cause, doing);
  return neverConnected(cause) ? unreachable(cause) : noAnswer(cause, doing);
}

function neverConnected(error: unknown): boolean {
  if (error instanceof TransportError) return error.kind === 'unreachable' && NOT_CONNECTED.has(error.message);
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if (NOT_CONNECTED.has(String((each as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}

/** Certainly nothing sent. */
export function unreachable(cause: unknown): ChatError {
  return new ChatError('chat_unreachable', "I can't reach Teams. I keep trying.", { cause });
}

/** Sent perhaps, answered never. */
function noAnswer(cause: unknown, doing: Doing): ChatError {
  return doing === 'post'
    ? new ChatError('chat_unclear', "Teams didn't say whether the message arrived.", { cause })
    : unreachable(cause);
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
function refusal(cause: ConnectorRefusal, doing: Doing): ChatError {
  const { status, code, retryAfter } = cause;
  // Both say that nothing was done and that the call may be made again.
  if (status === 429 || status === 412)
    return new ChatError('chat_throttled', 'Teams wants a pause before the next message.', { cause, retryAfter });
  if (status >= 500 || status === 408) return noAnswer(cause, doing);
  if (status === 403)
    return new ChatError(
      'chat_blocked',
      `Teams doesn't let me write there (${code || 'forbidden'}). Add the app to the team again, or have an admin allow it.`,
      { cause },
    );
  if (status === 404 || status === 410)
    return new ChatError('chat_gone', "The conversation or message isn't there any more.", { cause });
  if (status === 401)
    return new ChatError(
      'chat_refused',
      "Teams doesn't accept my identity. Whoever runs this bot has to check TEAMS_APP_ID and its credential.",
      { cause },
    );
  if (status === 413) return new ChatError('chat_refused', 'The message is too large for Teams.', { cause });
  return new ChatError('chat_refused', `Teams refused the message (${status} ${code}).`.replace(' )', ')'), { cause });
}
