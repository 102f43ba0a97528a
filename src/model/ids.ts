import { randomBytes, randomInt } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U, so an id survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new request id, `LR-8K3F2Q`: about 10^9 of them, so the store retries the rare clash. */
export function newRequestId(): string {
  let id = 'LR-';
  for (let i = 0; i < 6; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}

/** The run id of one machine of a request, counted from 1: `LR-8K3F2Q.1`. */
export function runId(requestId: string, number: number): string {
  return `${requestId}.${number}`;
}

/** A typed request id in its canonical form (case, missing `LR-`, I/L for 1, O for 0 are forgiven), or null. */
export function parseRequestId(text: string): string | null {
  const core = text
    .trim()
    .toUpperCase()
    .replace(/^LR-/, '')
    .replace(/\.\d+$/, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{6}$/.test(core) ? `LR-${core}` : null;
}

/** An unguessable opaque token, 256 bits, safe in a URL. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
