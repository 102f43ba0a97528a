import { sentenceFor } from '../errors.ts';
import type { Log } from '../flow/ports.ts';
import { answer, type PrivateAnswer } from '../model/notice.ts';
import type { Platform } from '../model/person.ts';

/** What somebody hears whose delivery isn't stored in the time that the platform gives. */
export const SLOW = answer(
  "I'm slow right now and don't know yet whether I took this. I tell you here as soon as I do; don't repeat it yet.",
);

/** The inbox's answer; when it fails, a sentence that says so, since then nothing was stored. */
export async function stored<T>(log: Log, platform: Platform, ask: () => Promise<T>): Promise<T | PrivateAnswer> {
  try {
    return await ask();
  } catch (error) {
    log.error({ platform, error }, 'A delivery was not stored');
    return answer(`${sentenceFor(error)} Nothing was stored.`);
  }
}

export const LATE = Symbol('late');

/** The outcome if it is there in so many milliseconds, else LATE. */
export async function soon<T>(outcome: Promise<T>, within: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), within);
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
