import { AppError } from '../errors.ts';
import type { Time } from '../model/request.ts';
import type { Tx } from './ports.ts';

const KEY = 'policy_in_force';

/** Which policy decides, for all instances. Each instance has read a file of its own, and files change one after the other. */
export interface InForce {
  hash: string;
  /** When it was taken over. It is another time whenever another policy was in force in between. */
  since: Time;
  /** Changes again and again while somebody runs this policy. */
  sign: Time;
}

/** This instance runs another policy than the one in force, so what it would decide doesn't count. Nothing was changed. */
export class OtherPolicy extends AppError {
  constructor() {
    super(
      'policy',
      'Another instance runs a newer policy, which decides. Nothing was changed; it is tried again shortly.',
    );
    this.name = 'OtherPolicy';
  }
}

/**
 * Throws OtherPolicy unless what this transaction decides by the policy with this hash counts. No other policy is put in force before
 * the transaction ends: without that, terms of the policy before could be written over those of the new one, or a run could leave by it.
 */
export async function holdPolicy(tx: Pick<Tx, 'setting'>, hash: string): Promise<void> {
  const inForce = await tx.setting<InForce>(KEY, 'shared');
  if (inForce !== null && inForce.hash !== hash) throw new OtherPolicy();
}

/** What is in force now; null before anybody has loaded a policy. */
export function policyInForce(tx: Pick<Tx, 'setting'>): Promise<InForce | null> {
  return tx.setting<InForce>(KEY);
}

/** The policy that somebody has just loaded decides from now on. First in its transaction, so that two of them don't wait for each other. */
export async function putInForce(tx: Pick<Tx, 'setting' | 'setSetting'>, hash: string, now: Time): Promise<InForce> {
  const before = await tx.setting<InForce>(KEY, 'alone');
  const since = before?.hash === hash ? before.since : Math.max(now, (before?.since ?? 0) + 1);
  const inForce = { hash, since, sign: now };
  await tx.setSetting(KEY, inForce);
  return inForce;
}

/** The same where nobody has given a sign of the other one since it was seen. Null: somebody runs it. */
export async function takeOver(
  tx: Pick<Tx, 'setting' | 'setSetting'>,
  hash: string,
  { seen, now }: { seen: InForce; now: Time },
): Promise<InForce | null> {
  const before = await tx.setting<InForce>(KEY, 'alone');
  if (before?.since !== seen.since || before.sign !== seen.sign) return null;
  return putInForce(tx, hash, now);
}

/** Somebody runs the policy in force, and says so. */
export async function giveSign(tx: Pick<Tx, 'setting' | 'setSetting'>, hash: string, now: Time): Promise<void> {
  const before = await tx.setting<InForce>(KEY, 'alone');
  if (before?.hash === hash) await tx.setSetting(KEY, { ...before, sign: now });
}
