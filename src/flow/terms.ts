import { type Request, type Terms, waitingSince } from '../model/request.ts';
import { evaluateDeletion, type Verdict } from '../policy/index.ts';
import { judgeNow } from './binding.ts';
import { wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import { askDirectly } from './direct.ts';
import { holdPolicy } from './policy-in-force.ts';
import type { Tx } from './ports.ts';
import { demand, refusedNow, sameDemand } from './why-again.ts';

/** A request as the policy in force sees it, and why it would not be done at all any more. */
export interface UnderPolicy {
  request: Request;
  refuse: string | null;
}

/**
 * What waits is judged by the policy in force: what it asks for now stands in its terms before a decision counts. Throws OtherPolicy:
 * terms of the policy in force are never replaced by those of another.
 */
export async function underTodaysPolicy(tx: Tx, deps: Deps, request: Request): Promise<UnderPolicy> {
  const { hash } = deps.policy();
  await holdPolicy(tx, hash);
  if (request.status !== 'waiting' || request.terms === null) return { request, refuse: null };
  const verdict = await verdictNow(tx, deps, request);
  if (verdict === null) return { request, refuse: null };
  const { terms } = verdict;
  const refuse = refusedNow(verdict, request.reason, verdict.machines);
  if (request.terms.policyHash === hash) return { request, refuse };
  await tx.audit({
    actor: 'bot',
    action: 'request.terms',
    requestId: request.id,
    data: { terms, before: request.terms },
  });
  const judgedAnew = comparedWith(request.judgedAnew?.from ?? request.terms, terms, refuse);
  const expiresAt = waitingSince(request) + terms.expireAfter;
  const judged = await tx.saveRequest(request, { ...request, terms, judgedAnew, expiresAt });
  await askDirectly(tx, deps, judged);
  await wakeReport(tx, judged);
  return { request: judged, refuse };
}

/** What the policy in force says about a request on so many machines; null where it has none to be judged by. */
export async function verdictNow(
  tx: Tx,
  deps: Deps,
  request: Request,
): Promise<(Verdict & { machines: number }) | null> {
  if (request.deletion !== undefined) {
    return { ...evaluateDeletion(deps.policy(), request.deletion.fileName), machines: 1 };
  }
  const machines = (await tx.runsOf(request.id)).map(({ machine }) => machine);
  if (machines.length === 0) return null;
  return { ...judgeNow(deps, request, machines, request.files), machines: machines.length };
}

/**
 * What the card says about it, beside what opened the round: compared with what the round began with, and not with the policy before, so
 * that nothing stays on it of a policy that was taken back. Nothing where those who decide are asked for the same.
 */
function comparedWith(from: Terms, now: Terms, refuse: string | null): NonNullable<Request['judgedAnew']> {
  const changed = sameDemand(from, now) ? null : `The policy changed, and it now asks for ${demand(now)}.`;
  return { from, note: refuse ?? changed };
}
