import type { TenantClock } from './clock.ts';
import type { Settings } from './options.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The quotas of an application in a tenant, counted in sliding windows on the real clock. */
export interface Quotas {
  /** Counts one call; the seconds to wait when it is one too many, else null. A refused call isn't counted. */
  take(kind: 'submit' | 'read'): number | null;
}

/** Counts calls. */
export function createQuotas(settings: Settings, clock: TenantClock): Quotas {
  const calls: Record<'submit' | 'read', number[]> = { submit: [], read: [] };

  function wait(times: readonly number[], count: number, within: number): number | null {
    const oldest = times[times.length - count];
    if (oldest === undefined || oldest <= clock.time() - within) return null;
    return Math.max(1, Math.ceil((oldest + within - clock.time()) / 1000));
  }

  return {
    take(kind) {
      const { submissionsPerMinute, readsPerMinute, readsPerHour } = settings.limits;
      const recent = calls[kind].filter((at) => at > clock.time() - HOUR);
      calls[kind] = recent;
      const seconds =
        kind === 'submit'
          ? wait(recent, submissionsPerMinute, MINUTE)
          : (wait(recent, readsPerHour, HOUR) ?? wait(recent, readsPerMinute, MINUTE));
      if (seconds === null) recent.push(clock.time());
      return seconds;
    },
  };
}
