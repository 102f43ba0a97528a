import { AppError, ChatError, DefenderError, sentenceFor } from '../errors.ts';
import { newRequestId, runId } from '../model/ids.ts';
import type { Machine } from '../model/machine.ts';
import { answer, type PrivateAnswer } from '../model/notice.ts';
import type { Person, PersonRef } from '../model/person.ts';
import { type CommandProgress, moveRequest, type Request, type Run } from '../model/request.ts';
import { judge, type Verdict } from '../policy/index.ts';
import { admit, asKnown, judgeAgainstPolicy, withReason } from './admit.ts';
import { judgeNow } from './binding.ts';
import { endEarly } from './cancel.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import { type DeletionLine, formatLine, type RequestLine } from './command.ts';
import { examineDeletion, newDeletion } from './deletion.ts';
import { type Deps, glassBreakers } from './deps.ts';
import { askDirectly } from './direct.ts';
import { groundsOf } from './grounds.ts';
import { callAll } from './machine-names.ts';
import { holdPolicy, OtherPolicy } from './policy-in-force.ts';
import type { Tx, TypedLine } from './ports.ts';
import { type Preflight, preflight } from './preflight.ts';
import { reasonButton } from './reason-button.ts';
import { Refusal } from './refusal.ts';
import { askForReview, openReview } from './review.ts';

/** Within this time of typing, a person gets their card or the reason why there is none. Milliseconds. */
const ANSWER_WITHIN = 20_000;
const DAY = 24 * 3_600_000;

/** Stores what somebody asked for. In the caller's transaction, before the platform gets its acknowledgement. */
export async function storeRequest(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  asked: RequestLine | DeletionLine,
  from: Pick<TypedLine, 'person' | 'replyTo'> & { channel: string; place: string; typedIn?: string | null },
): Promise<Request> {
  const request: Request = {
    id: newRequestId(),
    version: 0,
    status: 'received',
    round: 1,
    platform: from.person.platform,
    requester: from.person,
    channel: from.channel,
    place: from.place,
    replyTo: from.replyTo,
    line: formatLine(asked),
    ...(asked.kind === 'request'
      ? {
          machine: asked.machine,
          ...(asked.aim === undefined ? {} : { aim: asked.aim }),
          ...{ commands: asked.commands, breakGlass: asked.breakGlass },
        }
      : { machine: '', commands: [], breakGlass: false, deletion: newDeletion(asked.file) }),
    reason: asked.reason,
    createdAt: deps.clock.now(),
    terms: null,
    files: [],
    warnings: [],
    note: null,
    expiresAt: null,
    startBy: null,
    approvedAt: null,
    endedAt: null,
    endedBy: null,
    remindedAt: null,
  };
  await tx.insertRequest(request);
  await tx.audit({
    actor: from.person,
    action: 'request.received',
    requestId: request.id,
    data: { line: request.line, channel: from.channel, ...('typedIn' in from ? { typedIn: from.typedIn } : {}) },
  });
  await tx.enqueue({ queue: `prepare.${request.platform}`, id: request.id });
  return request;
}

/**
 * Takes a stored request to its card, or tells its author why there is none: who they are, the machine, the library, the policy. A
 * Defender that doesn't answer in time refuses it, so nobody waits for a card that may never come. Throws OtherPolicy: whoever runs the
 * policy in force takes it there.
 */
export async function prepare(deps: Deps, id: string): Promise<void> {
  const { hash } = deps.policy();
  const request = await deps.store.transaction(async (tx) => {
    await holdPolicy(tx, hash);
    return tx.request(id);
  });
  if (request?.status !== 'received') return;
  const deadline = Math.max(askedAt(request) + ANSWER_WITHIN, deps.clock.now() + ANSWER_WITHIN / 2);
  try {
    await within(deadline - deps.clock.now(), examine(deps, request));
  } catch (error) {
    if (error instanceof OtherPolicy) throw error;
    if (error instanceof Refusal) return refuse(deps, request, error.answer, { policy: hash, ...error.grounds });
    const known = error instanceof DefenderError || error instanceof ChatError || error instanceof TooSlow;
    if (!known) return unforeseen(deps, request, error);
    if (!(error instanceof TooSlow) && passes(error) && deps.clock.now() < askedAt(request) + ANSWER_WITHIN * 0.7)
      throw error;
    await refuse(deps, request, answer(`${error.message} Nothing was asked of anybody. Try again: ${request.line}`));
  }
}

