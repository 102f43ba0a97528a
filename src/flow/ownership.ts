import { actionOf } from '../actions/index.ts';
import type { WireCommand } from '../model/command.ts';
import type { Request, Run } from '../model/request.ts';
import { endOf } from './action-words.ts';
import type { MachineAction } from './ports.ts';

/** Clocks of Defender and of this machine may differ by so much. */
const CLOCK_SKEW = 5 * 60_000;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The body of a run's submission: exactly what was approved, and a comment that starts with the run id. */
export function wireCommands(request: Request): WireCommand[] {
  return request.commands.map((command) => actionOf(command).toWire(command));
}

/** Whether an action's comment carries this run's id where only our own comments carry it: at the very start. */
function carriesRunId(action: MachineAction, run: Run): boolean {
  return action.comment.startsWith(`[${run.id}]`);
}

/**
 * Whether a machine action is this run. Defender can answer a submission with somebody's existing action, and the run id
 * is readable in chat, so everything has to agree: run id, machine, commands, creation time and requestor.
 */
export function isOurs(action: MachineAction, run: Run, request: Request, clientId: string): boolean {
  return (
    carriesRunId(action, run) &&
    action.machineId.toLowerCase() === run.machine.id.toLowerCase() &&
    createdSince(action, since(run, request)) &&
    requestedByUs(action, clientId) &&
    sameCommands(action, wireCommands(request))
  );
}

/**
 * Whether an answer to a submission shows the machine at work for somebody else: Defender hands back the action that is in progress
 * there instead of refusing. The comment of an action that this submission had created would be ours.
 */
export function isOthersAtWork(action: MachineAction, run: Run): boolean {
  return (
    action.machineId.toLowerCase() === run.machine.id.toLowerCase() &&
    action.comment.trim() !== '' &&
    !carriesRunId(action, run) &&
    endOf(action.status) === undefined
  );
}

/**
 * From when on an action can be this run's. A later attempt may follow a new round of approval and a new place in line, and
 * what an earlier one left at Defender is still ours.
 */
export function since(run: Run, request: Request): number {
  const first =
    run.attempt > 1 ? request.createdAt : Math.min(...[run.queuedAt, run.intentAt].flatMap((at) => at ?? []));
  return (Number.isFinite(first) ? first : request.createdAt) - CLOCK_SKEW;
}

function createdSince(action: MachineAction, from: number): boolean {
  return action.createdAt === null || action.createdAt >= from;
}

/** Defender shows an application as its id or its display name, of which only the id can be compared; people as an address. */
function requestedByUs(action: MachineAction, clientId: string): boolean {
  if (action.requestor.includes('@')) return false;
  return !GUID.test(action.requestor) || action.requestor.toLowerCase() === clientId.toLowerCase();
}

function sameCommands(action: MachineAction, expected: readonly WireCommand[]): boolean {
  // Defender drops fields depending on type and state; an action without commands is judged by the rest.
  if (action.commands.length === 0) return true;
  if (action.commands.length !== expected.length) return false;
  const sorted = [...action.commands].sort((a, b) => a.index - b.index);
  return expected.every((command, index) => {
    const shown = sorted[index];
    return (
      (shown?.type === command.type || shown?.type === '') &&
      (shown.params.length === 0 ||
        (shown.params.length === command.params.length &&
          command.params.every((param) => shown.params.some((p) => p.key === param.key && p.value === param.value))))
    );
  });
}
