import { ChatError } from '../../../src/errors.ts';
import type { Deps } from '../../../src/flow/deps.ts';
import { clicked, typed } from '../../../src/flow/inbox.ts';
import type { Chat, Job, Store } from '../../../src/flow/ports.ts';
import { type ButtonAction, type PrivateAnswer, plain } from '../../../src/model/notice.ts';
import type { Platform } from '../../../src/model/person.ts';
import { stage } from '../../../src/work.ts';
import { CLIENT_ID, type FakeDefender, fakeDefender } from '../fake-defender.ts';
import { aRun, NOW } from '../records.ts';
import { quiet, quietMetrics } from '../world.ts';
import type { Cell, Try } from './oracle.ts';
import { CHANNELS, chatWith, knownAs, refOf } from './people.ts';
import { ACTION, insert, type Records, recordsOf } from './states.ts';

type Policy = ReturnType<Deps['policy']>;

/** What came of a try: everything that changed, or that somebody was told; and how often Defender was asked anything. */
export interface Outcome {
  effects: string[];
  reads: number;
}

/** What is told to nobody but those who may read: the records, the machine, the library, the policy. That one’s click counts once isn’t. */
const KNOWLEDGE =
  /OfficeClickToRun|library delete minidump\.ps1|ransomware|Workstations|Dumps a process|counts(?! once)|You may req/;
const SPOKEN = new Set(['report', 'answer']);
let deliveries = 0;

/** Plays one cell on an empty store: the records as they are, one try, and all the work it leads to but what only shows something. */
export async function play(cell: Cell, store: Store, policy: Policy): Promise<Outcome> {
  const { kind, home, state, attempt } = cell;
  const asker = kind.role === 'lead who asked' ? kind.role : 'requester';
  const byGroup = kind.byGroup && kind.platform === home;
  const records = recordsOf(state, knownAs({ role: asker, platform: home, byGroup }), policy);
  const defender = fakeDefender({ now: () => NOW });
  if (records.run?.actionId === ACTION) defender.list.push(actionOf(records));
  const seen = watched(store);
  const deps = depsOf(cell, seen.store, defender, policy);
  await store.transaction(async (tx) => {
    await insert(tx, records);
    if (attempt === 'type resume') await tx.setSetting('paused', { by: 'Leo Lead', why: null, at: NOW });
  });
  const answer = await perform(deps, cell, records);
  await settle(deps, seen.jobs);
  const answers = [...seen.answers, ...(answer === null ? [] : [answer])];
  const changes = await changesOf(store, records, attempt);
  return {
    effects: [...changes, ...atDefender(defender), ...heard(answers), ...seen.cards].sort(),
    reads: defender.reads.length,
  };
}

function perform(deps: Deps, { kind, home, attempt }: Cell, { request, run }: Records): Promise<PrivateAnswer | null> {
  deliveries += 1;
  const from = { delivery: `delivery-${deliveries}`, person: refOf(kind), replyTo: 'to' };
  const [, how, what = '', where] = /^(press|type) (.*?)( in another channel| of an older round)?$/.exec(attempt) ?? [];
  if (how === 'type') {
    const channel = CHANNELS[kind.platform];
    return typed(deps, { ...from, channel, place: channel, thread: null, text: lineOf(what, request.id) });
  }
  const round = where === ' of an older round' ? 0 : request.round;
  const channel = where === ' in another channel' ? 'C0OTHER' : CHANNELS[home];
  const id =
    what === 'approve' || what === 'deny'
      ? `${request.id}:${round}`
      : what.startsWith('it_')
        ? attemptOf(run, request.id)
        : request.id;
  return clicked(deps, { ...from, channel, action: what as ButtonAction, id, words: null, openUntil: null });
}

const attemptOf = (run: Records['run'], id: string) => `${run?.id ?? `${id}.1`}:${run?.attempt ?? 1}`;

function lineOf(words: string, id: string): string {
  switch (words) {
    case 'run':
      return 'run ws-042 minidump.ps1 explorer';
    case 'explain':
      return 'explain run ws-042 minidump.ps1';
    case 'machines':
      return 'machines ws';
    case 'library delete':
      return 'library delete minidump';
    default:
      return ['status', 'show', 'results', 'cancel', 'withdraw', 'again'].includes(words) ? `${words} ${id}` : words;
  }
}

