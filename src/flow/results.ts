import { createHash } from 'node:crypto';
import { actionOf } from '../actions/index.ts';
import { AppError, ChatError, DefenderError } from '../errors.ts';
import type { Command } from '../model/command.ts';
import { newToken } from '../model/ids.ts';
import { type Card, plain } from '../model/notice.ts';
import type { PersonRef } from '../model/person.ts';
import type { CommandProgress, Decision, Request, Run } from '../model/request.ts';
import type { FileAnswer, NoResults, Results, ResultsCommand, ResultsView, Tone } from '../model/results.ts';
import { judge } from '../policy/index.ts';
import { chatOf, type Deps } from './deps.ts';
import type { LinkRow, OutputRow } from './ports.ts';
import { machinesOf, type Runs, stateOfAll } from './state-of-many.ts';
import { stateOf } from './state-words.ts';
import { plainSurroundings } from './surroundings.ts';

/** Only this is stored of a token, so who can read the database can't open anybody's results. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Makes a results link for a person (null: for everybody in the thread) and returns its address: a secret. */
export async function mintLink(deps: Deps, requestId: string, person: PersonRef | null): Promise<string> {
  const token = newToken();
  const expiresAt = deps.clock.now() + deps.policy().results.linkFor;
  await deps.store.transaction(async (tx) => {
    await tx.insertLink({ hash: hashToken(token), requestId, person, expiresAt });
    await tx.audit({
      actor: person ?? 'bot',
      action: 'results.link_made',
      requestId,
      data: { expiresAt, forThread: person === null },
    });
  });
  return `${deps.publicUrl}/results/${token}`;
}

/** The results of requests, for whoever holds a link and still has the right. Looking changes nothing and asks Defender nothing. */
export function createResults(deps: Deps): Results {
  return {
    open: (token, machine = null) => open(deps, token, machine),
    file: (token, index) => file(deps, token, index),
  };
}

async function open(
  deps: Deps,
  token: string,
  machine: number | null,
): Promise<{ kind: 'page'; page: ResultsView } | NoResults> {
  const admitted = await admit(deps, token);
  if ('kind' in admitted) return admitted;
  const { request, runs } = admitted;
  const [first, ...others] = runs;
  const decisions = await deps.store.transaction((tx) => tx.decisionsOf(request.id));
  if (others.length > 0 && machine === null) return { kind: 'page', page: ofAll(deps, admitted, decisions) };
  const number = others.length === 0 ? 1 : (machine ?? 1);
  const run = others.length === 0 ? first : runs[number - 1];
  if (run === undefined) return { kind: 'unknown' };
  const outputs = await deps.store.outputsOf(request.id, run.id);
  const state = stateOf(request, run, decisions, plainSurroundings(deps));
  const before = (number - 1) * request.commands.length;
  const commands = request.commands.map((_command, index) => ({
    ...commandView(request, run, outputs, index),
    fileIndex: before + index,
  }));
  return {
    kind: 'page',
    page: {
      ...common(admitted, decisions),
      machine: run.machine.name || run.machine.id,
      ...(others.length === 0 ? {} : { oneOfMany: true }),
      startedAt: run.pickedUpAt ?? run.sentAt,
      endedAt: run.endedAt,
      state: { tone: toneOf(state.symbol), words: plain(state.words) },
      commands,
    },
  };
}

/** How each of several machines stands; what they wrote is on a page for each. */
function ofAll(deps: Deps, admitted: Admitted, decisions: readonly Decision[]): ResultsView {
  const { request, runs } = admitted;
  const around = plainSurroundings(deps);
  const stateView = ({ symbol, words }: Card['state']) => ({ tone: toneOf(symbol), words: plain(words) });
  const starts = runs.flatMap(({ pickedUpAt, sentAt }) => pickedUpAt ?? sentAt ?? []);
  return {
    ...common(admitted, decisions),
    machine: machinesOf(runs),
    machines: runs.map((run, index) => ({
      number: index + 1,
      name: run.machine.name || run.machine.id,
      state: stateView(stateOf(request, run, decisions, around)),
    })),
    startedAt: starts.length === 0 ? null : Math.min(...starts),
    endedAt: request.endedAt,
    state: stateView(stateOfAll(request, runs, decisions, around)),
    commands: [],
  };
}

