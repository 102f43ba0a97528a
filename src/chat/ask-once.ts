import NodeCache from 'node-cache';
import { ChatError } from '../errors.ts';

/**
 * One question at a time about each thing, which whoever asks meanwhile shares; and after a failure of the platform, which
 * everybody gets, none for so many seconds. Other failures, as of our database, are not remembered.
 */
export function createAskOnce<T>(ask: (about: string) => Promise<T>, pause: number): (about: string) => Promise<T> {
  const failed = new NodeCache({ stdTTL: pause, checkperiod: 0, useClones: false });
  const asking = new Map<string, Promise<T>>();
  return (about) => {
    const before = failed.get<ChatError>(about);
    if (before !== undefined) return Promise.reject(before);
    const running = asking.get(about);
    if (running !== undefined) return running;
    const question = ask(about)
      .catch((error: unknown) => {
        if (error instanceof ChatError) failed.set(about, error);
        throw error;
      })
      .finally(() => asking.delete(about));
    asking.set(about, question);
    return question;
  };
}
