import NodeCache from 'node-cache';

/**
 * One question at a time about each thing, which whoever asks meanwhile shares; and after a failure, which everybody gets, none for so
 * many seconds.
 */
export function createAskOnce<T>(ask: (about: string) => Promise<T>, pause: number): (about: string) => Promise<T> {
  const failed = new NodeCache({ stdTTL: pause, checkperiod: 0, useClones: false });
  const asking = new Map<string, Promise<T>>();
  return (about) => {
    if (failed.has(about)) return Promise.reject(failed.get(about));
    const running = asking.get(about);
    if (running !== undefined) return running;
    const question = ask(about)
      .catch((error: unknown) => {
        failed.set(about, error);
        throw error;
      })
      .finally(() => asking.delete(about));
    asking.set(about, question);
    return question;
  };
}
