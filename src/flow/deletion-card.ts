import { type Button, type Card, person, strong, type Text, text, time } from '../model/notice.ts';
import type { Decision, Deletion, Request } from '../model/request.ts';
import { approvalFacts, footer } from './approval-lines.ts';
import { denyButton, withdrawButton } from './buttons.ts';
import { versionNote } from './card.ts';
import { NO_REASON } from './nothing-sent.ts';
import { waitingState } from './state-words.ts';
import type { Surroundings } from './surroundings.ts';
import { waitsBecause } from './waits.ts';

/** The card of a request that deletes a library file. Pure, like every card. */
export function cardOfDeletion(
  request: Request,
  deletion: Deletion,
  decisions: readonly Decision[],
  around: Surroundings,
): Card {
  const ended = request.endedAt !== null;
  const verb = request.status === 'waiting' ? ' wants to delete ' : ' asked to delete ';
  return {
    requestId: request.id,
    title: `Live response ${request.id}`,
    state: stateOfDeletion(request, deletion, around),
    headline: [
      person(request.requester),
      text(verb),
      strong(deletion.fileName),
      text(' from the library, for the whole tenant'),
    ],
    commands: [
      {
        symbol: symbolOf(deletion, ended),
        label: 'Delete from library',
        code: deletion.fileName,
        note: deletion.file === null ? [] : versionNote(deletion.file),
        output: [],
        moreLines: 0,
      },
    ],
    facts: approvalFacts(request, decisions, around),
    warnings: ended
      ? []
      : [
          [text('⚠ Nobody can use it any more, on any machine, until somebody uploads it again.')],
          ...request.warnings.map((warning): Text => [text(`⚠ ${warning}`)]),
        ],
    footer: footer(request, decisions, around),
    buttons: buttonsOfDeletion(request, deletion),
    audience: around.audience,
  };
}

function symbolOf({ outcome }: Deletion, ended: boolean): string {
  if (outcome === 'deleted' || outcome === 'gone') return '✔';
  if (outcome === 'failed') return '✘';
  return ended ? '–' : '1';
}

/** Its state in one line, for cards, lists and the thread's end. */
export function stateOfDeletion(
  request: Request,
  deletion: Deletion,
  around: Pick<Surroundings, 'paused'>,
): Card['state'] {
  const { note } = request;
  switch (request.status) {
    case 'received':
      return say('⏳', 'Looking at it');
    case 'unconfirmed':
      return say('⏳', `Not asked for yet: ${request.requester.name} hasn’t confirmed it`);
    case 'refused':
      return say('✘', `Refused: ${note ?? ''}`);
    case 'waiting':
      return waitingState(request);
    case 'denied':
      return say(
        '✘',
        `Denied by ${request.endedBy?.name ?? 'an approver'} `,
        endedAt(request),
        because(request, NO_REASON),
      );
    case 'withdrawn':
      return say('–', `Withdrawn by ${request.endedBy?.name ?? 'the requester'} `, endedAt(request), because(request));
    case 'expired':
      return say('–', 'Expired ', endedAt(request), ': not enough approvals in time. Nothing was deleted.');
    case 'approved':
      return approvedState(deletion, around);
    case 'done':
      return ended(request, deletion);
  }
}

function approvedState(deletion: Deletion, { paused }: Pick<Surroundings, 'paused'>): Card['state'] {
  if (deletion.deadline !== null) return say('▶', 'Deleting it from the library');
  if (paused !== null) {
    return say('✔', `Approved · paused by ${paused.by}${paused.why === null ? '' : `: ${paused.why}`}`);
  }
  return say('✔', deletion.waits === null ? 'Approved · deleted next' : `Approved · ${waitsBecause(deletion.waits)}`);
}

function ended({ note }: Request, { outcome, fileName }: Deletion): Card['state'] {
  switch (outcome) {
    case 'deleted':
      return say('✔', `Finished: ${fileName} is deleted from the library, for the whole tenant`);
    case 'gone':
      return say('✔', `Finished: ${fileName} was not in the library any more, so nothing was left to delete`);
    case 'cancelled':
      return say('–', note ?? 'Cancelled.');
    default:
      return say('✘', `Failed: ${fileName} was not deleted. ${note ?? ''}`.trim());
  }
}

/** Whether anything can have been deleted, for words about an end before it was seen to be gone. */
export function nothingDeleted({ attempt, fileName }: Deletion): string {
  return attempt === 0
    ? 'Nothing was deleted.'
    : `An attempt before may have deleted it: “library show ${fileName}” tells.`;
}

function because({ note, deletion }: Request, none = ''): string {
  const rest = deletion === undefined ? '' : nothingDeleted(deletion);
  return `${note === null ? none : `: “${note}”`}. ${rest}`;
}

function endedAt(request: Request): Text {
  return request.endedAt === null ? [] : [time(request.endedAt)];
}

function say(symbol: string, ...words: (string | Text)[]): Card['state'] {
  return { symbol, words: words.flatMap((word) => (typeof word === 'string' ? [text(word)] : word)) };
}

function buttonsOfDeletion(request: Request, deletion: Deletion): Button[] {
  if (request.status === 'waiting')
    return [approveButton(request, deletion), denyButton(request), withdrawButton(request)];
  if (request.status !== 'approved' || deletion.deadline !== null) return [];
  return [{ action: 'cancel', id: request.id, label: 'Cancel', tone: 'danger' }];
}

function approveButton(request: Request, { fileName }: Deletion): Button {
  return {
    action: 'approve',
    id: `${request.id}:${request.round}`,
    label: 'Approve',
    tone: 'primary',
    confirm: {
      title: `Delete ${fileName}?`.slice(0, 100),
      text: `${fileName} is deleted from the library, for the whole tenant. It can’t be brought back from here.`,
      yes: 'Approve',
      no: 'Back',
    },
  };
}
