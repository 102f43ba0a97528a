import { DefenderError } from '../errors.ts';
import { type Incoming, TransportError } from '../outbound/exchange.ts';
import { type Endpoint, forbiddenSentence } from './permissions.ts';
import { retryAfter, type Trouble, troubleOf } from './trouble.ts';

/** The error of a read that was answered, but not with success. */
export function errorOf(incoming: Incoming, endpoint: Endpoint, now: number): DefenderError {
  const trouble = troubleOf(incoming);
  const { status } = incoming;
  if (status === 401) {
    return new DefenderError(
      'defender_sign_in',
      "Defender doesn't accept the token. Check DEFENDER_SCOPE and DEFENDER_TENANT_ID.",
    );
  }
  if (status === 403) {
    return new DefenderError('defender_forbidden', `${forbiddenSentence(trouble, endpoint)}${said(trouble)}`);
  }
  if (status === 404) return notFound(trouble, endpoint);
  if (status === 429) {
    const options = { retryAfter: retryAfter(incoming, trouble, now) };
    return new DefenderError('defender_throttled', 'Defender asks us to slow down. Try again in a minute.', options);
  }
  // 501 is OData's answer to an operator that a service lacks: asking again doesn't help, asking differently does.
  if ((status >= 500 && status !== 501) || status === 408) {
    return new DefenderError(
      'defender_unreachable',
      `Defender has trouble of its own (${status}). Try again in a minute.`,
      { trouble: true },
    );
  }
  if (status >= 400)
    return new DefenderError('defender_refused', `Defender refused the question (${status}).${said(trouble)}`);
  return new DefenderError('defender_unexpected', `Defender answered something that I don't expect (${status}).`);
}

/** Addresses without an id: that one of them isn't there can't be what a gateway's 404 says. */
const LISTS: ReadonlySet<Endpoint> = new Set<Endpoint>(['machines', 'library', 'actions']);

/**
 * That there is nothing in a list is said by the service itself, or by nobody's words: a gateway's or proxy's 404 is about the address.
 * Where the address holds an id, both say that it isn't known (facts: 404 comes in two shapes).
 */
function notFound(trouble: Trouble, endpoint: Endpoint): DefenderError {
  const aboutAddress = LISTS.has(endpoint) && (trouble.shape === 'gateway' || trouble.shape === 'unknown');
  if (!aboutAddress) {
    return new DefenderError('defender_not_found', `Defender doesn't know it.${said(trouble)}`);
  }
  const sentence =
    "At Defender's address nobody knows this question (404). Check DEFENDER_API_URL, and proxies on the way.";
  return new DefenderError('defender_refused', `${sentence}${said(trouble)}`);
}

/** The error of a read that wasn't answered. `signal`: the call's deadline. */
export function lateOrUnreachable(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof TransportError) return unanswered(error);
  const late = signal.aborted && !(error instanceof DefenderError);
  return late ? new DefenderError('defender_unreachable', LATE) : error;
}

/** What a person reads where no answer came. */
export function unanswered(error: TransportError): DefenderError {
  if (error.kind === 'too_large') {
    return new DefenderError('defender_unexpected', 'Defender answered with more than I can take.');
  }
  const sentence =
    error.kind === 'deadline' ? LATE : `I can't reach Defender (${error.message}). Try again in a minute.`;
  return new DefenderError('defender_unreachable', sentence);
}

/** For `catch`: throws on what a person can read, whatever came. */
export function unansweredOr(error: unknown): never {
  throw error instanceof TransportError ? unanswered(error) : error;
}

const LATE = "Defender didn't answer in time. Try again in a minute.";

/** Defender's own words behind ours, as a sentence, since more may follow; empty where it had none. */
export function said({ message }: Trouble): string {
  const end = /[.!?…]["”’)]?$/.test(message) ? '' : '.';
  return message === '' ? '' : ` Defender said: ${message}${end}`;
}
