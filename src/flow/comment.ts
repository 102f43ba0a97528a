import type { PersonRef } from '../model/person.ts';
import type { Request, Run } from '../model/request.ts';

/** Defender documents no limit; field clients keep to about 2,000 characters. */
const MAX_COMMENT = 1_000;
const MAX_REASON = 500;
const MAX_NAME = 80;

/** Who cancels when time, or a changed file, does. */
export const BOT: PersonRef = { platform: 'slack', id: 'bot', tenant: '', name: 'Live Response' };

/**
 * The comment of a submission: `[LR-8K3F2Q.1] asked by Ana Analyst (slack:U0ANA), approved by …: reason`. It starts with the
 * run id, which only we write there: people's text comes later and loses its brackets, so it can't forge the prefix.
 */
export function commentFor(
  run: Run,
  request: Request,
  approvers: readonly PersonRef[],
  how: 'approved' | 'break-glass',
): string {
  const who = approvers.map(named).join(', ');
  const approval =
    approvers.length === 0
      ? 'no approval needed'
      : how === 'break-glass'
        ? `break-glass by ${who}`
        : `approved by ${who}`;
  const reason = request.reason === null ? '' : `: ${clip(tame(request.reason), MAX_REASON)}`;
  return clip(`[${run.id}] asked by ${named(request.requester)}, ${approval}${reason}`, MAX_COMMENT);
}

/** The comment of a cancel: `[LR-8K3F2Q.1] cancelled by Ana Analyst (slack:U0ANA): wrong machine`; the bot itself has no id to name. */
export function cancelComment(run: Pick<Run, 'id'>, by: PersonRef, why: string | null): string {
  const who = by.id === BOT.id ? BOT.name : named(by);
  return clip(`[${run.id}] cancelled by ${who}${why === null ? '' : `: ${clip(tame(why), MAX_REASON)}`}`, MAX_COMMENT);
}

/** A person with name and id, safe inside a comment. */
function named(person: PersonRef): string {
  return `${clip(tame(person.name), MAX_NAME)} (${person.platform}:${tame(person.id)})`;
}

/** Brackets of every script and width, except round and curly ones and quotation marks that Unicode counts among them. */
const OPENING = /[^\P{Ps}({\u201a\u201e]|[\u23a1-\u23a3]/gu;
const CLOSING = /[^\P{Pe})}]|[\u23a4-\u23a6]/gu;
/** Control and direction characters, separators of lines, invisible ones and halves of characters. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/** One line, in which nothing looks like the brackets of a run id. */
function tame(words: string): string {
  return words
    .replace(UNSEEN, ' ')
    .replace(/\P{ASCII}/gu, spelledOut)
    .replace(OPENING, '(')
    .replace(CLOSING, ')')
    .trim();
}

/** A letter in brackets of its own, which is one character (🄪), as what it stands for: “〔S〕”. */
function spelledOut(character: string): string {
  const plain = character.normalize('NFKC');
  return plain.search(OPENING) === -1 && plain.search(CLOSING) === -1 ? character : plain;
}

/** At most so many UTF-16 units, and no half of a character at the end. */
function clip(words: string, most: number): string {
  if (words.length <= most) return words;
  return `${words.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
