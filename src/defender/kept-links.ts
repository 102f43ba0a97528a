import { DefenderError } from '../errors.ts';
import type { Clock, Purpose } from '../flow/ports.ts';
import type { Time } from '../model/request.ts';

/** Links end after 30 minutes. Milliseconds. */
const KEPT_FOR = 25 * 60_000;

/** The storage answered that the link leads to nothing, or no longer: another one may. */
export class LinkError extends DefenderError {}

/** Makes a fresh link, for one read. Throws DefenderError. */
export type MintLink = (actionId: string, index: number, purpose: Purpose) => Promise<string>;

/** Reads what is behind the link of a result. */
export type BehindLink = <T>(
  result: { actionId: string; index: number; purpose: Purpose },
  read: (link: string) => Promise<T>,
) => Promise<T>;

/**
 * Where the storage can't be reached, the next try takes the link of the last one: a dozen results that are tried again and again would
 * else spend half of what Defender allows in a minute. A link is a key, so it is kept in memory only, and no longer than it is of use.
 */
export function createKeptLinks(deps: { clock: Clock; mint: MintLink }): BehindLink {
  const kept = new Map<string, { link: string; until: Time }>();

  /** Taken out: it is put back only where it may still be of use. */
  function take(key: string): { link: string; until: Time } | undefined {
    const now = deps.clock.now();
    for (const [old, { until }] of kept) if (until <= now || until > now + KEPT_FOR) kept.delete(old);
    const found = kept.get(key);
    kept.delete(key);
    return found;
  }

  return async ({ actionId, index, purpose }, read) => {
    const key = `${actionId.toLowerCase()} ${index}`;
    const until = deps.clock.now() + KEPT_FOR;
    const one = take(key) ?? { link: await deps.mint(actionId, index, purpose), until };
    try {
      return await read(one.link);
    } catch (error) {
      if (error instanceof DefenderError && !(error instanceof LinkError)) kept.set(key, one);
      throw error;
    }
  };
}
