import { answer, type PrivateAnswer, strong, type Text, text } from '../model/notice.ts';
import { type Person, type PersonRef, samePerson } from '../model/person.ts';
import { type Deletion, type FileVersion, moveRequest, type Request } from '../model/request.ts';
import { evaluateDeletion, type Verdict } from '../policy/index.ts';
import { asKnown, judgeAgainstPolicy } from './admit.ts';
import { ruleOf } from './approval-lines.ts';
import { bindable, sameVersion, versionOf } from './binding.ts';
import { versionNote } from './card.ts';
import { wakeReport } from './changes.ts';
import type { Deps } from './deps.ts';
import { askDirectly } from './direct.ts';
import { holdPolicy } from './policy-in-force.ts';
import type { Click, Tx } from './ports.ts';
import { inLibrary } from './preflight.ts';

/** So long the question waits whether its author means it. Milliseconds. */
const CONFIRM_WITHIN = 15 * 60_000;
/** Requests looked through for those that use the file, and how many of them are named. */
const LOOKED_AT = 200;
const NAMED = 5;

/** The deletion of a library file, as typed. */
export function newDeletion(fileName: string): Deletion {
  return {
    fileName,
    file: null,
    confirmedAt: null,
    attempt: 0,
    deadline: null,
    notBefore: 0,
    waits: null,
    outcome: null,
  };
}

/**
 * Looks at the library and the policy. Its author is asked first whether they mean this very file, since it is gone for the whole
 * tenant; only then the approvers are. Throws Refusal, or DefenderError when Defender can't be asked.
 */
export async function examineDeletion(deps: Deps, request: Request, deletion: Deletion, person: Person): Promise<void> {
  const library = await deps.defender.library({ fresh: true, purpose: 'run' });
  const file = versionOf(bindable(inLibrary(deletion.fileName, library)));
  const verdict = evaluateDeletion(deps.policy(), file.fileName);
  await judgeAgainstPolicy(deps, request, person, verdict);
  const found = { person, verdict, file, warnings: await usedBy(deps, file.fileName) };
  const meant = deletion.confirmedAt !== null && deletion.file !== null && sameVersion(deletion.file, file);
  await (meant ? askApprovers(deps, request, found) : askItsAuthor(deps, request, found));
}

interface Found {
  person: Person;
  verdict: Verdict;
  file: FileVersion;
  warnings: string[];
}

/** Who would miss the file: requests that wait or run with it. */
async function usedBy(deps: Deps, fileName: string): Promise<string[]> {
  const open = await deps.store.requestsBy({ status: ['waiting', 'approved'], limit: LOOKED_AT });
  const users = open.filter(({ files }) =>
    files.some((file) => file.fileName.toLowerCase() === fileName.toLowerCase()),
  );
  if (users.length === 0) return [];
  const named = users.slice(0, NAMED).map(({ id }) => id);
  const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : '';
  return [`Used by what waits or runs: ${named.join(', ')}${more}. Without the file it can’t run.`];
}

async function askItsAuthor(deps: Deps, before: Request, found: Found): Promise<void> {
  const { person, file, verdict, warnings } = found;
  await deps.store.transaction(async (tx) => {
    const request = await tx.request(before.id);
    if (request?.status !== 'received' || request.deletion === undefined) return;
    await holdPolicy(tx, verdict.terms.policyHash);
    const deletion = { ...request.deletion, fileName: file.fileName, file, confirmedAt: null };
    const expiresAt = deps.clock.now() + CONFIRM_WITHIN;
    await tx.saveRequest(
      request,
      moveRequest(request, 'unconfirmed', { requester: asKnown(person), deletion, warnings, expiresAt }),
    );
    await tx.audit({ actor: person, action: 'request.unconfirmed', requestId: request.id, data: { file } });
    const words: PrivateAnswer = {
      ...answer(
        [text(`${request.id} would delete `), strong(file.fileName), text(' from the library, for the whole tenant.')],
        [...versionNote(file)],
        'Nobody can use it any more, on any machine, until somebody uploads it again. I can’t bring it back.',
        ...warnings.map((warning) => `⚠ ${warning}`),
        `${ruleOf(verdict.terms)}. Ask them?`,
      ),
      buttons: [{ action: 'confirm', id: request.id, label: 'Yes, ask for approval', tone: 'danger' }],
    };
    const id = await tx.insertAnswer({ platform: request.platform, to: request.replyTo, answer: words });
    await tx.enqueue({ queue: `answer.${request.platform}`, id });
  });
}

