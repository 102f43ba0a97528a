import { isLoopback } from '../model/hosts.ts';
import { plain, type Span, type Text } from '../model/notice.ts';
import { visible } from '../model/visible.ts';

export { visible } from '../model/visible.ts';

/** The last moment that a JavaScript date knows. */
const END_OF_TIME = 8_640_000_000_000_000;
/** The longest address that is linked, in characters: what Slack takes. */
const LONGEST_URL = 3000;

/** What is said in place of a moment that can't be told. */
export const UNKNOWN_TIME = { kind: 'text', text: 'an unknown time' } as const satisfies Span;

/** Joiners where writing needs them (Persian names, emoji), not where they could only hide. */
const JOINER =
  /((?<=(?![\x00-\x7F])(?:\p{L}|\p{M}|\p{Extended_Pictographic}|\p{Emoji_Modifier}))[\u200C\u200D](?=(?![\x00-\x7F])(?:\p{L}|\p{Extended_Pictographic})))/u;

/** Words on one line: line ends become blanks, the rest of what hides is shown. */
export function oneLine(value: string): string {
  const parts = value.replace(/[\r\n\t\u2028\u2029]+/g, ' ').split(JOINER);
  return parts.map((part, i) => (i % 2 === 1 ? part : visible(part))).join('');
}

/** At most `max` UTF-16 units, never half a character, with an ellipsis where something was cut. */
export function cut(value: string, max: number): string {
  return value.length <= max ? value : `${beginning(value, max - 1)}…`;
}

/** The first `max` UTF-16 units, without the half of a character at their end. */
export function beginning(value: string, max: number): string {
  const kept = value.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
}

/** The address if it may be linked (https, or http on this machine), as the URL parser writes it; null otherwise. */
export function linkable(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, username, password, href } = new URL(url);
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  if (!safe || username !== '' || password !== '') return null;
  const address = href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E');
  return address.length <= LONGEST_URL ? address : null;
}

/** Whether it is a moment that can be shown: milliseconds since 1970, not before and not past the end of time. */
export function isMoment(at: number): boolean {
  return at >= 0 && at <= END_OF_TIME;
}

/** The words of a line, nothing hidden, times in UTC. */
export function spoken(line: Text): string {
  return oneLine(plain(line.map((span) => (span.kind === 'time' && !isMoment(span.at) ? UNKNOWN_TIME : span))));
}
