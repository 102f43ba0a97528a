import { strong, type Text, text } from '../model/notice.ts';
import type { Request, Run } from '../model/request.ts';
import { calledIn } from './machine-names.ts';

/** On more machines than these a thread tells only what went wrong: the card counts the rest, and the results have it all. */
const TOLD_ONE_BY_ONE = 10;

/** `ws-042: `, where a request has several machines; nothing where everybody knows which one is meant. */
export function whichOf({ machineCount }: Request, run: Run): Text {
  return machineCount === undefined ? [] : [strong(calledIn(run)), text(': ')];
}

/** Whether the thread tells how a command ended; `well`: for sure. */
export function isTold({ machineCount = 1 }: Request, well: boolean): boolean {
  return machineCount <= TOLD_ONE_BY_ONE || !well;
}
