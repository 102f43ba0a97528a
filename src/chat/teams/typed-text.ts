/** What Teams says of a mention in a message. */
export interface MentionEntity {
  /** As it stands in the text: `<at>Live Response</at>`. */
  text: string;
  mentioned: { id: string; name: string };
}

/** A message as far as its words matter. */
export interface Worded {
  text: string;
  textFormat: string;
  /** `me`: it calls the bot. */
  mentions: readonly (MentionEntity & { me: boolean })[];
  /** What Teams calls the bot. */
  name: string;
}

/** Tags that Teams' composer makes. Anything else between angle brackets was typed by somebody. */
const TAGS =
  /<\/?(?:p|div|span|b|strong|i|em|u|s|a|br|code|pre|font|blockquote|ul|ol|li|h[1-6]|at|readonly)(?:\s[^<>]*)?\/?>/gi;
const NAMED: Record<string, string> = {
  nbsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  ensp: ' ',
  emsp: ' ',
};
/** Blanks of all kinds, and what only looks like nothing. */
const BLANKS = /[\s\u00A0\u2000-\u200A\u202F\u205F\u3000]/g;
const INVISIBLE = /[\u200B-\u200F\u2060\uFEFF\u00AD]/g;

/**
 * The command that somebody typed: without the calls of the bot (all of them, and nobody else's), with formatting, entities and
 * special blanks undone. Other people who are mentioned stay as their names.
 */
export function typedText(message: Worded): string {
  const { text, textFormat, mentions } = message;
  let words = text;
  for (const { text: call, mentioned, me } of mentions) {
    if (call === '') continue;
    words = words.replaceAll(call, me ? ' ' : mentioned.name);
  }
  // Calls that are written in another way than their entity says, or that no entity tells about.
  let first = mentions.length === 0;
  words = words.replace(CALL, (_call, name: string) => {
    const mine = first || isMine(name, message);
    first = false;
    return mine ? ' ' : name;
  });
  words = decoded(words.replace(TAGS, ' ')).replace(INVISIBLE, '').replace(BLANKS, ' ');
  return unwrapped(undoMarkdown(words, textFormat === 'markdown')).trim();
}

/** Whether the message calls the bot. */
export function callsMe(message: Worded): boolean {
  const { text, mentions } = message;
  if (mentions.some(({ me }) => me)) return true;
  const calls = [...text.matchAll(CALL)];
  // Teams hands over what calls the bot: a call that nothing is said about is its.
  return mentions.length === 0 ? calls.length > 0 : calls.some(([, called]) => isMine(called ?? '', message));
}

const CALL = /<at(?:\s[^<>]*)?>([^<>]*)<\/at>/gi;

function isMine(called: string, { mentions, name }: Worded): boolean {
  const names = [name, ...mentions.flatMap(({ me, mentioned, text }) => (me ? [mentioned.name, text] : []))];
  return names.some((one) => bare(one) !== '' && bare(one) === bare(called));
}

/** A name as it sounds: without tags, entities, special blanks and case. */
function bare(name: string): string {
  return decoded(name.replace(TAGS, '')).replace(INVISIBLE, '').replace(BLANKS, ' ').trim().toLowerCase();
}

/** Each entity once: what somebody typed as `&amp;lt;` is `&lt;`. */
function decoded(words: string): string {
  return words.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Links that say what they link to are addresses that Teams marked up by itself. Backslashes stay: paths are made of them. */
function undoMarkdown(words: string, markdown: boolean): string {
  const plain = words.replace(
    /\[([^[\]]+)\]\(<?(?:https?:\/\/|mailto:)?([^()\s<>]+?)\/?>?\)/g,
    (whole, label, address) => (label.replace(/^https?:\/\//, '').replace(/\/$/, '') === address ? label : whole),
  );
  if (!markdown) return plain;
  return plain.replace(/(?<![\w\\*])(\*\*|__|\*|`)(?=\S)([^*`]*?\S)\1(?![\w*])/g, '$2');
}

/** A whole line in bold or as code is the line. */
function unwrapped(words: string): string {
  const [, , inner] = /^\s*(\*\*|__|`{1,3}|\*|_)(?=\S)([\s\S]*\S)\1\s*$/.exec(words) ?? [];
  return inner === undefined || inner.includes('`') ? words : unwrapped(inner);
}
