import { createHash } from 'node:crypto';
import { actionOf } from '../actions/index.ts';
import { DefenderError } from '../errors.ts';
import { newToken } from '../model/ids.ts';
import type { PersonRef } from '../model/person.ts';
import type { Request, Run } from '../model/request.ts';
import { judge } from '../policy/index.ts';
import { plain } from '../model/notice.ts';
import { baseName } from './watch.ts';
import { chatOf, type Deps } from './deps.ts';
import type { LinkRow, OutputRow } from './ports.ts';
import { stateOf } from './state-words.ts';

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
    await tx.audit({ actor: person ?? 'bot', action: 'results.link_made', requestId, data: { expiresAt, forThread: person === null } });
  });
  return `${deps.publicUrl}/results/${token}`;
}

/** One command on the results page. */
export interface ResultsCommand {
  index: number;
  label: string;
  code: string;
  words: string;
  exitCode: number | null;
  durationMs: number | null;
  output: string;
  errors: string;
  truncated: boolean;
  size: number | null;
  sha256: string | null;
  /** Whether Defender keeps a file for it that can be fetched. */
  file: boolean;
  fileName: string;
}

/** What the results page shows. All strings are as they came from people and machines: to be escaped. */
export interface ResultsView {
  requestId: string;
  machine: string;
  machineId: string;
  line: string;
  reason: string | null;
  requester: string;
  approvers: string[];
  startedAt: number | null;
  endedAt: number | null;
  words: string;
  commands: ResultsCommand[];
  /** Null for a link of the thread. */
  viewer: string | null;
  expiresAt: number;
}

export type Ends = { kind: 'unknown' } | { kind: 'expired' } | { kind: 'refused'; sentence: string };
export type Opened = { kind: 'page'; page: ResultsView } | Ends;
export type FileAnswer =
  | { kind: 'link'; url: string }
  | { kind: 'not_ready'; sentence: string }
  | { kind: 'gone'; sentence: string }
  | { kind: 'trouble'; sentence: string }
  | Ends;

/** What stands behind the results page. */
export interface Results {
  open(token: string): Promise<Opened>;
  file(token: string, index: number): Promise<FileAnswer>;
}

/** The results of requests, for whoever holds a link and still has the right. Looking changes nothing and asks Defender nothing. */
export function createResults(deps: Deps): Results {
  return { open: (token) => open(deps, token), file: (token, index) => file(deps, token, index) };
}

async function open(deps: Deps, token: string): Promise<Opened> {
  const admitted = await admit(deps, token);
  if ('kind' in admitted) return admitted;
  const { request, run, linkRow } = admitted;
  const decisions = await deps.store.transaction((tx) => tx.decisionsOf(request.id));
  const outputs = await deps.store.outputsOf(request.id);
  const state = stateOf(request, run, decisions, {
    now: deps.clock.now(),
    portalUrl: '',
    approvers: [],
    mention: false,
    approvals: 0,
    place: 0,
    callsPerMinute: 1,
    blockedBy: null,
    paused: null,
    offlineQueue: deps.policy().limits.offlineQueue,
  });
  return {
    kind: 'page',
    page: {
      requestId: request.id,
      machine: run.machine.name || run.machine.id,
      machineId: run.machine.id,
      line: request.line,
      reason: request.reason,
      requester: request.requester.name,
      approvers: decisions.filter((one) => one.round === request.round && one.verdict !== 'deny').map((one) => one.person.name),
      startedAt: run.pickedUpAt ?? run.sentAt,
      endedAt: run.endedAt,
      words: `${state.symbol} ${plain(state.words)}`,
      commands: request.commands.map((_command, index) => commandView(request, run, outputs, index)),
      viewer: linkRow.person?.name ?? null,
      expiresAt: linkRow.expiresAt,
    },
  };
}

function commandView(request: Request, run: Run, outputs: readonly OutputRow[], index: number): ResultsCommand {
  const command = request.commands[index];
  const progress = run.commands[index];
  if (command === undefined || progress === undefined) throw new Error(`${run.id} lacks command ${index}`);
  const action = actionOf(command);
  const output = outputs.find((one) => one.runId === run.id && one.index === index);
  const took = progress.startedAt === null || progress.endedAt === null ? null : progress.endedAt - progress.startedAt;
  return {
    index,
    label: action.label,
    code: action.show(command),
    words: wordsOf(progress.state, run.endedAt !== null),
    exitCode: progress.exitCode,
    durationMs: took,
    output: output?.output ?? '',
    errors: [output?.errors ?? '', ...progress.errors, progress.trouble ?? ''].filter((part) => part !== '').join('\n'),
    truncated: output?.truncated ?? false,
    size: output?.size ?? null,
    sha256: output?.sha256 ?? null,
    file: hasFile(command.kind, progress.state),
    fileName: command.kind === 'get' ? baseName(command.path) : command.kind === 'run' ? `${command.script}.json` : command.file,
  };
}

function hasFile(kind: string, state: string): boolean {
  return kind === 'get' ? state === 'completed' : kind === 'run' && (state === 'completed' || state === 'failed');
}

function wordsOf(state: string, ended: boolean): string {
  if (state === 'waiting') return ended ? 'did not run' : 'waiting';
  return state;
}

/** A fresh Defender link for one command's file, minted now, for a person who may. */
async function file(deps: Deps, token: string, index: number): Promise<FileAnswer> {
  const admitted = await admit(deps, token);
  if ('kind' in admitted) return admitted;
  const { request, run, linkRow } = admitted;
  const command = request.commands[index];
  const progress = run.commands[index];
  if (command === undefined || progress === undefined || !hasFile(command.kind, progress.state)) return { kind: 'unknown' };
  if (run.actionId === null) return { kind: 'gone', sentence: 'Defender shows no action for this run, so it keeps no file.' };
  try {
    const url = await deps.defender.resultLink(run.actionId, index, 'people');
    await deps.store.transaction((tx) =>
      tx.audit({ actor: linkRow.person ?? 'bot', action: 'results.file_opened', requestId: request.id, runId: run.id, data: { index } }),
    );
    return { kind: 'link', url };
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    if (error.code !== 'defender_not_found') return { kind: 'trouble', sentence: error.message };
    return run.endedAt !== null && deps.clock.now() - run.endedAt > deps.policy().retention.results
      ? { kind: 'gone', sentence: 'Defender does not keep this file any more.' }
      : { kind: 'not_ready', sentence: 'Defender has not made this file ready yet. Try again in a minute.' };
  }
}

type Admitted = { request: Request; run: Run; linkRow: LinkRow };

/** Whether this token still opens something: known, in time, and its person still has the right, asked now. */
async function admit(deps: Deps, token: string): Promise<Admitted | Ends> {
  const linkRow = await deps.store.link(hashToken(token));
  if (linkRow === null) return { kind: 'unknown' };
  if (deps.clock.now() >= linkRow.expiresAt) return { kind: 'expired' };
  const { request, runs } = await deps.store.transaction(async (tx) => ({
    request: await tx.request(linkRow.requestId),
    runs: await tx.runsOf(linkRow.requestId),
  }));
  const [run] = runs;
  if (request === null || run === undefined) return { kind: 'unknown' };
  const sentence = linkRow.person === null ? null : await refusalFor(deps, request, linkRow.person);
  return sentence === null ? { request, run, linkRow } : { kind: 'refused', sentence };
}

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
  } catch {
    return 'I could not check just now whether you may still see this. Try again in a minute.';
  }
}