/** Its author says that they mean it. What they meant is looked at once more before anybody else is asked. */
export async function confirm(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  click: Click,
  person: Person,
): Promise<PrivateAnswer> {
  if (!samePerson(request.requester, person)) return answer('Only who typed it may confirm it.');
  const { deletion, expiresAt } = request;
  const now = deps.clock.now();
  if (request.status !== 'unconfirmed' || deletion === undefined) {
    const over = request.status === 'expired' || request.status === 'withdrawn';
    return answer(over ? 'That question is over. Type it again.' : `You confirmed ${request.id} already.`);
  }
  if (expiresAt !== null && now >= expiresAt) return answer('That question is over. Type it again.');
  await tx.saveRequest(
    request,
    moveRequest(request, 'received', {
      deletion: { ...deletion, confirmedAt: now },
      replyTo: click.replyTo,
      expiresAt: null,
    }),
  );
  await tx.audit({ actor: person, action: 'request.confirmed', requestId: request.id, data: { file: deletion.file } });
  await tx.enqueue({ queue: `prepare.${request.platform}`, id: request.id });
  return answer([text('Got it, '), strong(request.id), text('. Its card asks those who may approve.')]);
}

async function askApprovers(deps: Deps, before: Request, found: Found): Promise<void> {
  const { person, file, warnings } = found;
  const { terms } = found.verdict;
  await deps.store.transaction(async (tx) => {
    const request = await tx.request(before.id);
    if (request?.status !== 'received' || request.deletion === undefined) return;
    await holdPolicy(tx, terms.policyHash);
    const waiting = await tx.saveRequest(
      request,
      moveRequest(request, 'waiting', {
        requester: asKnown(person),
        deletion: { ...request.deletion, fileName: file.fileName, file },
        warnings,
        terms,
        expiresAt: deps.clock.now() + terms.expireAfter,
      }),
    );
    const { id: requestId, platform, channel, place } = request;
    await tx.insertCard({ requestId, platform, channel, place });
    await askDirectly(tx, deps, waiting);
    await tx.audit({ actor: person, action: 'request.waiting', requestId, data: { deletes: file, terms, warnings } });
    await wakeReport(tx, request);
  });
}

/** What became of somebody's wish to stop an approved deletion; `under_way`: it has left, and nothing calls it back. */
export async function cancelDeletion(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  deletion: Deletion,
  wish: { by: PersonRef; why: string | null; words: string },
): Promise<'cancelled' | 'under_way'> {
  if (deletion.deadline !== null) return 'under_way';
  const { by, why, words } = wish;
  await tx.audit({ actor: by, action: 'request.cancel', requestId: request.id, data: { why, outcome: 'cancelled' } });
  await endDeletion(tx, deps, request, deletion, { outcome: 'cancelled', note: words, by });
  return 'cancelled';
}

/** Ends the request; its last reply tells how. */
export async function endDeletion(
  tx: Tx,
  deps: Pick<Deps, 'clock'>,
  request: Request,
  deletion: Deletion,
  end: { outcome: NonNullable<Deletion['outcome']>; note: string | null; by?: PersonRef },
): Promise<void> {
  const { outcome, note, by = null } = end;
  await tx.saveRequest(
    request,
    moveRequest(request, 'done', {
      deletion: { ...deletion, outcome, deadline: null, waits: null },
      note,
      endedAt: deps.clock.now(),
      endedBy: by,
    }),
  );
  const data = { file: deletion.file, attempts: deletion.attempt, note };
  await tx.audit({ actor: by ?? 'bot', action: `library.${outcome}`, requestId: request.id, data });
  await tx.audit({ actor: 'bot', action: 'request.done', requestId: request.id });
  const wordless: Text = [text('It has ended; the card says how.')];
  await tx.insertReply({
    requestId: request.id,
    key: 'end',
    channel: request.channel,
    // Rendered from the record when it is posted; see report.
    reply: { text: wordless, output: [], moreLines: 0, buttons: [] },
  });
  await wakeReport(tx, request);
}
