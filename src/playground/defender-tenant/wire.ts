import { createHash, randomUUID } from 'node:crypto';

/** What a handler answers. A `body` of undefined sends nothing at all. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A refusal in one of the shapes of the real service. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** The usual error body: `{error: {code, message, target}}`, target being the correlation id for support. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  more: { target?: string; headers?: Record<string, string> } = {},
): Answer {
  return {
    status,
    body: { error: { code, message, target: more.target ?? randomUUID() } },
    ...(more.headers === undefined ? {} : { headers: more.headers }),
  };
}

/** The same, to be thrown. */
export function refusal(status: number, code: string, message: string): Refusal {
  return new Refusal(errorAnswer(status, code, message));
}

/** The gateway's own shape, for a path that leads nowhere. */
export const GATEWAY_NOT_FOUND: Answer = { status: 404, body: { statusCode: 404, message: 'Resource not found' } };

/** Code and text of each refusal that a test may order by name. */
const NAMED_REFUSALS = {
  unauthorized: [401, 'Unauthorized', 'Unauthorized request. The access token is missing, expired or not valid.'],
  disabled_feature: [403, 'DisabledFeature', 'Live response is turned off in the advanced features of this tenant.'],
  disallowed_operation: [403, 'DisallowedOperation', 'The operation is not allowed on this device.'],
  missing_role: [
    403,
    'Forbidden',
    'The application does not have any of the required application permissions (Machine.LiveResponse) to access the resource.',
  ],
  unknown_machine: [404, 'ResourceNotFound', 'The machine was not found'],
  os_not_supported: [400, 'OsPlatformNotSupported', 'The operation is not supported on the platform of this device.'],
  version_not_supported: [400, 'ClientVersionNotSupported', 'The agent version of this device lacks this operation.'],
  busy: [400, 'ActiveRequestAlreadyExists', 'Action is already in progress'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type NamedRefusal = keyof typeof NAMED_REFUSALS;

/** One of them as an answer. */
export function namedRefusal(name: NamedRefusal): Answer {
  const [status, code, message] = NAMED_REFUSALS[name];
  return errorAnswer(status, code, message);
}

/** How a 429 tells the wait. */
export type RetryAfterForm = 'seconds' | 'date' | 'none';

/** A quota 429 as seen in the field: the code is the text "429", the wait stands in the message, `target` is the tenant. */
export function throttled(
  form: RetryAfterForm,
  seconds: number,
  now: number,
  tenantId: string,
  code: '429' | 'TooManyRequests' = '429',
): Answer {
  const message = `Quota exceeded for the key Destination + TenantID + AppID. Try again in ${seconds} seconds.`;
  return errorAnswer(429, code, message, { target: tenantId, headers: retryAfter(form, seconds, now) });
}

/** The 429 for too many sessions at a time; its message names no wait. */
export function tooManySessions(
  form: RetryAfterForm,
  seconds: number,
  tenant: { count: number; now: number; tenantId: string },
): Answer {
  const message = `The limit of ${tenant.count} concurrent live response sessions is reached.`;
  const headers = retryAfter(form, seconds, tenant.now);
  return errorAnswer(429, 'TooManyRequests', message, { target: tenant.tenantId, headers });
}

function retryAfter(form: RetryAfterForm, seconds: number, now: number): Record<string, string> {
  if (form === 'none') return {};
  return { 'Retry-After': form === 'seconds' ? String(seconds) : new Date(now + seconds * 1000).toUTCString() };
}

/**
 * A time as the service writes it: at most 7 fractional digits, trailing zeros dropped. We only know milliseconds; the
 * digits below follow from the time itself, so that one moment is always written the same way.
 */
export function wireTime(ms: number): string {
  const below = createHash('sha1').update(String(ms)).digest().readUInt16BE() % 10_000;
  const fraction = (String(ms % 1000).padStart(3, '0') + String(below).padStart(4, '0')).replace(/0+$/, '');
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
