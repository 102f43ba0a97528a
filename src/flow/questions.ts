import { AppError, ChatError, DefenderError, sentenceFor } from '../errors.ts';
import { answer, code, type PrivateAnswer, strong, type Text, text, time } from '../model/notice.ts';
import type { Person, Platform } from '../model/person.ts';
import { type Request, requestEnded } from '../model/request.ts';
import { type Deed, judge } from '../policy/index.ts';
import { cancelWords, resultsAnswer } from './approve.ts';
import { repeat } from './ask-again.ts';
import { cancelRequest } from './cancel.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import { type Line, parseLine } from './command.ts';
import { whereWords } from './command-aim.ts';
import { shownCommands } from './command-line.ts';
import { stateOfDeletion } from './deletion-card.ts';
import { chatOf, type Deps, judgeVisit, nameLookup } from './deps.ts';
import { groundsOf } from './grounds.ts';
import { lineOf } from './line.ts';
import { stillHasChannel } from './live-where.ts';
import { explained, library, machines, portal, whoAmI } from './look-ups.ts';
import { PAUSE, type Paused } from './pause.ts';
import { holdPolicy, OtherPolicy } from './policy-in-force.ts';
import type { AuditEntry, Inbound, Tx, TypedLine } from './ports.ts';
import { Refusal } from './refusal.ts';
import { askedLately, askFirst, asksFirst } from './same-line.ts';
import { machinesOf, stateOfAll } from './state-of-many.ts';
import { stateWords } from './state-words.ts';
import { plainSurroundings } from './surroundings.ts';

/** Somebody who asked hears something within this time. Milliseconds. */
const ANSWER_WITHIN = 15_000;
const LISTED = 10;
/** Words that change something: who says them is asked anew. */
const CHANGES: ReadonlySet<string> = new Set(['withdraw', 'cancel', 'again', 'results', 'pause', 'resume']);

/** What stops something never waits, whichever policy is in force. */
const STOPS: ReadonlySet<string> = new Set(['withdraw', 'cancel', 'pause']);

/** Answers a stored question privately: about requests, machines, the library, the policy, or with what was to be done. */
export async function lookUp(deps: Deps, inboundId: string): Promise<void> {
  const inbound = await deps.store.transaction((tx) => tx.inbound(inboundId));
  if (inbound?.line === undefined) return;
  const words = await answerTo(deps, inbound, inbound.line);
  await deps.store.transaction(async (tx) => {
    if ((await tx.inbound(inboundId)) === null) return;
    await tx.removeInbound(inboundId);
    if (words === null) return;
    const id = await tx.insertAnswer({ platform: inbound.platform, to: inbound.line?.replyTo ?? '', answer: words });
    await tx.enqueue({ queue: `answer.${inbound.platform}`, id });
  });
}

async function answerTo(deps: Deps, inbound: Inbound, line: TypedLine): Promise<PrivateAnswer | null> {
  try {
    const parsed = parseLine(line.text);
    if (!STOPS.has(parsed.kind)) await deps.store.transaction((tx) => holdPolicy(tx, deps.policy().hash));
    const person = await chatOf(deps, inbound.platform).lookUp(line.person, { fresh: CHANGES.has(parsed.kind) });
    const may = await judgeVisit(deps, 'read', person);
    const why = may.ok ? {} : { rule: may.rule, why: may.sentence };
    const data = { ...why, ...groundsOf(deps.policy(), person) };
    await noteOnce(deps, inbound, {
      actor: person,
      action: may.ok ? `command.${parsed.kind}` : 'command.refused',
      data,
    });
    return may.ok ? await respond(deps, parsed, line, person) : answer(may.sentence);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (!(error instanceof DefenderError) && !(error instanceof ChatError)) return unforeseen(deps, inbound, error);
    if (deps.clock.now() < inbound.createdAt + ANSWER_WITHIN && !error.code.endsWith('_forbidden')) throw error;
    await noteOnce(deps, inbound, {
      ...{ actor: line.person, action: 'command.not_checked', data: { code: error.code } },
    });
    return answer(error.message);
  }
}

