import { randomUUID } from 'node:crypto';
import { DefenderError } from '../../src/errors.ts';
import type {
  Cancellation,
  Clock,
  Defender,
  MachineAction,
  Removal,
  ScriptResult,
  Submission,
} from '../../src/flow/ports.ts';
import type { WireCommand } from '../../src/model/command.ts';
import type { LibraryFile, Machine } from '../../src/model/machine.ts';
import type { CollectedFile } from '../../src/model/request.ts';

export const CLIENT_ID = '91d7a4be-2c35-4f68-b0a9-7e5d3c1f8a42';

type Reads =
  | 'signIn'
  | 'findMachines'
  | 'machine'
  | 'library'
  | 'actions'
  | 'actionsOf'
  | 'actionsOn'
  | 'machinesBy'
  | 'machinesNamed'
  | 'machinesWith'
  | 'resultLink'
  | 'fileFacts'
  | 'scriptResult';

/** Defender behind its port: it executes what it accepts, and answers as told. */
export interface FakeDefender extends Defender {
  machines: Machine[];
  files: LibraryFile[];
  /** All actions there are, newest last; tests change them to make the machine go on. */
  list: MachineAction[];
  /** Every submission that left, whatever came back. */
  submissions: { machineId: string; body: { Commands: WireCommand[]; Comment: string } }[];
  cancels: { actionId: string; comment: string }[];
  /** Files that were asked to be deleted, whatever came back. */
  deletions: string[];
  /** The next deletion ends like this; `gone`: the file is gone all the same. */
  nextDeletion(result: Removal, options?: { gone?: boolean }): void;
  reads: Reads[];
  results: Map<string, ScriptResult>;
  /** What a look at a collected file tells, by action and index. */
  fileFactsOf: Map<string, CollectedFile>;
  /** The next submissions end like this; `create` says whether an action exists afterwards all the same. */
  next(outcome: Submission | ((action: MachineAction) => Submission), options?: { create?: boolean }): void;
  nextCancel(result: Cancellation): void;
  fail(read: Reads, ...errors: DefenderError[]): void;
  /** Runs just before a submission's gate is asked. */
  beforeGate: (() => void) | null;
  /** Moves an action on. */
  go(id: string, status: string, commands?: Partial<MachineAction['commands'][number]>[]): void;
}

export const machine = (changes: Partial<Machine> = {}): Machine => ({
  id: 'aa00000000000000000000000000000000000042',
  name: 'ws-042.contoso.com',
  osPlatform: 'Windows11',
  osVersion: '23H2',
  health: 'Active',
  lastSeen: new Date(Date.UTC(2026, 10, 24, 6)).toISOString(),
  risk: 'Medium',
  group: 'Workstations',
  tags: ['finance'],
  lastIp: '10.0.0.42',
  ...changes,
});

export const libraryFile = (changes: Partial<LibraryFile> = {}): LibraryFile => ({
  fileName: 'minidump.ps1',
  sha256: 'a'.repeat(64),
  description: 'Dumps a process',
  createdBy: 'Dan',
  createdAt: '2026-11-01T09:00:00Z',
  updatedAt: '2026-11-03T09:00:00Z',
  hasParameters: true,
  parametersDescription: 'process name',
  ...changes,
});

export const defenderTrouble = (code: DefenderError['code'], retryAfter: number | null = null): DefenderError =>
  new DefenderError(code as 'defender_unreachable', `Defender trouble: ${code}.`, { retryAfter });

