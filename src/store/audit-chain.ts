import { createHmac, timingSafeEqual } from 'node:crypto';

/** An audit entry as it is sealed and exported: `no` counts from 1 without gaps. */
export interface SealedContent {
  no: number;
  /** ISO time with milliseconds, UTC. */
  at: string;
  actor: unknown;
  action: string;
  requestId: string | null;
  runId: string | null;
  data: unknown;
}

/** Where the chain begins (after what retention removed) and ends. */
export interface ChainHead {
  baseNo: number;
  baseSeal: string;
  count: number;
  seal: string;
}

/** A place in the chain: the entry's number, and its seal. Noted outside of the database it proves later that the trail goes on from there. */
export interface Anchor {
  no: number;
  seal: string;
}

/** An anchor as people note it: `1234:9f86…`. */
export function anchorWords({ no, seal }: Anchor): string {
  return `${no}:${seal}`;
}

/** An anchor as somebody noted it; null for anything else. */
export function parseAnchor(words: string): Anchor | null {
  const [, no = '', seal = ''] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(words.trim()) ?? [];
  return seal === '' || Number(no) === 0 ? null : { no: Number(no), seal: seal.toLowerCase() };
}

/** The seal of an entry: HMAC-SHA256 under the audit key over the seal before it and the entry, as hex. */
export function sealOf(key: string, previous: string, entry: SealedContent): string {
  const { no, at, actor, action, requestId, runId, data } = entry;
  return hmac(key, `entry\n${previous}\n${canonical({ no, at, actor, action, requestId, runId, data })}`);
}

/** The seal of the chain's ends: without it one could cut the tail off unseen. */
export function macOf(key: string, head: ChainHead): string {
  return hmac(key, `head\n${head.baseNo}\n${head.baseSeal}\n${head.count}\n${head.seal}`);
}

/** The seal of an export's ends. Never one of the chain's: an export that begins late would then be a head for who cuts the trail there. */
export function exportMacOf(key: string, ends: ChainHead): string {
  return hmac(key, `export\n${ends.baseNo}\n${ends.baseSeal}\n${ends.count}\n${ends.seal}`);
}

/** The action of the entry that tells what retention removed. */
export const PRUNED = 'audit.pruned';

/** Proves that the bot itself removed all up to there: who writes the database can put in an entry that says so, and have it sealed. */
export function pruneProof(key: string, base: Anchor): string {
  return hmac(key, `pruned\n${base.no}\n${base.seal}`);
}

/** Whether two seals are the same, in constant time. */
export function sameSeal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** JSON with sorted keys and no blanks: one text for one value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
