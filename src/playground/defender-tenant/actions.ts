import { randomUUID } from 'node:crypto';
import type { Submitted } from './bodies.ts';
import type { TenantClock } from './clock.ts';
import type { TenantMachine } from './machines.ts';
import type { Fields } from './odata.ts';
import { wireTime } from './wire.ts';

/** One command of an action, with what it produced. */
export interface TenantCommand {
  index: number;
  type: Submitted['Commands'][number]['type'];
  params: { key: string; value: string }[];
  status: 'Created' | 'Submitted' | 'Executing' | 'Completed' | 'Failed';
  startedAt: number | null;
  endedAt: number | null;
  errors: string[];
  /** The bytes behind its download link; null where there is none. */
  result: Buffer | null;
}

type ActionStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled';

/** A machine action. Times are those of the answers; `bornAt` is on the simulated clock. */
export interface TenantAction {
  id: string;
  type: string;
  status: ActionStatus;
  machineId: string;
  computerDnsName: string;
  requestor: string;
  comment: string;
  createdAt: number;
  updatedAt: number;
  bornAt: number;
  /** Whether the device ever picked it up. */
  started: boolean;
  cancellation: { requestor: string; comment: string; at: number } | null;
  commands: TenantCommand[];
  /** Words to show instead of our own while it isn't final. */
  words: { status?: string | undefined; commandStatus?: string | undefined };
}

/** Whether an action is at its end. */
export function isFinal(action: Pick<TenantAction, 'status'>): boolean {
  return action.status !== 'Pending' && action.status !== 'InProgress';
}

/** The run id at the beginning of a comment, `LR-8K3F2Q.1`; null where there is none. */
export function runIdOf(comment: string): string | null {
  return /^\[(LR-[0-9A-Z]{6}\.\d+)\]/.exec(comment)?.[1] ?? null;
}

const STATUSES = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'TimeOut', 'Cancelled'];
const TYPES = [
  'RunAntiVirusScan',
  'Offboard',
  'LiveResponse',
  'CollectInvestigationPackage',
  'Isolate',
  'Unisolate',
  'StopAndQuarantineFile',
  'RestrictCodeExecution',
  'UnrestrictCodeExecution',
];

/** What `$filter` may name on machine actions. */
export const ACTION_FIELDS: Fields<TenantAction> = {
  id: { kind: 'text', of: (a) => a.id },
  status: { kind: 'enum', values: STATUSES, of: (a) => a.status },
  machineId: { kind: 'text', of: (a) => a.machineId },
  type: { kind: 'enum', values: TYPES, of: (a) => a.type },
  requestor: { kind: 'text', of: (a) => a.requestor },
  creationDateTimeUtc: { kind: 'time', of: (a) => a.createdAt },
};

/** The entity as recorded answers have it. */
export function actionToWire(action: TenantAction): Record<string, unknown> {
  const words = isFinal(action) ? {} : action.words;
  return {
    id: action.id,
    type: action.type,
    title: null,
    requestor: action.requestor,
    requestorComment: action.comment,
    status: words.status ?? action.status,
    machineId: action.machineId,
    computerDnsName: action.computerDnsName,
    creationDateTimeUtc: wireTime(action.createdAt),
    lastUpdateDateTimeUtc: wireTime(action.updatedAt),
    cancellationRequestor: action.cancellation?.requestor ?? null,
    cancellationComment: action.cancellation?.comment ?? null,
    cancellationDateTimeUtc: action.cancellation === null ? null : wireTime(action.cancellation.at),
    errorHResult: 0,
    scope: null,
    externalId: null,
    requestSource: 'PublicApi',
    relatedFileInfo: null,
    commands: action.commands.map((command) => commandToWire(command, words.commandStatus)),
    troubleshootInfo: null,
  };
}

function commandToWire(command: TenantCommand, word: string | undefined): Record<string, unknown> {
  const running = command.status === 'Submitted' || command.status === 'Executing';
  // GetFile commands were recorded without a start.
  const startedAt = command.type === 'GetFile' ? null : command.startedAt;
  return {
    index: command.index,
    startTime: startedAt === null ? null : wireTime(startedAt),
    endTime: command.endedAt === null ? null : wireTime(command.endedAt),
    commandStatus: running && word !== undefined ? word : command.status,
    errors: command.errors,
    command: { type: command.type, params: command.params },
  };
}

/** All machine actions of the tenant, newest first in lists. */
export interface Actions {
  add(machine: TenantMachine, body: Submitted, requestor: string, changes?: Partial<TenantAction>): TenantAction;
  all(): TenantAction[];
  byId(id: string): TenantAction | undefined;
  /** The one that holds the machine's session. */
  activeOn(machineId: string): TenantAction | undefined;
  sessions(): number;
  /** How many actions were ever created with this run id in front of their comment. */
  executions(runId: string): number;
  executionCounts(): Record<string, number>;
}

/** Keeps the actions. */
export function createActions(clock: TenantClock): Actions {
  const actions = new Map<string, TenantAction>();
  const all = () => [...actions.values()].reverse();

  function executionCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const action of actions.values()) {
      const runId = runIdOf(action.comment);
      if (runId !== null) counts[runId] = (counts[runId] ?? 0) + 1;
    }
    return counts;
  }

  return {
    add(machine, body, requestor, changes = {}) {
      const action: TenantAction = {
        id: randomUUID(),
        type: 'LiveResponse',
        status: 'Pending',
        machineId: machine.id,
        computerDnsName: machine.computerDnsName,
        requestor,
        comment: body.Comment,
        createdAt: clock.time(),
        updatedAt: clock.time(),
        bornAt: clock.elapsed(),
        started: false,
        cancellation: null,
        commands: body.Commands.map(freshCommand),
        words: {},
        ...changes,
      };
      actions.set(action.id, action);
      return action;
    },
    all,
    byId: (id) => actions.get(id.toLowerCase()),
    activeOn: (machineId) => all().find((action) => action.machineId === machineId && !isFinal(action)),
    sessions: () => all().filter((action) => action.status === 'InProgress').length,
    executions: (runId) => executionCounts()[runId] ?? 0,
    executionCounts,
  };
}

function freshCommand(command: Submitted['Commands'][number], index: number): TenantCommand {
  return {
    index,
    type: command.type,
    params: command.params,
    status: 'Created',
    startedAt: null,
    endedAt: null,
    errors: [],
    result: null,
  };
}