/** What stands on every page of a request. */
function common({ request, linkRow }: Admitted, decisions: readonly Decision[]) {
  return {
    requestId: request.id,
    line: request.line,
    reason: request.reason,
    requester: request.requester.name,
    approvers: decisions
      .filter((one) => one.round === request.round && one.verdict !== 'deny')
      .map((one) => one.person.name),
    viewer: linkRow.person?.name ?? null,
    expiresAt: linkRow.expiresAt,
  };
}

function toneOf(symbol: Card['state']['symbol']): Tone {
  if (symbol === '✔') return 'good';
  if (symbol === '✘') return 'bad';
  return symbol === '?' || symbol === '⚠' ? 'doubt' : 'open';
}

function commandView(request: Request, run: Run, outputs: readonly OutputRow[], index: number): ResultsCommand {
  const command = request.commands[index];
  const progress = run.commands[index];
  if (command === undefined || progress === undefined) throw new Error(`${run.id} lacks command ${index}`);
  const action = actionOf(command);
  const file = progress.file === 'pending' ? null : progress.file;
  const output = outputs.find((one) => one.runId === run.id && one.index === index);
  return {
    index,
    label: action.label,
    code: action.show(command),
    state: commandState(progress, run, command.kind),
    exitCode: progress.exitCode,
    durationMs: progress.startedAt === null || progress.endedAt === null ? null : progress.endedAt - progress.startedAt,
    output: output?.output ?? '',
    errors: [output?.errors ?? '', ...progress.errors, progress.trouble ?? ''].filter((part) => part !== '').join('\n'),
    truncated: output?.truncated ?? false,
    size: file?.size ?? output?.size ?? null,
    sha256: file?.sha256 ?? output?.sha256 ?? null,
    fileName: file?.name ?? null,
    file: fileOf(command.kind, progress.state),
  };
}

function commandState(progress: CommandProgress, run: Run, kind: Command['kind']): ResultsCommand['state'] {
  const ended = run.endedAt !== null;
  switch (progress.state) {
    case 'completed':
      if (kind === 'run' && progress.exitCode === null) return { tone: 'doubt', words: 'Completed, exit code unknown' };
      return (progress.exitCode ?? 0) === 0
        ? { tone: 'good', words: 'Completed' }
        : { tone: 'bad', words: 'Completed with an error' };
    case 'failed':
      return { tone: 'bad', words: 'Failed' };
    case 'running':
      return ended ? { tone: 'doubt', words: 'Was still running' } : { tone: 'open', words: 'Running' };
    case 'waiting':
      if (!ended) return { tone: 'open', words: 'Waiting' };
      return { tone: 'doubt', words: surelyNotRun(progress, run) ? 'Did not run' : 'Nobody knows whether it ran' };
  }
}

/** Only where Defender says so, or where nothing can have reached it. */
function surelyNotRun(progress: CommandProgress, run: Run): boolean {
  return progress.raw === 'Created' || (run.actionId === null && run.settledBy === null && run.status === 'cancelled');
}

function fileOf(kind: string, state: CommandProgress['state']): ResultsCommand['file'] {
  if (kind === 'get') return state === 'completed' ? 'collected' : null;
  return kind === 'run' && (state === 'completed' || state === 'failed') ? 'output' : null;
}