/** When its author last said that they want it. */
function askedAt({ createdAt, deletion }: Request): number {
  return deletion?.confirmedAt ?? createdAt;
}

/** An error that nobody foresaw is tried again; past the time for an answer the author hears it. */
async function unforeseen(deps: Deps, request: Request, error: unknown): Promise<void> {
  const internal = error instanceof AppError && (error.code === 'database' || error.code === 'conflict');
  if (internal || deps.clock.now() < askedAt(request) + ANSWER_WITHIN) throw error;
  deps.log.error({ request: request.id, error }, 'a request could not be looked at');
  await refuse(deps, request, answer(`${sentenceFor(error)} Nothing was asked of anybody.`));
}

/** Trouble that may be over in a moment. What wasn't understood, or is too much, would be the same again and only cost reads. */
function passes(error: DefenderError | ChatError): boolean {
  return ['defender_unreachable', 'defender_throttled', 'chat_unreachable', 'chat_throttled', 'chat_unclear'].includes(
    error.code,
  );
}

class TooSlow extends Error {
  constructor() {
    super('Defender did not answer in time.');
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function examine(deps: Deps, request: Request): Promise<void> {
  const person = await admit(deps, request);
  if (request.deletion !== undefined) return examineDeletion(deps, request, request.deletion, person);
  const found = await preflight(deps, request, { fresh: false, purpose: 'run' });
  const verdict = judgeNow(deps, found, found.machines, found.files);
  await judgeAgainstPolicy(deps, request, person, verdict, found.machines.length);
  const breaksGlass = request.breakGlass ? await mayBreakGlass(deps, request, person, verdict) : false;
  await post(deps, request, person, found, verdict, breaksGlass);
}

async function mayBreakGlass(deps: Deps, request: Request, person: Person, verdict: Verdict): Promise<true> {
  if (request.reason === null) {
    throw new Refusal(
      'Break-glass needs a reason.',
      `For example: ${withReason(request, 'INC-1234 what this is about')}`,
    ).offering(reasonButton(request));
  }
  const asked = {
    policy: deps.policy(),
    person,
    request: { ...request, status: 'waiting' as const, terms: verdict.terms },
    round: request.round,
    channel: null,
    decisions: [],
    now: deps.clock.now(),
  };
  if (judge('break_glass', asked).ok) return true;
  // Names are asked for only where they are to be told.
  const may = judge('break_glass', { ...asked, nameOf: await glassBreakers(deps, person.platform) });
  if (!may.ok) throw new Refusal(may.sentence).on({ rule: verdict.terms.rule, refusedBy: may.rule });
  return true;
}

async function post(
  deps: Deps,
  before: Request,
  person: Person,
  found: Preflight,
  verdict: Verdict,
  breaksGlass: boolean,
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const request = await tx.request(before.id);
    if (request?.status !== 'received') return;
    await holdPolicy(tx, verdict.terms.policyHash);
    const now = deps.clock.now();
    const terms = verdict.terms;
    const atOnce = breaksGlass || terms.approvals === 0;
    const facts: Partial<Request> = {
      requester: asKnown(person),
      ...(found.machines.length === 1 ? {} : { machineCount: found.machines.length }),
      commands: found.commands,
      files: found.files,
      warnings: found.warnings,
      terms,
      expiresAt: now + terms.expireAfter,
      ...(breaksGlass ? { review: openReview(now, deps.policy().breakGlass?.reviewWithin ?? DAY) } : {}),
    };
    const saved = await tx.saveRequest(
      request,
      atOnce
        ? moveRequest(request, 'approved', { ...facts, approvedAt: now, startBy: now + terms.startWithin })
        : moveRequest(request, 'waiting', facts),
    );
    const called = found.machines.length === 1 ? [] : callAll(found.machines);
    for (const [index, machine] of found.machines.entries()) {
      const run = newRun(request.id, { number: index + 1, machine, commands: found.commands }, atOnce, now);
      await tx.insertRun(called[index] === undefined ? run : { ...run, called: called[index] });
    }
    if (breaksGlass) await breakGlass(tx, deps, saved, person, now);
    await tx.insertCard({
      requestId: request.id,
      platform: request.platform,
      channel: request.channel,
      place: request.place,
    });
    if (!atOnce || breaksGlass) await askDirectly(tx, deps, saved);
    await tx.audit({
      actor: person,
      action: atOnce ? 'request.approved' : 'request.waiting',
      requestId: request.id,
      data: {
        ...machinesAsked(found.machines),
        terms,
        commands: found.commands,
        files: found.files,
        warnings: found.warnings,
        ...groundsOf(deps.policy(), person),
      },
    });
    if (atOnce) await tx.enqueue({ queue: 'dispatch', id: 'next' });
    await wakeReport(tx, request);
  });
}

