import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { z } from 'zod';
import { ChatError } from '../../errors.ts';
import { REFUSALS } from './refusals.ts';

/** What an unanswered call may have done: a post may have arrived (twice is bad), anything else may simply be repeated. */
export type Doing = 'post' | 'other';

/** Milliseconds to wait where Slack throttles in words instead of a status. */
const DEFAULT_WAIT = 30_000;

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

const THROTTLED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
/** Slack stumbled and doesn't promise that nothing happened: https://docs.slack.dev/reference/methods/chat.postMessage */
const STUMBLED = new Set(['internal_error', 'fatal_error', 'service_unavailable']);
const TRY_AGAIN = new Set(['request_timeout', 'team_added_to_org']);
/** What Slack says when it refuses, as far as it matters here. */
const Refusal = z.object({
  error: z.string().regex(/^[a-z][a-z0-9_]{0,80}$/),
  needed: z
    .string()
    .regex(/^[a-z_:.,]{1,200}$/)
    .optional()
    .catch(undefined),
  response_metadata: z.object({ retryAfter: z.number().positive().optional() }).optional().catch(undefined),
});

/** An error of the Web API as ours: by its class and code, never by its text. */
export function chatError(cause: unknown, doing: Doing): ChatError {
  if (cause instanceof ChatError) return cause;
  if (cause instanceof WebAPIRateLimitedError) return throttled(cause.retryAfter * 1000, cause);
  if (cause instanceof WebAPIPlatformError) return refusal(cause, doing);
  if (
    cause instanceof WebAPIHTTPError &&
    cause.statusCode >= 400 &&
    cause.statusCode < 500 &&
    cause.statusCode !== 408
  ) {
    return new ChatError(
      'chat_refused',
      `Slack's address answered ${cause.statusCode}: check SLACK_API_URL and the proxy.`,
      { cause },
    );
  }
  if (cause instanceof WebAPIRequestError && neverConnected(cause.original)) return unreachable(cause);
  return noAnswer(cause, doing);
}

/** Whether Slack says that the bot's token isn't good (any more). */
export function isTokenTrouble(error: unknown): boolean {
  const code = slackCode(error);
  return code !== null && Object.hasOwn(REFUSALS, code) && REFUSALS[code]?.holdsFor === 'everything';
}

/** Slack's code for a refusal, null for any other error. */
export function slackCode(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null;
}

/** Whether the error, or what caused it, says that there was no connection. */
export function neverConnected(error: unknown): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if (NOT_CONNECTED.has(String((each as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}

/** Too much at once; `wait` in milliseconds. */
export function throttled(wait: number, cause?: unknown): ChatError {
  return new ChatError('chat_throttled', 'Slack wants a pause before the next message.', { cause, retryAfter: wait });
}

/** Certainly nothing sent. */
export function unreachable(cause: unknown): ChatError {
  return new ChatError('chat_unreachable', "I can't reach Slack. I keep trying.", { cause });
}

/** Sent perhaps, answered never. */
export function noAnswer(cause: unknown, doing: Doing): ChatError {
  return doing === 'post'
    ? new ChatError('chat_unclear', "Slack didn't say whether the message arrived.", { cause })
    : unreachable(cause);
}

function refusal(cause: WebAPIPlatformError, doing: Doing): ChatError {
  const parsed = Refusal.safeParse(cause.data);
  // Not a code but some text: a body that wasn't JSON, so nobody knows what happened.
  if (!parsed.success) return noAnswer(cause, doing);
  const { error: code, needed, response_metadata } = parsed.data;
  if (THROTTLED.has(code)) return throttled((response_metadata?.retryAfter ?? DEFAULT_WAIT / 1000) * 1000, cause);
  if (STUMBLED.has(code)) return noAnswer(cause, doing);
  if (TRY_AGAIN.has(code)) return unreachable(cause);
  const known = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (known !== undefined) {
    const { message, holdsFor = 'message' } = known;
    return new ChatError(known.code, message, { cause, reason: code, holdsFor });
  }
  const holdsFor = code === 'missing_scope' ? 'everything' : 'message';
  return new ChatError('chat_refused', whyRefused(code, needed), { cause, reason: code, holdsFor });
}

function whyRefused(code: string, needed: string | undefined): string {
  return code === 'missing_scope'
    ? `Slack wants a scope that the app lacks: ${needed ?? 'unnamed'}. An admin has to add it and install the app again.`
    : `Slack refused the message (${code}).`;
}