/** Creates the fake with ws-042 and minidump.ps1. */
export function fakeDefender(clock: Clock): FakeDefender {
  const outcomes: { outcome: Submission | ((action: MachineAction) => Submission); create: boolean }[] = [];
  const cancellations: Cancellation[] = [];
  const removals: { result: Removal; gone: boolean }[] = [];
  const failures = new Map<Reads, DefenderError[]>();
  const read = (name: Reads): void => {
    fake.reads.push(name);
    const error = failures.get(name)?.shift();
    if (error !== undefined) throw error;
  };
  const fake: FakeDefender = {
    machines: [machine()],
    files: [libraryFile()],
    list: [],
    submissions: [],
    cancels: [],
    deletions: [],
    nextDeletion: (result, { gone = false } = {}) => void removals.push({ result, gone }),
    reads: [],
    results: new Map(),
    fileFactsOf: new Map(),
    beforeGate: null,
    next: (outcome, { create = false } = {}) => void outcomes.push({ outcome, create }),
    nextCancel: (result) => void cancellations.push(result),
    fail: (name, ...errors) => void failures.set(name, [...(failures.get(name) ?? []), ...errors]),
    go: (id, status, commands = []) => {
      const action = fake.list.find((one) => one.id === id);
      if (action === undefined) throw new Error(`no action ${id}`);
      action.status = status;
      action.updatedAt = clock.now();
      for (const [index, change] of commands.entries()) {
        const command = action.commands[index];
        if (command !== undefined) Object.assign(command, change);
      }
    },
    findMachines: async (query) => {
      read('findMachines');
      return fake.machines.filter((one) => one.name.startsWith(query) || one.id === query);
    },
    machine: async (id) => {
      read('machine');
      return fake.machines.find((one) => one.id === id) ?? null;
    },
    library: async () => {
      read('library');
      return fake.files;
    },
    signIn: async () => read('signIn'),
    submit: async (machineId, body, gate) => {
      fake.beforeGate?.();
      if (!gate()) return { outcome: 'not_sent', why: 'too late' };
      fake.submissions.push({ machineId, body });
      const planned = outcomes.shift();
      const action = newAction(machineId, body, clock.now());
      if (planned === undefined || planned.create) fake.list.push(action);
      if (planned === undefined) return { outcome: 'accepted', action };
      return typeof planned.outcome === 'function' ? planned.outcome(action) : planned.outcome;
    },
    actions: async (ids) => {
      read('actions');
      const shown = fake.list.filter((one) => ids.includes(one.id));
      return { shown, unknown: ids.filter((id) => !shown.some((one) => one.id === id)) };
    },
    machinesBy: async (ids) => {
      read('machinesBy');
      return fake.machines.filter((one) => ids.includes(one.id));
    },
    machinesNamed: async (names) => {
      read('machinesNamed');
      const wanted = names.map((name) => name.toLowerCase());
      const called = ({ name, id }: Machine) => [id, name, name.split('.')[0] ?? ''].map((one) => one.toLowerCase());
      return fake.machines.filter((one) => called(one).some((name) => wanted.includes(name)));
    },
    machinesWith: async ({ by, is }) => {
      read('machinesWith');
      const fits = ({ tags, group }: Machine) =>
        by === 'tag' ? tags.includes(is) : group.toLowerCase() === is.toLowerCase();
      return fake.machines.filter(fits);
    },
    actionsOn: async (machineIds, since) => {
      read('actionsOn');
      return fake.list.filter((one) => machineIds.includes(one.machineId) && (one.createdAt ?? 0) >= since);
    },
    actionsOf: async (machineId, since) => {
      read('actionsOf');
      return fake.list.filter((one) => one.machineId === machineId && (one.createdAt ?? 0) >= since);
    },
    resultLink: async (actionId, index) => {
      read('resultLink');
      return `https://example.blob.core.windows.net/${actionId}/${index}?sig=secret`;
    },
    fileFacts: async (actionId, index) => {
      read('fileFacts');
      return fake.fileFactsOf.get(`${actionId}:${index}`) ?? { name: null, size: null, packed: 2_048, sha256: null };
    },
    scriptResult: async (actionId, index) => {
      read('scriptResult');
      const result = fake.results.get(`${actionId}:${index}`) ?? fake.results.get('*');
      if (result === undefined) throw defenderTrouble('defender_not_found');
      return result;
    },
    cancel: async (actionId, comment) => {
      fake.cancels.push({ actionId, comment });
      const planned = cancellations.shift();
      if (planned !== undefined) return planned;
      const action = fake.list.find((one) => one.id === actionId);
      if (action === undefined) return { outcome: 'refused', message: 'no such action' };
      action.status = 'Cancelled';
      return { outcome: 'requested', action };
    },
    deleteFile: async (fileName, gate) => {
      fake.beforeGate?.();
      if (!gate()) return { outcome: 'not_sent', why: 'it was too late to send' };
      fake.deletions.push(fileName);
      const planned = removals.shift();
      const there = fake.files.some((file) => file.fileName === fileName);
      if (planned === undefined || planned.gone) fake.files = fake.files.filter((file) => file.fileName !== fileName);
      return planned?.result ?? { outcome: there ? 'deleted' : 'not_found' };
    },
    portalUrl: (id) => `https://security.microsoft.com/machines/${id}`,
  };
  return fake;
}

function newAction(machineId: string, body: { Commands: WireCommand[]; Comment: string }, now: number): MachineAction {
  return {
    id: randomUUID(),
    type: 'LiveResponse',
    status: 'Pending',
    machineId,
    requestor: CLIENT_ID,
    comment: body.Comment,
    createdAt: now,
    updatedAt: now,
    commands: body.Commands.map((command, index) => ({
      index,
      type: command.type,
      params: command.params.map((param) => ({ ...param })),
      status: 'Created',
      startedAt: null,
      endedAt: null,
      errors: [],
    })),
  };
}

/** What a script wrote, as the client hands it on. */
export const scriptResult = (changes: Partial<ScriptResult> = {}): ScriptResult => ({
  exitCode: 0,
  output: 'Done\n',
  errors: '',
  size: 100,
  sha256: 'b'.repeat(64),
  truncated: false,
  ...changes,
});
