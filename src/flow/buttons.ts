import { shortName } from '../model/machine.ts';
import type { Button } from '../model/notice.ts';
import type { Decision, Request, Run } from '../model/request.ts';
import { isAtDefender } from './action-words.ts';
import { shownCommands } from './command-line.ts';
import { hasStarted } from './nothing-sent.ts';

/** A confirm dialog of Slack holds 300 characters; what doesn't fit is on the card, whole. */
const CONFIRM_TEXT = 300;

/** The buttons that make sense now. What they do is checked at the click; hiding one is no permission. */
export function buttonsOf(request: Request, run: Run, decisions: readonly Decision[]): Button[] {
  switch (request.status) {
    case 'waiting':
      return [approveButton(request, run), denyButton(request), withdrawButton(request)];
    case 'approved':
      return [
        ...unclearButtons(run),
        ...cancelButtons(request, run),
        ...reviewButtons(request, run, decisions),
        ...resultButtons(request, run),
      ];
    case 'done':
      return [...reviewButtons(request, run, decisions), ...resultButtons(request, run)];
    default:
      return [];
  }
}

function approveButton(request: Request, run: Run): Button {
  const list = shownCommands(request).join('\n');
  const whole = `On ${run.machine.name || run.machine.id}:\n${list}`;
  return {
    action: 'approve',
    id: `${request.id}:${request.round}`,
    label: 'Approve',
    tone: 'primary',
    confirm: {
      title: `Run this on ${shortName(run.machine)}?`.slice(0, 100),
      text:
        whole.length <= CONFIRM_TEXT
          ? whole
          : `On ${shortName(run.machine)}: ${request.commands.length} commands. They don’t fit here: see the card, which has them whole.`,
      yes: 'Approve',
      no: 'Back',
    },
  };
}

/** Denying this round of a request. */
export function denyButton(request: Request): Button {
  return { action: 'deny', id: `${request.id}:${request.round}`, label: 'Deny', tone: 'danger' };
}

/** Taking a request back. */
export function withdrawButton(request: Request): Button {
  return { action: 'withdraw', id: request.id, label: 'Withdraw', tone: 'plain' };
}

function cancelButtons(request: Request, run: Run): Button[] {
  const asked = run.cancel !== null && run.cancel.note === null;
  if (asked || (run.status === 'unclear' && !isAtDefender(run)) || run.endedAt !== null) return [];
  return [
    {
      action: 'cancel',
      id: request.id,
      label: 'Cancel',
      tone: 'danger',
      confirm: {
        title: `Cancel ${request.id}?`,
        text: 'What the machine has done already stays done.',
        yes: 'Cancel it',
        no: 'Back',
      },
    },
  ];
}

function unclearButtons(run: Run): Button[] {
  if (run.status !== 'unclear') return [];
  const ran: Button = { action: 'it_ran', id: attemptOf(run), label: 'It ran', tone: 'plain' };
  if (startedForSure(run)) return [ran];
  return [
    ran,
    {
      action: 'it_did_not_run',
      id: attemptOf(run),
      label: 'It didn’t run',
      tone: 'plain',
      confirm: {
        title: 'It didn’t run?',
        text: isAtDefender(run)
          ? 'It ends, and I ask Defender to cancel it, as long as Defender may have it. Where Defender has nothing of it, it goes back in line.'
          : 'It is then sent to the machine once more. If it did run, it runs twice.',
        yes: 'It didn’t run',
        no: 'Back',
      },
    },
  ];
}

/** Where the machine was seen at work, nobody can say that it didn't run. */
export function startedForSure(run: Run): boolean {
  return run.pickedUpAt !== null;
}

/** Which attempt the word is about: a later one isn't settled by what was seen before. */
export function attemptOf(run: Run): string {
  return `${run.id}:${run.attempt}`;
}

function reviewButtons(request: Request, run: Run, decisions: readonly Decision[]): Button[] {
  const broke = decisions.some((one) => one.verdict === 'break_glass');
  const reviewed = decisions.some((one) => one.round === 0);
  return broke && !reviewed && hasStarted(run)
    ? [{ action: 'reviewed', id: request.id, label: 'Reviewed', tone: 'plain' }]
    : [];
}

function resultButtons(request: Request, run: Run): Button[] {
  const something = run.commands.some(
    (command, index) =>
      command.result === 'collected' ||
      (request.commands[index]?.kind === 'run' && (command.state === 'completed' || command.state === 'failed')),
  );
  return something ? [{ action: 'results', id: request.id, label: 'Open results', tone: 'plain' }] : [];
}