/** An error that nobody foresaw is tried again; past the time for an answer its asker hears of it. */
function unforeseen(deps: Deps, { id, createdAt }: Inbound, error: unknown): PrivateAnswer {
  const internal = error instanceof AppError && (error.code === 'database' || error.code === 'conflict');
  const passes = internal || error instanceof OtherPolicy || deps.clock.now() < createdAt + ANSWER_WITHIN;
  if (passes) throw error;
  deps.log.error({ inbound: id, error }, 'a question could not be answered');
  return answer(sentenceFor(error));
}

/** What was typed, by whom and where, however often it takes to answer it. */
async function noteOnce(deps: Deps, { id, line }: Inbound, entry: AuditEntry): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(`noted:${id}`))) return;
    await tx.audit({ ...entry, data: { ...typedWords(line), ...entry.data } });
  });
}

function typedWords(line: Pick<TypedLine, 'text' | 'channel'> | undefined): object {
  return { line: line?.text.slice(0, 2_000) ?? '', channel: line?.channel ?? null };
}

/** A command that was understood, and isn't this person's to give. */
async function refused(
  tx: Tx,
  deps: Deps,
  line: TypedLine,
  person: Person,
  no: { requestId?: string; rule: string; sentence: string },
): Promise<PrivateAnswer> {
  await tx.audit({
    actor: person,
    action: 'command.refused',
    requestId: no.requestId ?? null,
    data: { ...typedWords(line), rule: no.rule, why: no.sentence, ...groundsOf(deps.policy(), person) },
  });
  return answer(no.sentence);
}

async function respond(deps: Deps, asked: Line, line: TypedLine, person: Person): Promise<PrivateAnswer | null> {
  switch (asked.kind) {
    case 'status':
    case 'show':
    case 'results':
    case 'withdraw':
    case 'cancel':
    case 'again':
      return aboutRequest(deps, asked, line, person);
    case 'pending':
      return pending(deps);
    case 'history':
      return listed(
        deps,
        asked.machine === null ? 'The latest requests' : `The latest requests for ${asked.machine}`,
        await deps.store.requestsBy({ ...(asked.machine === null ? {} : { machine: asked.machine }), limit: LISTED }),
      );
    case 'explain':
      return explained(deps, asked.line, person);
    case 'whoami':
      return whoAmI(deps, person);
    case 'machines':
      return machines(deps, asked.query);
    case 'library':
      return library(deps, asked.file);
    case 'pause':
      return pause(deps, line, person, { by: person.name, why: asked.why, at: deps.clock.now() });
    case 'resume':
      return pause(deps, line, person, null);
    case 'isolate-like':
      return portal(deps, asked.verb, asked.machine);
    default:
      return answer('Type “help” to see what I understand.');
  }
}

type AboutRequest = Extract<Line, { kind: 'status' | 'show' | 'results' | 'withdraw' | 'cancel' | 'again' }>;

async function aboutRequest(
  deps: Deps,
  asked: AboutRequest,
  line: TypedLine,
  person: Person,
): Promise<PrivateAnswer | null> {
  const here = asked.id === null && line.thread !== null ? await requestsIn(deps, person.platform, line.thread) : [];
  const open = here.filter((request) => !requestEnded(request.status));
  const meant = here.length === 1 ? here : asked.kind === 'cancel' || asked.kind === 'withdraw' ? open : [];
  if (asked.kind === 'status' && here.length > 1) return listed(deps, 'In this thread', here);
  if (asked.id === null && meant.length !== 1) {
    if (asked.kind === 'status')
      return listed(deps, 'Your requests', await deps.store.requestsBy({ requester: person, limit: LISTED }));
    return answer(whichOne(asked.kind, here));
  }
  const id = asked.id ?? meant[0]?.id ?? '';
  const request = await deps.store.transaction((tx) => tx.request(id));
  if (request === null) return answer(`I don’t know ${id}. “pending” and “history” list what I know.`);
  if (asked.kind === 'status') return answer(await summary(deps, request));
  if (asked.kind === 'show') return show(deps, request);
  return act(deps, { kind: asked.kind, why: asked.kind === 'cancel' ? asked.why : null }, request, line, person);
}

