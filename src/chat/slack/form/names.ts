/** So many names of a message are looked up: each may cost a question to Defender. */
const MOST = 5;
/** Characters of a message that are looked at. */
const READ = 20_000;
/** Deeper than any message is built. */
const DEEPEST = 12;

/** A host name, or an id: letters, digits and hyphens, perhaps with a domain behind. */
const NAME =
  /(?<![\p{L}\p{N}._@/\\-])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63}){0,6}(?![\p{L}\p{N}_@/\\-])/giu;
/** What alerts write in front of one, on the same line or, as the title of a field, on the one before. */
const LABELLED =
  /(?<![\p{L}\p{N}_-])(?:host(?:[ _-]?name)?|device(?:[ _-]?name)?|machine|computer(?:[ _-]?name)?|endpoint|server)["'*_`]{0,3}[ \t]{0,3}[:=\n][ \t]{0,3}["'*_`]{0,3}[ \t]{0,3}$/iu;
const LOOKED_BACK = 40;

/** Names in a message of anybody that may be machines', the likely ones first. Whether they are is looked up later. */
export function namesIn(message: unknown): string[] {
  const found = new Map<string, number>();
  for (const match of textOf(message).matchAll(NAME)) {
    const rank = rankOf(match);
    const name = match[0].toLowerCase();
    if (rank > 0) found.set(name, Math.max(rank, found.get(name) ?? 0));
  }
  return [...found]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([name]) => name);
}

/** 0: surely none. */
function rankOf(match: RegExpExecArray): number {
  const [name] = match;
  if (name.length < 2 || name.length > 100 || !/[a-z]/i.test(name)) return 0;
  const before = match.input.slice(Math.max(0, match.index - LOOKED_BACK), match.index);
  if (LABELLED.test(before)) return 3;
  const label = name.split('.')[0] ?? name;
  if (/[0-9]/.test(label)) return /-/.test(label) ? 2 : 1;
  return /-/.test(label) ? 1 : 0;
}

/** All words of it: of alerts most stand in blocks and attachments. */
function textOf(message: unknown): string {
  const words: string[] = [];
  let room = READ;
  const walk = (value: unknown, key: string, depth: number): void => {
    if (room <= 0 || depth > DEEPEST) return;
    if (typeof value === 'string') {
      if (!WORDS.has(key)) return;
      words.push(value.slice(0, room));
      room -= value.length;
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) walk(item, Array.isArray(value) ? key : name, depth + 1);
    }
  };
  walk(message, '', 0);
  return words.join('\n');
}

/** The keys of messages, blocks and attachments under which people's words stand. */
const WORDS = new Set(['text', 'title', 'value', 'fallback', 'pretext', 'footer']);
