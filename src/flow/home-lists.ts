import { type Text, text, time } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import type { Request, RequestStatus } from '../model/request.ts';
import { type Deed, judge, mayApprove } from '../policy/index.ts';
import type { Deps } from './deps.ts';

/** More of one kind than anybody goes through here. */
const MOST = 100;
/** Of what has ended, so many stand among a person's own. */
const MINE_ENDED = 5;

const OPEN: readonly RequestStatus[] = ['received', 'unconfirmed', 'waiting', 'approved'];
const ENDED: readonly RequestStatus[] = ['done', 'denied', 'expired', 'withdrawn'];

/** A request in a list, with what it waits for this person to do. */
export interface Item {
  request: Request;
  todo: Text | null;
}

/** A section in full, in its order. `more`: there are more than were looked at. */
export interface Listed {
  title: string;
  none: string;
  items: Item[];
  more: boolean;
}

/** What concerns somebody who may read, the most urgent first. A request may stand in several lists. */
export async function listsFor(deps: Deps, person: Person): Promise<Listed[]> {
  const { store } = deps;
  const [waits, open, ended, running, recent] = await Promise.all([
    waitsFor(deps, person),
    store.requestsBy({ requester: person, status: OPEN, limit: MOST }),
    store.requestsBy({ requester: person, status: [...ENDED, 'refused'], limit: MINE_ENDED }),
    store.requestsBy({ status: ['approved'], limit: MOST }),
    store.requestsBy({ status: ENDED, limit: MOST }),
  ]);
  return [
    { title: 'Waits for you', none: 'Nothing waits for you.', items: waits, more: waits.length >= MOST },
    listOf('You asked', 'You have asked for nothing yet.', [...open, ...ended], open.length >= MOST),
    listOf('Runs now or is next', 'Nothing runs.', running, running.length >= MOST),
    listOf('Recent', 'Nothing has ended yet.', recent, recent.length >= MOST),
  ];
}

function listOf(title: string, none: string, requests: readonly Request[], more: boolean): Listed {
  return { title, none, items: requests.map((request) => ({ request, todo: null })), more };
}

/** What this person could decide, say or look at now, as it would be judged on the card in the request's channel. */
async function waitsFor(deps: Deps, person: Person): Promise<Item[]> {
  if (!mayApprove(deps.policy(), person)) return [];
  const { store } = deps;
  const { platform } = person;
  const [unclear, waiting, reviews] = await Promise.all([
    store.runsBy({ status: ['unclear'], limit: MOST }),
    store.requestsBy({ status: ['waiting'], platform, limit: MOST }),
    store.requestsBy({ reviewBy: Number.MAX_SAFE_INTEGER, platform, limit: MOST }),
  ]);
  const doubtful = await store.transaction((tx) => Promise.all(unclear.map((run) => tx.request(run.requestId))));
  return [
    ...(await judged(deps, person, 'settle', present(doubtful))).map((request) => item(request, SETTLE)),
    ...(await judged(deps, person, 'approve', soonestFirst(waiting))).map((request) =>
      item(request, toDecide(request)),
    ),
    ...(await judged(deps, person, 'review', reviews)).map((request) => item(request, toReview(request, deps))),
  ];
}

const item = (request: Request, todo: Text): Item => ({ request, todo });
const present = (requests: readonly (Request | null)[]): Request[] => requests.filter((one) => one !== null);

async function judged(deps: Deps, person: Person, deed: Deed, requests: readonly Request[]): Promise<Request[]> {
  const policy = deps.policy();
  const decisions = await deps.store.transaction((tx) =>
    Promise.all(requests.map((request) => tx.decisionsOf(request.id))),
  );
  return requests.filter((request, index) => {
    const { round, channel } = request;
    const made = decisions[index] ?? [];
    return judge(deed, { policy, person, request, round, channel, decisions: made, now: deps.clock.now() }).ok;
  });
}

function soonestFirst(requests: readonly Request[]): Request[] {
  return requests.toSorted((a, b) => (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity));
}

const SETTLE: Text = [text('Say on its card whether it ran')];

function toDecide({ expiresAt }: Request): Text {
  const words = 'Approve or deny it on its card';
  return expiresAt === null ? [text(words)] : [text(`${words} · expires `), time(expiresAt, 'date')];
}

function toReview({ review, reason, requester }: Request, { clock }: Deps): Text {
  const by = review?.by ?? clock.now();
  const late = clock.now() > by;
  return [
    text(late ? '‼ Overdue: it was to be reviewed on its card until ' : '‼ To be reviewed on its card until '),
    time(by, 'date'),
    text(` · break-glass by ${requester.name}: “${reason ?? ''}”`),
  ];
}
