import { createHmac } from 'node:crypto';

/** How a delivery is signed; without any of these, as Slack does. */
export interface Signing {
  /** Another secret than the app's: a forgery. */
  secret?: string;
  /** How far the timestamp is off, in seconds; negative for the past. */
  skew?: number;
  /** No signature headers at all. */
  unsigned?: boolean;
}

/** Slack's headers for a raw body: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signedHeaders(
  body: string,
  how: { secret: string; now: number; signing?: Signing },
): Record<string, string> {
  const { signing = {} } = how;
  if (signing.unsigned) return {};
  const timestamp = Math.floor(how.now / 1000) + (signing.skew ?? 0);
  const mac = createHmac('sha256', signing.secret ?? how.secret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${mac}` };
}
