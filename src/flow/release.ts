import { strong, type Text, text } from '../model/notice.ts';
import { type Decision, moveRequest, moveRun, type Request } from '../model/request.ts';
import { countApprovals, quorumReached } from '../policy/index.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import { forRequester, say } from './click-notes.ts';
import type { Deps } from './deps.ts';
import { groundsOf } from './grounds.ts';
import { peopleNow } from './people-now.ts';
import type { Tx } from './ports.ts';
import { underTodaysPolicy } from './terms.ts';
import { demand } from './why-again.ts';

/** Approved by enough people: its runs go into the line. `grounds`: why, where it isn't the approval just written down. */
export async function release(tx: Tx, request: Request, now: number, grounds: object = {}): Promise<void> {
  const startBy = now + (request.terms?.startWithin ?? 0);
  const approved = { approvedAt: now, startBy, note: null, judgedAnew: null };
  // First, since it tells whether another instance has released it meanwhile: its runs would be seen in line already.
  await tx.saveRequest(request, moveRequest(request, 'approved', approved));
  for (const run of await tx.runsOf(request.id)) {
    await tx.saveRun(run, moveRun(run, 'queued', { queuedAt: now, notBefore: now, waits: { for: 'turn' } }));
  }
  const data = { round: request.round, ...grounds };
  await tx.audit({ actor: 'bot', action: 'request.approved', requestId: request.id, data });
  await tx.enqueue(
    request.deletion === undefined ? { queue: 'dispatch', id: 'next' } : { queue: 'delete', id: request.id },
  );
}

/** Whether enough people approved this round for what is asked for now, if all of them still count. */
export function mayBeEnough({ terms, round }: Request, decisions: readonly Decision[]): boolean {
  const approvals = decisions.filter((one) => one.round === round && one.verdict === 'approve');
  return terms !== null && approvals.length >= terms.approvals;
}

/** Whether nothing is missing any more, by these decisions: they are enough, in time, and in a channel of the policy. */
function isEnough(deps: Deps, request: Request, decisions: readonly Decision[]): boolean {
  const policy = deps.policy();
  if (request.expiresAt !== null && deps.clock.now() >= request.expiresAt) return false;
  if (!policy.channels[request.platform].includes(request.channel)) return false;
  return quorumReached(policy, request, decisions);
}

/**
 * Releases what a lighter policy leaves nothing to wait for. Who approved has said all there is to say, and a second click of theirs
 * counts for nothing, so without this it would wait until it expires. It can't let through what lacks an approval: people are
 * looked up anew, approvals of this very round are counted by the policy in force within the transaction, as at a click, and
 * before anything is sent dispatch asks for all of it once more: people, policy, machine, library.
 * Throws ChatError where nobody says who approved.
 */
export async function releaseWhatIsEnough(deps: Deps, seen: Request): Promise<void> {
  const { decisions } = await peopleNow(deps, seen);
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const current = await tx.request(seen.id);
      if (current?.status !== 'waiting') return;
      const { request, refuse } = await underTodaysPolicy(tx, deps, current);
      if (refuse !== null || !isEnough(deps, request, decisions)) return;
      await releaseByPolicy(tx, deps, request, decisions);
    }),
  );
}

async function releaseByPolicy(tx: Tx, deps: Deps, request: Request, decisions: readonly Decision[]): Promise<void> {
  const policy = deps.policy();
  const people = decisions
    .filter((one) => countApprovals(policy, request, [one]) > 0)
    .map(({ person }) => ({ person, ...groundsOf(policy, person) }));
  await release(tx, request, deps.clock.now(), { by: 'policy', policy: policy.hash, terms: request.terms, people });
  await say(tx, request, `released:${request.round}`, [
    ...whyReleased(
      request.terms,
      people.map(({ person }) => person.name),
    ),
    ...forRequester(deps, request),
  ]);
  await wakeReport(tx, request);
}

function whyReleased(terms: Request['terms'], names: readonly string[]): Text {
  if (terms === null || terms.approvals === 0) return [text('The policy changed and asks for no approval any more.')];
  return [
    text(`The policy changed and asks for ${demand(terms)} now. That is there: `),
    strong(names.join(', ')),
    text(' approved.'),
  ];
}