/** What waits for somebody: approvals, and reviews of what was started without one. */
async function pending(deps: Deps): Promise<PrivateAnswer> {
  const waiting = await deps.store.requestsBy({ status: ['waiting'], limit: LISTED });
  const reviews = await deps.store.requestsBy({ reviewBy: Number.MAX_SAFE_INTEGER, limit: LISTED });
  const first = await listed(deps, 'Waiting for approval', waiting);
  if (reviews.length === 0) return first;
  const now = deps.clock.now();
  const lines = reviews.map((request): Text => {
    const by = request.review?.by ?? now;
    return [
      ...(now > by ? [text('‼ overdue: ')] : []),
      strong(request.id),
      text(` break-glass by ${request.requester.name}: “${request.reason ?? ''}” · until `),
      time(by, 'date'),
    ];
  });
  return { ...first, lines: [...first.lines, [strong('To be reviewed, without approval')], ...lines] };
}

/** The requests of a thread, the newest first. */
async function requestsIn(deps: Deps, platform: Platform, thread: string): Promise<Request[]> {
  const ids = await deps.store.requestsByThread(platform, thread);
  const found = await deps.store.transaction((tx) => Promise.all(ids.map((id) => tx.request(id))));
  return found.filter((request) => request !== null);
}

function whichOne(kind: string, here: readonly Request[]): string {
  if (here.length === 0) return `Say which request: ${kind} LR-8K3F2Q. Outside of its thread I can’t tell.`;
  const ids = here.map((request) => request.id).join(', ');
  return `This thread holds ${ids}. Say which one: ${kind} ${here[0]?.id}.`;
}

const DEEDS: Record<'results' | 'withdraw' | 'cancel', Deed> = {
  results: 'results',
  withdraw: 'withdraw',
  cancel: 'cancel',
};

async function act(
  deps: Deps,
  asked: { kind: 'results' | 'withdraw' | 'cancel' | 'again'; why: string | null },
  before: Request,
  line: TypedLine,
  person: Person,
): Promise<PrivateAnswer | null> {
  const nameOf = before.terms === null ? () => null : await nameLookup(deps, before.platform, before.terms);
  const lately = asked.kind === 'again' ? await askedLately(deps, person, before.line) : null;
  return retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const request = (await tx.request(before.id)) ?? before;
      if (asked.kind === 'again') {
        if (request.platform !== person.platform) return answer(`${request.id} lives elsewhere; type it anew here.`);
        if (!(await tx.takeDelivery(`typed-again:${line.delivery}`))) return null;
        if (asksFirst(lately)) {
          const data = { line: request.line, channel: line.channel };
          await tx.audit({ actor: person, action: 'command.repeated', requestId: lately.id, data });
          return askFirst(lately, deps.clock.now());
        }
        return repeat(tx, deps, request, person, { ...line, kind: 'typed' });
      }
      // Typing “cancel” while it waits withdraws it.
      const early = ['received', 'unconfirmed', 'waiting'].includes(request.status);
      const deed = asked.kind === 'cancel' && early ? 'withdraw' : DEEDS[asked.kind];
      const verdict = judge(deed, {
        policy: deps.policy(),
        person,
        request,
        round: null,
        channel: line.channel,
        decisions: await tx.decisionsOf(request.id),
        now: deps.clock.now(),
        nameOf,
      });
      if (!verdict.ok) return refused(tx, deps, line, person, { requestId: request.id, ...verdict });
      if (asked.kind === 'results') return resultsAnswer(request, person);
      const outcome = await cancelRequest(tx, deps, request, person, asked.why);
      return cancelWords(outcome) ?? answer(`${request.id} is ${outcome}.`);
    }),
  );
}

