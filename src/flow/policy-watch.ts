import type { Time } from '../model/request.ts';
import { giveSign, type InForce, policyInForce } from './policy-in-force.ts';
import type { Clock, Log, Metrics, Store } from './ports.ts';

/**
 * Whoever runs the policy in force gives a sign so often; without one for `gone` nobody runs it any more. Between two looks
 * counts `seen` at most: what was missed, by a stopped process or while the database was away, proves nothing. Milliseconds.
 */
const TIMES = { sign: 5_000, gone: 20_000, seen: 5_000 };

export interface PolicyWatchOptions {
  store: Pick<Store, 'transaction'>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  metrics: Pick<Metrics, 'policyInForce'>;
  /** The hash of the policy that this instance runs. */
  ours(): string;
  /** Whether this instance is just putting it in force, to run it a moment later. */
  isLoading(hash: string): boolean;
  /** Ours is in force, since this time. Called at each look. */
  inForce(since: Time): void;
  /** Another one is in force, seen for the first time. */
  other(): void;
  /** Nobody runs the other one any more. */
  takeOver(seen: InForce): Promise<void>;
}

/** Looks again and again whether all instances run the same policy. */
export interface PolicyWatch {
  look(): Promise<void>;
}

/**
 * Creates it. Signs are timed by when this instance saw them change, and not by what they say: the clocks of two instances may differ
 * by more than a sign is old.
 */
export function createPolicyWatch(options: PolicyWatchOptions): PolicyWatch {
  const { store, clock, metrics } = options;
  let last: InForce | null = null;
  let silentFor = 0;
  let lookedAt = 0;
  let signedAt = 0;
  let told = 0;

  async function see(): Promise<{ seen: InForce; silentFor: number } | null> {
    const seen = await store.transaction(policyInForce);
    const now = clock.now();
    const changed = seen?.since !== last?.since || seen?.sign !== last?.sign;
    silentFor = changed ? 0 : silentFor + Math.min(Math.max(now - lookedAt, 0), TIMES.seen);
    lookedAt = now;
    last = seen;
    return seen === null ? null : { seen, silentFor };
  }

  function tell({ hash, since }: InForce): void {
    if (told === since) return;
    told = since;
    options.log.warn(
      { ours: options.ours(), inForce: hash },
      'instances run different policies; the one loaded last decides, and this instance leaves decisions to those that run it',
    );
    options.other();
  }

  return {
    async look() {
      const ours = options.ours();
      const sight = await see();
      // Ours changed while we looked: the next look tells.
      if (sight === null || options.ours() !== ours || options.isLoading(sight.seen.hash)) return;
      const { seen, silentFor } = sight;
      metrics.policyInForce(seen.hash === ours);
      if (seen.hash === ours) {
        options.inForce(seen.since);
        // By our own last sign, and not by what was seen of others': however rarely we look, each look may give one.
        if (Math.abs(clock.now() - signedAt) < TIMES.sign) return;
        await store.transaction((tx) => giveSign(tx, ours, clock.now()));
        signedAt = clock.now();
        return;
      }
      tell(seen);
      if (silentFor >= TIMES.gone) await options.takeOver(seen);
    },
  };
}