/** A fresh Defender link for one command's file, minted now, for a person who may. */
async function file(deps: Deps, token: string, fileIndex: number): Promise<FileAnswer> {
  const admitted = await admit(deps, token);
  if ('kind' in admitted) {
    if (admitted.kind === 'refused') await noteRefused(deps, token, fileIndex, admitted.sentence);
    return admitted;
  }
  const { request, runs, linkRow } = admitted;
  const index = fileIndex % request.commands.length;
  const run = runs[Math.floor(fileIndex / request.commands.length)];
  const command = request.commands[index];
  const progress = run?.commands[index];
  if (
    run === undefined ||
    command === undefined ||
    progress === undefined ||
    fileOf(command.kind, progress.state) === null
  )
    return { kind: 'unknown' };
  if (run.actionId === null)
    return { kind: 'gone', sentence: 'Defender shows no action for this run, so it keeps no file.' };
  // A link for a whole thread doesn't tell who holds it.
  const data = { index, command: actionOf(command).show(command), forThread: linkRow.person === null };
  const entry = { actor: linkRow.person ?? ('bot' as const), requestId: request.id, runId: run.id };
  try {
    const url = await deps.defender.resultLink(run.actionId, index, 'people');
    await deps.store.transaction((tx) => tx.audit({ ...entry, action: 'results.file_opened', data }));
    return { kind: 'link', url };
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    const { code } = error;
    await deps.store.transaction((tx) =>
      tx.audit({ ...entry, action: 'results.file_not_opened', data: { ...data, code } }),
    );
    if (error.code !== 'defender_not_found') return { kind: 'trouble', sentence: error.message };
    return isForgotten(deps, run, command.kind === 'run' && progress.result === 'collected')
      ? { kind: 'gone', sentence: 'Defender does not keep this file any more.' }
      : { kind: 'not_ready', sentence: 'Defender has not made this file ready yet. Try again in a minute.' };
  }
}

/** Somebody who had the right when the link was made, and has lost it since. */
async function noteRefused(deps: Deps, token: string, index: number, why: string): Promise<void> {
  const link = await deps.store.link(hashToken(token));
  const data = { index, why, policy: deps.policy().hash };
  await deps.store.transaction((tx) =>
    tx.audit({
      ...{ actor: link?.person ?? 'bot', action: 'results.refused', requestId: link?.requestId ?? null, data },
    }),
  );
}

/** Results come a while after the end; one that was read already, or is still missing long after, won't come (back). */
const READY_WITHIN = 15 * 60_000;

function isForgotten(deps: Pick<Deps, 'clock'>, run: Run, wasRead: boolean): boolean {
  return wasRead || (run.endedAt !== null && deps.clock.now() - run.endedAt > READY_WITHIN);
}

type Admitted = { request: Request; runs: Runs; linkRow: LinkRow };

/** Whether this token still opens something: known, in time, and its person still has the right, asked now. */
async function admit(deps: Deps, token: string): Promise<Admitted | NoResults> {
  const linkRow = await deps.store.link(hashToken(token));
  if (linkRow === null) return { kind: 'unknown' };
  if (deps.clock.now() >= linkRow.expiresAt) return { kind: 'expired' };
  const { request, runs } = await deps.store.transaction(async (tx) => ({
    request: await tx.request(linkRow.requestId),
    runs: await tx.runsOf(linkRow.requestId),
  }));
  const [run, ...others] = runs;
  if (request === null || run === undefined) return { kind: 'unknown' };
  const sentence = linkRow.person === null ? null : await refusalFor(deps, request, linkRow.person);
  return sentence === null ? { request, runs: [run, ...others], linkRow } : { kind: 'refused', sentence };
}

const UNCHECKED = 'I could not check just now whether you may still see this. Try again in a minute.';

/** Why the person may not see this (any more), or null. Throws AppError while the platform doesn't say who they are. */
async function refusalFor(deps: Deps, request: Request, who: PersonRef): Promise<string | null> {
  try {
    const person = await chatOf(deps, who.platform).lookUp(who, { fresh: true });
    const verdict = judge('results', {
      policy: deps.policy(),
      person,
      request,
      round: null,
      channel: null,
      decisions: [],
      now: deps.clock.now(),
    });
    return verdict.ok ? null : verdict.sentence;
  } catch (cause) {
    if (!(cause instanceof ChatError)) throw cause;
    // Not knowing is no refusal: the same link works once the platform answers.
    throw new AppError(cause.code, UNCHECKED, { cause });
  }
}