async function show(deps: Deps, request: Request): Promise<PrivateAnswer> {
  const runs = await deps.store.transaction((tx) => tx.runsOf(request.id));
  const hasCard = runs.length > 0 || (request.deletion !== undefined && request.terms !== null);
  if (!hasCard) return answer(`${request.id} has no card: ${withoutRun(request)}.`);
  const where = chatOf(deps, request.platform).channelName(request.channel);
  if (!stillHasChannel(deps, request)) {
    return answer(
      `${request.id} lives in ${where}, which the policy no longer has, so no card is posted there. “status ${request.id}” tells how it stands.`,
    );
  }
  await deps.store.transaction(async (tx) => {
    await tx.insertCard({
      requestId: request.id,
      platform: request.platform,
      channel: request.channel,
      place: request.place,
    });
    await wakeReport(tx, request);
  });
  return answer(`A fresh card of ${request.id} is on its way to ${where}.`);
}

/** How a request stands that never got as far as a machine. */
function withoutRun(request: Request): string {
  if (request.status === 'received') return 'it is being looked at';
  if (request.status === 'unconfirmed') return 'its author hasn’t confirmed it';
  return request.note === null ? `it was ${request.status}` : `it was ${request.status}: ${request.note}`;
}

async function listed(deps: Deps, title: string, requests: readonly Request[]): Promise<PrivateAnswer> {
  if (requests.length === 0) return answer(`${title}: nothing.`);
  return answer([strong(title)], ...(await Promise.all(requests.map((request) => summary(deps, request)))));
}

async function summary(deps: Deps, request: Request): Promise<Text> {
  const { runs, decisions } = await deps.store.transaction(async (tx) => ({
    runs: await tx.runsOf(request.id),
    decisions: await tx.decisionsOf(request.id),
  }));
  const [run, ...others] = runs;
  const queued = runs.find(({ status }) => status === 'queued');
  const words =
    run === undefined
      ? withoutRun(request)
      : stateWords(
          stateOfAll(request, [run, ...others], decisions, {
            ...plainSurroundings(deps),
            ...(queued === undefined ? {} : await lineOf(deps, queued)),
          }),
        );
  if (request.deletion !== undefined) {
    const state = stateOfDeletion(request, request.deletion, plainSurroundings(deps));
    return [
      strong(request.id),
      text(` ${request.requester.name} · `),
      code(`library delete ${request.deletion.fileName}`),
      text(` · ${stateWords(state)}`),
    ];
  }
  return [
    strong(request.id),
    text(
      ` ${request.requester.name} · ${run === undefined ? whereWords(request, null) : machinesOf([run, ...others])} · `,
    ),
    code(shownCommands(request).join(' then ')),
    text(` · ${words}`),
  ];
}

async function pause(deps: Deps, line: TypedLine, person: Person, paused: Paused | null): Promise<PrivateAnswer> {
  const may = await judgeVisit(deps, 'pause', person);
  if (!may.ok) return deps.store.transaction((tx) => refused(tx, deps, line, person, may));
  await deps.store.transaction(async (tx) => {
    await tx.setSetting(PAUSE, paused);
    await tx.audit({
      actor: person,
      action: paused === null ? 'resumed' : 'paused',
      data: { why: paused?.why ?? null },
    });
    await tx.enqueue({ queue: 'dispatch', id: 'next' });
  });
  const inLine = await deps.store.runsBy({ status: ['queued'] });
  for (const id of new Set(inLine.map(({ requestId }) => requestId))) {
    await deps.store.transaction(async (tx) => {
      const request = await tx.request(id);
      if (request === null || requestEnded(request.status)) return;
      await tx.touch(request.id);
      await wakeReport(tx, request);
    });
  }
  return answer(
    paused === null
      ? 'Resumed: what is approved is sent again.'
      : 'Paused: nothing new is sent to Defender until somebody types “resume”. What runs already goes on.',
  );
}
