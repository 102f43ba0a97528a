import { AppError } from '../../src/errors.ts';
import type { AnswerRow, AuditEntry, CardRow, Inbound, Store, Tx } from '../../src/flow/ports.ts';
import { samePerson } from '../../src/model/person.ts';
import type { Decision, Request, Run } from '../../src/model/request.ts';

/** What the spine has written down, open to a test. Nothing is ever delivered from here: what was to be said is in `answers`. */
export interface MemoryStore {
  store: Store;
  requests: Map<string, Request>;
  runs: Map<string, Run>;
  decisions: Decision[];
  settings: Map<string, unknown>;
  answers: Pick<AnswerRow, 'answer'>[];
  cards: Pick<CardRow, 'requestId'>[];
  audits: AuditEntry[];
}

const IN_FLIGHT: ReadonlySet<string> = new Set(['submitting', 'reconciling', 'running', 'unclear']);

/**
 * A store without a database, for one thing at a time: nothing runs at once here, so nothing is rolled back. Only what decisions,
 * questions and sending need is there; the rest throws. It makes a record cost microseconds where thousands are tried.
 */
export function memoryStore(): MemoryStore {
  const taken = new Set<string>();
  const inbound = new Map<string, Inbound>();
  const kept: Omit<MemoryStore, 'store'> = {
    requests: new Map(),
    runs: new Map(),
    decisions: [],
    settings: new Map(),
    answers: [],
    cards: [],
    audits: [],
  };
  const runsOf = (requestId: string) => [...kept.runs.values()].filter((run) => run.requestId === requestId);
  const placeOf = ({ requestId, round, person }: Decision) =>
    kept.decisions.findIndex(
      (one) => one.requestId === requestId && one.round === round && samePerson(one.person, person),
    );
  const tx: Partial<Tx> = {
    takeDelivery: async (key) => !taken.has(key) && taken.add(key).size > 0,
    insertRequest: async (request) => void kept.requests.set(request.id, request),
    request: async (id) => kept.requests.get(id) ?? null,
    saveRequest: async (before, after) => saved(kept.requests, before, after),
    insertRun: async (run) => void kept.runs.set(run.id, run),
    run: async (id) => kept.runs.get(id) ?? null,
    runsOf: async (requestId) => runsOf(requestId),
    saveRun: async (before, after) => saved(kept.runs, before, after),
    insertDecision: async (decision) => placeOf(decision) < 0 && kept.decisions.push(decision) > 0,
    replaceDecision: async (decision) => {
      const place = placeOf(decision);
      kept.decisions.splice(place < 0 ? kept.decisions.length : place, 1, decision);
    },
    decisionsOf: async (requestId) => kept.decisions.filter((one) => one.requestId === requestId),
    audit: async (entry) => void kept.audits.push(entry),
    enqueue: async () => undefined,
    insertInbound: async (row) => void inbound.set(row.id, row),
    inbound: async (id) => inbound.get(id) ?? null,
    removeInbound: async (id) => void inbound.delete(id),
    insertCard: async (card) => void kept.cards.push(card),
    insertCopy: async (copy) => kept.cards.push(copy) > 0,
    otherChannels: async () => [],
    touch: async () => undefined,
    insertReply: async () => undefined,
    insertAnswer: async (answer) => `${kept.answers.push(answer)}`,
    takeCall: async () => 0,
    callMade: async () => undefined,
    countSessions: async () => 0,
    setting: async <T>(key: string) => (kept.settings.get(key) ?? null) as T | null,
    setSetting: async (key, value) => void kept.settings.set(key, value),
  };
  const store: Partial<Store> = {
    transaction: (work) => work(tx as Tx),
    requestsBy: async ({ status, reviewBy, requester, after, limit }) =>
      [...kept.requests.values()]
        .filter((_one, index, all) => after === undefined || index > all.findIndex(({ id }) => id === after.id))
        .filter((one) => status === undefined || status.includes(one.status))
        .filter((one) => requester === undefined || one.requester.id === requester.id)
        .filter((one) => reviewBy === undefined || (one.review !== undefined && one.review.doneAt === null))
        .slice(0, limit),
    runsBy: async ({ status }) => [...kept.runs.values()].filter((run) => status.includes(run.status)),
    dispatchable: async (_now, limit) => {
      const runs = [...kept.runs.values()];
      const isFree = (run: Run) => !runs.some((one) => IN_FLIGHT.has(one.status) && one.machine.id === run.machine.id);
      return runs.filter((run) => run.status === 'queued' && isFree(run)).slice(0, limit);
    },
    placeInLine: async () => 0,
    requestsByThread: async () => [],
    sameLine: async () => null,
    cardsOf: async () => [],
    lastApprovedDigest: async () => null,
  };
  return { ...kept, store: store as Store };
}

/** Compare-and-set, as the database does it. */
function saved<Row extends { id: string; version: number }>(rows: Map<string, Row>, before: Row, after: Row): Row {
  if (rows.get(before.id)?.version !== before.version) throw new AppError('conflict', `${before.id} has changed.`);
  const row = { ...after, version: before.version + 1 };
  rows.set(row.id, row);
  return row;
}