async function breakGlass(tx: Tx, deps: Deps, request: Request, person: PersonRef, now: number): Promise<void> {
  await tx.insertDecision({
    requestId: request.id,
    round: request.round,
    person,
    verdict: 'break_glass',
    why: request.reason,
    at: now,
  });
  await tx.audit({
    actor: person,
    action: 'request.break_glass',
    requestId: request.id,
    data: {
      reason: request.reason,
      reviewBy: request.review?.by ?? null,
      rule: request.terms?.rule ?? null,
      ...groundsOf(deps.policy(), person),
    },
  });
  if (request.review !== undefined) await askForReview(tx, deps, request, request.review);
}

/** What is written down of where it is to run. */
function machinesAsked([only, ...others]: Preflight['machines']): object {
  const { id, name } = only;
  return others.length === 0
    ? { machine: id, name }
    : { machines: [only, ...others].map((machine) => ({ machine: machine.id, name: machine.name })) };
}

/** One machine of a request, counted from 1. */
type NewRun = Pick<Preflight, 'commands'> & { number: number; machine: Machine };

function newRun(requestId: string, { number, machine, commands }: NewRun, atOnce: boolean, now: number): Run {
  return {
    id: runId(requestId, number),
    requestId,
    version: 0,
    status: atOnce ? 'queued' : 'held',
    machine,
    attempt: 0,
    intentAt: null,
    deadline: null,
    sendStartedAt: null,
    doubt: null,
    lookUntil: null,
    actionId: null,
    actionStatus: null,
    sentAt: null,
    pickedUpAt: null,
    waits: { for: 'turn' },
    notBefore: 0,
    queuedAt: atOnce ? now : null,
    commands: commands.map(untouched),
    cancel: null,
    note: null,
    settledBy: null,
    endedAt: null,
    missingSince: null,
  };
}

function untouched(): CommandProgress {
  return {
    state: 'waiting',
    raw: '',
    startedAt: null,
    endedAt: null,
    errors: [],
    result: 'pending',
    tries: 0,
    exitCode: null,
    head: [],
    moreLines: 0,
    wroteErrors: false,
    trouble: null,
  };
}

/** `policy`: the hash of the one that refuses it, where one does. */
async function refuse(
  deps: Deps,
  before: Request,
  words: PrivateAnswer,
  grounds: { policy?: string } = {},
): Promise<void> {
  await retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const request = await tx.request(before.id);
      if (request?.status !== 'received') return;
      if (grounds.policy !== undefined) await holdPolicy(tx, grounds.policy);
      const why = words.lines.map((line) => line.map((span) => ('text' in span ? span.text : '')).join('')).join(' ');
      await endEarly(tx, deps, request, 'refused', null, why, { policy: deps.policy().hash, ...grounds });
      const id = await tx.insertAnswer({ platform: request.platform, to: request.replyTo, answer: words });
      await tx.enqueue({ queue: `answer.${request.platform}`, id });
    }),
  );
}
