import { z } from 'zod';
import type { Incoming } from '../outbound/exchange.ts';
import { parseJson } from '../outbound/json.ts';

/** What an answer that is no success says, whatever its shape. Texts are Defender's own, cut but not escaped. */
export interface Trouble {
  status: number;
  /** `error.code`; empty where there is none. */
  code: string;
  message: string;
  /** Correlation id for Microsoft's support; empty where there is none. */
  target: string;
  /** `gateway`: refused before the service saw it, as for a path that leads nowhere. */
  shape: 'service' | 'gateway' | 'empty' | 'unknown';
}

const MESSAGE_LIMIT = 400;
const loose = z.union([z.string(), z.number()]).nullish();
const serviceShape = z.object({ error: z.object({ code: loose, message: loose, target: loose }) });
const gatewayShape = z.object({ statusCode: z.number(), message: loose });

/** Reads an error answer in any of the shapes seen: the service's, the gateway's, empty, or something else. */
export function troubleOf(incoming: Incoming): Trouble {
  const text = incoming.body.toString().trim();
  const none = { status: incoming.status, code: '', message: '', target: '' };
  if (text === '') return { ...none, shape: 'empty' };
  const json = parseJson(text);
  const service = serviceShape.safeParse(json);
  if (service.success) {
    const { code, message, target } = service.data.error;
    return { ...none, code: String(code ?? ''), message: clip(message), target: clip(target), shape: 'service' };
  }
  const gateway = gatewayShape.safeParse(json);
  if (gateway.success) return { ...none, message: clip(gateway.data.message), shape: 'gateway' };
  return { ...none, shape: 'unknown' };
}

/** Whether a 429 is about sessions in progress, which free up slowly, and not about calls per minute. */
export function isAboutSessions(trouble: Trouble): boolean {
  return /\bsessions?\b|concurrent/i.test(trouble.message);
}

/** Longer than any limit of Defender lasts between two looks; a wrong header must not stop us for hours. Milliseconds. */
const LONGEST_WAIT = 300_000;

/**
 * The wait that Defender asks for, in milliseconds, at most five minutes: a header in seconds or as a date, else words in the
 * message, else null.
 */
export function retryAfter(incoming: Incoming, trouble: Trouble, now: number): number | null {
  const wait = waitOf(incoming, trouble, now);
  return wait === null ? null : Math.min(wait, LONGEST_WAIT);
}

function waitOf(incoming: Incoming, trouble: Trouble, now: number): number | null {
  const header = incoming.headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1000);
  const date = header === '' ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const said = /(?:again|retry)\D{0,20}?(\d+)\s*(second|minute|hour)/i.exec(trouble.message);
  if (said === null) return null;
  const unit = { second: 1000, minute: 60_000, hour: 3_600_000 }[said[2]?.toLowerCase() ?? ''] ?? 1000;
  return Number(said[1]) * unit;
}

function clip(value: string | number | null | undefined): string {
  const text = String(value ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}