function depsOf(cell: Cell, store: Store, defender: FakeDefender, policy: Policy): Deps {
  return {
    store,
    chats: new Map((['slack', 'teams'] as const).map((one): [Platform, Chat] => [one, chatWith(cell.kind, one)])),
    defender,
    policy: () => policy,
    clock: { now: () => NOW },
    sleep: async () => undefined,
    log: quiet,
    metrics: quietMetrics,
    publicUrl: 'https://bot.example.com',
    clientId: CLIENT_ID,
    visibilityLag: 120_000,
  };
}

/** The store, with what is to be worked on, said and shown kept here instead. */
function watched(store: Store) {
  const seen = { jobs: [] as Job[], answers: [] as PrivateAnswer[], cards: [] as string[] };
  const watching: Store = {
    ...store,
    transaction: (work) =>
      store.transaction((tx) =>
        work({
          ...tx,
          enqueue: async (job) => void seen.jobs.push(job),
          insertAnswer: async ({ answer }) => `${seen.answers.push(answer)}`,
          insertCard: async ({ requestId }) => {
            if (requestId === ASKED) seen.cards.push('card');
          },
        }),
      ),
  };
  return { ...seen, store: watching };
}

const ASKED = aRun().requestId;

/** What fails outside is tried again by the engine; here it has failed. */
async function settle(deps: Deps, jobs: Job[]): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    if (SPOKEN.has(job.queue.split('.')[0] ?? '')) continue;
    await stage(deps, job).catch((error: unknown) => {
      if (!(error instanceof ChatError)) throw error;
    });
  }
}

async function changesOf(store: Store, before: Records, attempt: Try): Promise<string[]> {
  const { id } = before.request;
  const now = await store.transaction(async (tx) => ({
    request: await tx.request(id),
    run: before.run === null ? null : await tx.run(before.run.id),
    decisions: await tx.decisionsOf(id),
    paused: await tx.setting('paused'),
  }));
  const others = await store.requestsBy({ limit: 10 });
  return [
    ...(now.request?.status === before.request.status ? [] : [`request ${now.request?.status}`]),
    ...(now.run?.status === before.run?.status ? [] : [`run ${now.run?.status}`]),
    ...(now.run?.cancel != null && now.run.status === before.run?.status ? ['cancel wished'] : []),
    ...now.decisions
      .filter(({ round, person, verdict }) => {
        const same = ({ person: { id: by }, ...old }: (typeof before.decisions)[number]) =>
          old.round === round && by === person.id && old.verdict === verdict;
        return !before.decisions.some(same);
      })
      .map((one) => (one.round === 0 ? 'reviewed' : `decision: ${one.verdict}`)),
    ...(attempt === 'type resume' ? (now.paused === null ? ['resumed'] : []) : now.paused === null ? [] : ['paused']),
    ...others.filter((one) => one.id !== id && one.status !== 'refused').map((one) => `another ${one.status}`),
  ];
}

function atDefender({ submissions, cancels, deletions }: FakeDefender): string[] {
  return [...submissions.map(() => 'sent'), ...cancels.map(() => 'cancel sent'), ...deletions.map(() => 'deleted')];
}

function heard(answers: readonly PrivateAnswer[]): string[] {
  const told = answers.some(
    ({ lines, output, buttons }) =>
      [...lines.map(plain), ...output].some((line) => KNOWLEDGE.test(line)) && buttons.length === 0,
  );
  const linked = answers.some(({ resultsFor }) => resultsFor !== undefined);
  return [...(told ? ['told'] : []), ...(linked ? ['link'] : [])];
}

/** What Defender shows of a run that it works on. */
function actionOf({ request, run }: Records): FakeDefender['list'][number] {
  const machineId = run?.machine.id ?? '';
  const comment = `[${run?.id}] for a test`;
  const common = { type: 'LiveResponse', status: 'InProgress', machineId, requestor: CLIENT_ID, comment };
  return { id: ACTION, ...common, createdAt: request.createdAt, updatedAt: request.createdAt, commands: [] };
}
