import { randomUUID } from 'node:crypto';
import { answer, code, type PrivateAnswer } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import type { Request } from '../model/request.ts';
import { duration } from './collect.ts';
import type { Deps } from './deps.ts';

/** The same line by the same person within this time asks first. Milliseconds. */
const SAME_LINE = 60_000;

/**
 * So long the question can be answered, so that nobody asks without seeing what for. It is to stay far below the days for which a delivery
 * is remembered: past those, a click that counted would count once more. Milliseconds.
 */
const OPEN_FOR = 3_600_000;

/** What this person asked with the same line a moment ago; null where that is nothing. */
export function askedLately(deps: Deps, person: PersonRef, line: string): Promise<Request | null> {
  return deps.store.sameLine(person, line, deps.clock.now() - SAME_LINE);
}

/** Whether somebody is asked before the same is asked for once more. What was refused may be tried again at once. */
export const asksFirst = (before: Request | null): before is Request => before !== null && before.status !== 'refused';

/** The question. */
export function askFirst({ id, createdAt }: Pick<Request, 'id' | 'createdAt'>, now: number): PrivateAnswer {
  return {
    ...answer(`You asked the same thing ${duration(now - createdAt)} ago (${id}). Ask again?`),
    // The number makes a double click on the question count once.
    buttons: [{ action: 'ask_again', id: `${id}:${randomUUID()}`, label: 'Yes, once more', tone: 'primary' }],
  };
}

/** What a click on the question's button comes to when it is too late; null before. */
export function tooLate({ id, createdAt }: Pick<Request, 'id' | 'createdAt'>, now: number): PrivateAnswer | null {
  if (now <= createdAt + OPEN_FOR) return null;
  return answer('I asked you that over an hour ago. If you want it once more, type:', [code(`again ${id}`)]);
}
