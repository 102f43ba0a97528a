import { ChatError } from '../errors.ts';
import type { Card } from '../model/notice.ts';
import type { Decision, Request, Run } from '../model/request.ts';
import { approversFor, approversKnown, countApprovals } from '../policy/index.ts';
import { cardOf } from './card.ts';
import { cardOfMany } from './card-of-many.ts';
import { cardOfDeletion } from './deletion-card.ts';
import { chatOf, type Deps, listedOn, namesOf } from './deps.ts';
import { lineOf } from './line.ts';
import { isPaused } from './pause.ts';
import { plainSurroundings, type Surroundings } from './surroundings.ts';

/** Approvers named on a card. */
const MENTIONED = 20;
/** More people than any platform shows buttons to one by one. */
const AUDIENCE = 100;

/** Who reads the request's channel: `untold` where the platform doesn't say, and then it counts as shared. */
export type Readers = 'ours' | 'others_too' | 'untold';

/** Asked when something is about to be shown: a channel may become shared while a request waits. */
export async function readersOf(deps: Deps, request: Pick<Request, 'platform' | 'channel'>): Promise<Readers> {
  try {
    return (await chatOf(deps, request.platform).isShared(request.channel)) ? 'others_too' : 'ours';
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return 'untold';
  }
}

/** The newest card of a request. `readers`: where somebody has just asked. */
export async function render(deps: Deps, requestId: string, readers?: Readers): Promise<Card | null> {
  const records = await deps.store.transaction(async (tx) => ({
    request: await tx.request(requestId),
    runs: await tx.runsOf(requestId),
    decisions: await tx.decisionsOf(requestId),
  }));
  const { request, decisions } = records;
  if (request === null) return null;
  const [run, ...others] = records.runs;
  const next = (await nextInLine(deps, records.runs)) ?? run ?? null;
  if (request.deletion !== undefined) {
    const around = await surroundings(deps, { request, run: null, decisions, readers });
    return cardOfDeletion(request, request.deletion, decisions, around);
  }
  if (run === undefined) return null;
  const around = await surroundings(deps, { request, run: next, decisions, readers });
  return others.length === 0
    ? cardOf(request, run, decisions, around)
    : cardOfMany(request, [run, ...others], decisions, around);
}

/** Runs that may be sent now, looked through for the next one of a request. */
const LOOKED_THROUGH = 200;

/** The run of which is told what the line holds up: the next one that may be sent. */
async function nextInLine({ store, clock }: Deps, runs: readonly Run[]): Promise<Run | undefined> {
  const queued = runs.filter(({ status }) => status === 'queued');
  if (queued.length < 2) return queued[0];
  const ready = await store.dispatchable(clock.now(), LOOKED_THROUGH);
  return ready.find(({ requestId }) => requestId === queued[0]?.requestId) ?? queued[0];
}

interface Shown {
  request: Request;
  run: Run | null;
  decisions: readonly Decision[];
  readers: Readers | undefined;
}

async function surroundings(deps: Deps, { request, run, decisions, readers }: Shown): Promise<Surroundings> {
  const policy = deps.policy();
  const terms = request.status === 'waiting' ? request.terms : null;
  const listed = listedOn(deps, request.platform);
  const ids = terms === null ? [] : approversFor(policy, terms, request.platform, request.requester, listed);
  const isKnown = terms !== null && approversKnown(policy, terms, request.platform, listed);
  const line = run?.status === 'queued' ? await lineOf(deps, run) : null;
  return {
    ...plainSurroundings(deps),
    shared: (readers ?? (await readersOf(deps, request))) !== 'ours',
    portalUrl: run === null ? '' : deps.defender.portalUrl(run.machine.id),
    approvers: await namesOf(
      deps,
      request.platform,
      ids.slice(0, MENTIONED).map((one) => one.id),
    ),
    audience:
      isKnown && ids.length <= AUDIENCE
        ? { approvers: ids.map((one) => one.id), requester: request.requester.id }
        : null,
    others: terms !== null && !isKnown ? [...new Set(terms.approverGroups.flat())] : [],
    mention: policy.notify.approvers === 'mention',
    approvals: countApprovals(policy, request, decisions),
    paused: request.deletion === undefined ? null : await isPaused(deps),
    ...line,
  };
}
