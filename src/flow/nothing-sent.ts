import type { PersonRef } from '../model/person.ts';
import type { Run } from '../model/request.ts';

/** Whether anything can have reached the machine: where a person had to settle an attempt, nobody can say that for sure. */
export function nothingSent(
  run: Pick<Run, 'settledBy'> | undefined,
  { machineCount }: { machineCount?: number } = {},
): string {
  const what = run === undefined || run.settledBy === null ? 'Nothing' : 'Nothing more';
  return `${what} was sent to the ${machineCount === undefined ? 'machine' : 'machines'}.`;
}

/** Whether something of it is at Defender, or may be: what was in line at most, or is just being sent, is not. */
export function hasStarted(run: Pick<Run, 'actionId' | 'sentAt' | 'settledBy' | 'status'>): boolean {
  if (run.actionId !== null || run.sentAt !== null || run.settledBy !== null) return true;
  return run.status === 'reconciling' || run.status === 'running' || run.status === 'unclear';
}

/** `Cancelled by Ana Analyst: wrong machine.` */
export function stoppedBy(by: PersonRef, why: string | null): string {
  const words = `Cancelled by ${by.name}${why === null ? '' : `: ${why}`}`;
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** What stands for the words of a denial without any. */
export const NO_REASON = ', no reason given';
