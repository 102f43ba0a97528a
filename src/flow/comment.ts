import type { PersonRef } from '../model/person.ts';
import type { Request, Run } from '../model/request.ts';

/** Defender documents no limit; field clients keep to about 2,000 characters. */
const MAX_COMMENT = 1_000;
const MAX_REASON = 500;

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
  const reason = request.reason === null ? '' : `: ${tame(request.reason).slice(0, MAX_REASON)}`;
  return `[${run.id}] asked by ${named(request.requester)}, ${approval}${reason}`.slice(0, MAX_COMMENT);
}

/** A person with name and id, safe inside a comment. */
export function named(person: PersonRef): string {
  return `${tame(person.name).slice(0, 80)} (${person.platform}:${person.id})`;
}

/** One line, no brackets, no control characters. */
function tame(words: string): string {
  return words
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .trim();
}
