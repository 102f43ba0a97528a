import { AppError } from '../errors.ts';
import { TransportError } from '../outbound/exchange.ts';

/** What was looked at, how it is, and what to do about it: one line for people. */
export interface Finding {
  /** A stable name, `Slack channel`: several findings may share one. */
  check: string;
  status: 'ok' | 'warning' | 'failed';
  message: string;
  /** Null where there is nothing to mend. */
  mend: string | null;
}

/** Takes a finding as soon as it is known. */
export type Say = (finding: Finding) => void;

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message, mend: null });

export const warning = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'warning',
  message,
  mend,
});

export const failed = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'failed',
  message,
  mend,
});

/** Something else has to be mended first, and its own finding says how. Not a failure of its own. */
export const notChecked = (check: string, why: string): Finding => ({
  check,
  status: 'warning',
  message: `not checked: ${why}.`,
  mend: null,
});

/** What an error says to whoever runs the bot. The inside of an unknown one may hold anything, so only its name is told. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof TransportError) {
    return error.kind === 'deadline' ? 'There is no answer in time.' : `There is no answer (${error.message}).`;
  }
  return `Something unexpected happened (${error instanceof Error ? error.name : typeof error}).`;
}

/**
 * Runs one check for at most `limit` milliseconds. What it found until then stands; what it throws, or that it didn't end, is one
 * more finding under `check`.
 */
export async function within(limit: number, check: string, work: (say: Say) => Promise<void>): Promise<Finding[]> {
  const found: Finding[] = [];
  let over = false;
  const say: Say = (finding) => {
    if (!over) found.push(finding);
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      say(
        failed(check, `There was no answer within ${limit / 1000} s.`, 'Look at the network between here and there.'),
      );
      resolve();
    }, limit);
  });
  const done = work(say).catch((error: unknown) =>
    say(failed(check, sentenceOf(error), 'Please report it, with what stands above.')),
  );
  await Promise.race([done, late]);
  clearTimeout(timer);
  over = true;
  return found;
}
