import { createHash } from 'node:crypto';
import type { Request } from 'express';

const KEY = 'proof';

/**
 * For Bolt, which puts it into a delivery's context: a hash of the signature, which itself is one of time and body. The same
 * bytes sent again have the same, so it can stand where Slack gives a delivery no id.
 */
export function proofFor(request: Request): Record<string, string> {
  const signature = request.get('x-slack-signature') ?? '';
  return { [KEY]: createHash('sha256').update(signature).digest('hex').slice(0, 40) };
}

/** The same for a delivery without a signature, by the id of the envelope that it came in. */
export function proofOfEnvelope(id: string): Record<string, string> {
  return { [KEY]: `envelope:${id}` };
}

/** What one of the two put there. */
export function proofOf(context: Record<string, unknown>): string {
  return String(context[KEY]);
}
