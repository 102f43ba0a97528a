import { actionOf } from '../actions/index.ts';
import { type LibraryFile, type Machine, shortName } from '../model/machine.ts';
import { text } from '../model/notice.ts';
import type { Person } from '../model/person.ts';
import {
  type BoundFile,
  type FileVersion,
  moveRequest,
  moveRun,
  type Request,
  type Run,
  type Terms,
} from '../model/request.ts';
import {
  evaluateAll,
  isMember,
  mayRequest,
  type Policy,
  quorumReached,
  satisfies,
  type Verdict,
} from '../policy/index.ts';
import { retryConflicts, wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import { askDirectly } from './direct.ts';
import { mentionApprovers } from './mentions.ts';
import { hasStarted, nothingSent } from './nothing-sent.ts';
import { peopleNow } from './people-now.ts';
import { holdPolicy } from './policy-in-force.ts';
import type { Tx } from './ports.ts';
import { Refusal } from './refusal.ts';
import { closeVainReview } from './vain-review.ts';
import { refusedNow, sameDemand, whyAgain } from './why-again.ts';

/**
 * What stands between an approval and its sending: nothing, a change that needs a new approval, or no way at all; and which policy says
 * so.
 */
export type Binding =
  | { kind: 'holds'; startWithin: number; policyHash: string }
  | { kind: 'changed'; note: string; machine: Machine; files: BoundFile[]; terms: Terms }
  | { kind: 'impossible'; note: string; policyHash: string };

/**
 * Approval binds what will run: machine, commands, arguments and the version of each library file, under the policy in force. All of
 * it is looked at again right before sending, machine, library and people read fresh. Throws DefenderError when Defender can't be asked,
 * ChatError when nobody says who asked and approved.
 */
export async function checkBinding(deps: Deps, request: Request, run: Run): Promise<Binding> {
  const [known, { requester, decisions }, runs] = await Promise.all([
    deps.defender.machine(run.machine.id, { fresh: true, purpose: 'run' }),
    peopleNow(deps, request),
    deps.store.transaction((tx) => tx.runsOf(request.id)),
  ]);
  const machine = known ?? run.machine;
  const seen = runs.map((one) => one.machine);
  const machines = runs.map((one) => (one.id === run.id ? machine : one.machine));
  // Last of all, since a file can change at any moment, also while people are looked up.
  const library = request.files.length > 0 ? await deps.defender.library({ fresh: true, purpose: 'run' }) : [];
  // From here on nothing is waited for: one policy decides about all of it.
  const policy = deps.policy();
  const impossible = (note: string): Binding => ({ kind: 'impossible', note, policyHash: policy.hash });
  const missing = request.files.find((file) => fileIn(library, file.fileName) === null);
  if (missing !== undefined) {
    return impossible(`${missing.fileName} is no longer in the library. ${nothingSent(run)}`);
  }
  const files = request.files.map((file) => rebind(file, library));
  const verdict = judgeNow(deps, request, machines, files);
  const refuse = refusedNow(verdict, request.reason, machines.length);
  if (refuse !== null) return impossible(refuse);
  if (!mayStillRequest(policy, requester, verdict)) {
    return impossible(`${noLonger(requester)} ${nothingSent(run)}`);
  }
  const unbound = files.find(tellsNoVersion);
  if (unbound !== undefined) {
    return impossible(`${noVersion(unbound.fileName)} ${nothingSent(run)}`);
  }
  const changed = files.filter((_file, index) => !isStill(request.files[index], library));
  if (changed.length > 0) {
    const names = changed.map((file) => file.fileName).join(', ');
    return {
      kind: 'changed',
      note: `${names} changed after it was approved, so it needs approval again.`,
      machine,
      files,
      terms: verdict.terms,
    };
  }
  const broke = decisions.some((d) => d.verdict === 'break_glass');
  const mayBreak = isMember(policy, policy.breakGlass?.allowed ?? [], requester);
  const brokeGlass = broke && verdict.terms.breakGlass && mayBreak;
  if (!brokeGlass && !quorumReached(policy, { ...request, terms: verdict.terms }, decisions)) {
    const before = judgeNow(deps, request, seen, files).terms;
    const given = await deps.store.transaction((tx) => tx.decisionsOf(request.id));
    return {
      kind: 'changed',
      note: whyAgain({
        ...{ policy, request, terms: verdict.terms, given, counting: decisions },
        machine: sameDemand(before, verdict.terms) ? null : shortName(machine),
      }),
      machine,
      files,
      terms: verdict.terms,
    };
  }
  return { kind: 'holds', startWithin: verdict.terms.startWithin, policyHash: policy.hash };
}

/** Whether who asked, as they are known now, may ask for this by the policy in force. */
export function mayStillRequest(policy: Policy, requester: Person, verdict: Pick<Verdict, 'requesterGroups'>): boolean {
  return (
    requester.standing === 'member' &&
    mayRequest(policy, requester) &&
    satisfies(policy, verdict.requesterGroups, requester)
  );
}

/** The sentence for a requester who has lost the right: `Ana Analyst (deactivated) may not request this any more.` */
export function noLonger({ name, standing }: Person): string {
  return `${name}${standing === 'member' ? '' : ` (${standing})`} may not request this any more.`;
}

/** What the policy in force says about a request on its machines: the strictest of them counts for all. */
export function judgeNow(
  deps: Pick<Deps, 'policy'>,
  request: Pick<Request, 'commands'>,
  machines: readonly Machine[],
  files: readonly BoundFile[],
) {
  const fileDigest = (name: string) =>
    files.find((file) => file.fileName.toLowerCase() === name.toLowerCase())?.sha256 || null;
  return evaluateAll(
    deps.policy(),
    machines.map((machine) => ({ commands: request.commands, machine, fileDigest })),
  );
}

/** The library's entry under this name, whatever its case; null where it has none. */
export function fileIn(library: readonly LibraryFile[], name: string): LibraryFile | null {
  return library.find((file) => file.fileName.toLowerCase() === name.toLowerCase()) ?? null;
}

/**
 * What a request's commands need of the library, bound to what the library holds now. Commands without a file are left out. Throws
 * Refusal where nothing could be bound: an approval would be worth nothing.
 */
export function bindFiles(request: Pick<Request, 'commands'>, library: readonly LibraryFile[]): BoundFile[] {
  return request.commands.flatMap((command, index) => {
    const name = actionOf(command).libraryFile(command);
    const file = name === null ? null : fileIn(library, name);
    return file === null ? [] : [boundTo(index, bindable(file))];
  });
}

/** A library file whose changes can be seen. Throws Refusal. */
export function bindable(file: LibraryFile): LibraryFile {
  if (tellsNoVersion(versionOf(file))) throw new Refusal(noVersion(file.fileName));
  return file;
}

/** Why a file that tells no version is neither run nor deleted. */
export function noVersion(fileName: string): string {
  return `Defender tells neither digest nor time of ${fileName}, so nobody could see whether it is what was approved.`;
}

function boundTo(command: number, file: LibraryFile): BoundFile {
  return { command, ...versionOf(file) };
}

/** What approval binds of a library file as it is now. */
export function versionOf(file: LibraryFile): FileVersion {
  return {
    fileName: file.fileName,
    sha256: file.sha256,
    description: file.description,
    addedBy: file.createdBy,
    updatedAt: file.updatedAt || file.createdAt,
  };
}

/** Whether the library still holds the version that was approved. */
export function isStill(approved: FileVersion | undefined, library: readonly LibraryFile[]): boolean {
  const now = approved === undefined ? null : fileIn(library, approved.fileName);
  return approved !== undefined && now !== null && sameVersion(approved, versionOf(now));
}

/**
 * Whether two looks at a library file showed the same version: by its digest, or by the time of its last change where Defender tells
 * no digest. What has neither is never the same: nothing shows that it is.
 */
export function sameVersion(before: FileVersion, now: FileVersion): boolean {
  if (before.sha256 !== '' || now.sha256 !== '') return before.sha256 === now.sha256;
  return before.updatedAt !== '' && before.updatedAt === now.updatedAt;
}

/** Whether Defender says nothing by which a change of the file could be seen. */
export function tellsNoVersion({ sha256, updatedAt }: FileVersion): boolean {
  return sha256 === '' && updatedAt === '';
}

function rebind(file: BoundFile, library: readonly LibraryFile[]): BoundFile {
  const now = fileIn(library, file.fileName);
  return now === null ? file : boundTo(file.command, now);
}

/**
 * Back to the approvers in a new round, which voids what was decided: nothing has been sent. Where other machines of the request are under
 * way, or have ended, it can't be asked for anew. Throws OtherPolicy.
 */
export async function sendBack(
  deps: Deps,
  requestId: string,
  binding: Extract<Binding, { kind: 'changed' }>,
): Promise<'done' | 'others_started' | 'others_ended'> {
  return retryConflicts(() =>
    deps.store.transaction(async (tx) => {
      const request = await tx.request(requestId);
      if (request?.status !== 'approved') return 'done';
      await tx.touch(requestId);
      const runs = await tx.runsOf(requestId);
      const others = runs.filter((run) => run.status !== 'queued');
      if (others.some((run) => run.status === 'submitting' || hasStarted(run))) return 'others_started';
      if (others.length > 0) return 'others_ended';
      await holdPolicy(tx, binding.terms.policyHash);
      for (const run of runs) {
        // What it was judged by is what the card shows, and by what it is judged from now on.
        const machine = sameMachine(run.machine, binding.machine) ? binding.machine : run.machine;
        await tx.saveRun(run, moveRun(run, 'held', { queuedAt: null, machine }));
      }
      const { review } = await closeVainReview(tx, request, runs, deps.clock.now());
      await backToApprovers(tx, deps, request, {
        ...(review === undefined ? {} : { review }),
        note: binding.note,
        files: binding.files,
        terms: binding.terms,
      });
      return 'done';
    }),
  );
}

function sameMachine(one: Machine, other: Machine): boolean {
  return one.id.toLowerCase() === other.id.toLowerCase();
}

/** The request in a new round, with what changed; its approvers hear why. */
export async function backToApprovers(
  tx: Tx,
  deps: Deps,
  request: Request,
  changes: { note: string; terms: Terms } & Partial<Request>,
): Promise<void> {
  const round = request.round + 1;
  const sentBack = await tx.saveRequest(
    request,
    moveRequest(request, 'waiting', {
      ...changes,
      round,
      judgedAnew: null,
      expiresAt: deps.clock.now() + changes.terms.expireAfter,
      startBy: null,
      approvedAt: null,
      remindedAt: null,
    }),
  );
  await askDirectly(tx, deps, sentBack);
  const { note } = changes;
  await tx.audit({ actor: 'bot', action: 'request.sent_back', requestId: request.id, data: { round, note } });
  await tx.insertReply({
    requestId: request.id,
    key: `sent_back:${round}`,
    channel: request.channel,
    reply: {
      text: [text(`↺ ${note} `), ...mentionApprovers(deps, sentBack)],
      output: [],
      moreLines: 0,
      buttons: [],
    },
  });
  await wakeReport(tx, request);
}
