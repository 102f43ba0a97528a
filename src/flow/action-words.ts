import type { Run, RunStatus } from '../model/request.ts';

/** How a run ends by Defender's word. */
export type End = Extract<RunStatus, 'succeeded' | 'failed' | 'timed_out' | 'cancelled'>;

/** Defender's words for an action at its end, as it writes them and as others spell them: none may keep a run going for ever. */
const ENDS: ReadonlyMap<string, End> = new Map([
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['timeout', 'timed_out'],
  ['timedout', 'timed_out'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
]);

/** The end that a word of Defender's means; undefined: it goes on, as far as anybody knows. */
export function endOf(word: string): End | undefined {
  return ENDS.get(word.toLowerCase());
}

/** Whether two of Defender's words are the same: nobody promises their case. */
export function isWord(word: string, expected: string): boolean {
  return word.toLowerCase() === expected.toLowerCase();
}

/** Whether Defender has an action of this run whose end nobody saw. It is followed on, also while people are asked whether it ran. */
export function isAtDefender({ status, actionId }: Pick<Run, 'status' | 'actionId'>): boolean {
  return actionId !== null && (status === 'running' || status === 'unclear');
}
