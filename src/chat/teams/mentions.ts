import type { Span } from '../../model/notice.ts';
import { cut, oneLine } from '../text.ts';
import type { Mention } from './wire-card.ts';

const ENTRA_OBJECT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The longest name that Entra takes. */
const LONGEST_NAME = 256;

/** Whether it is an Entra object id: what Teams knows people by besides its own ids. */
export function isObjectId(id: string): boolean {
  return ENTRA_OBJECT_ID.test(id);
}

/** Whether the span calls somebody. Only an Entra object id does; anything else is a name. */
export function isMention(span: Span): boolean {
  return span.kind === 'person' && span.mention && span.platform === 'teams' && isObjectId(span.id);
}

/** The mentions of one message, collected while it is rendered. */
export interface Mentions {
  /** The words that call this person: `<at>Lea Lead</at>`, the same each time and never those of somebody else. */
  call(person: { id: string; name: string }): string;
  /** What Teams wants to be told beside the text. */
  entities(): Mention[];
}

export function createMentions(): Mentions {
  const byId = new Map<string, Mention>();
  const taken = new Set<string>();
  return {
    call({ id, name }) {
      const key = id.toLowerCase();
      const mention = byId.get(key) ?? mentionOf(id, unused(disarmed(cut(oneLine(name), LONGEST_NAME)), taken));
      byId.set(key, mention);
      return mention.text;
    },
    entities: () => [...byId.values()],
  };
}

function mentionOf(id: string, name: string): Mention {
  return { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
}

/** Teams finds who is meant by the words, so two people of one name need two. */
function unused(name: string, taken: Set<string>): string {
  const base = name.trim() || 'Somebody';
  let words = base;
  for (let count = 2; taken.has(words.toLowerCase()); count++) words = `${base} (${count})`;
  taken.add(words.toLowerCase());
  return words;
}

/** Characters that could end a tag or mean something in markdown, and ones that only look like them. */
const LOOKALIKES: Record<string, string> = {
  '<': '‹',
  '>': '›',
  '&': '＆',
  '*': '∗',
  '`': 'ˋ',
  '~': '∼',
  '\\': '＼',
  '[': '［',
  ']': '］',
  '{': '｛',
  '}': '｝',
};

/**
 * Words that mean nothing but themselves inside a tag or a link of markdown. Neither knows an escape that all of Teams'
 * clients undo, so the few characters that could mean something are shown as their likes.
 */
export function disarmed(value: string): string {
  const likes = value.replace(/[<>&*`~\\[\]{}]/g, (char) => LOOKALIKES[char] ?? char);
  return likes.replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿');
}
