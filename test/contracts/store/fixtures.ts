import type { Log } from '../../../src/flow/ports.ts';
import { newRequestId, runId } from '../../../src/model/ids.ts';
import type { Machine } from '../../../src/model/machine.ts';
import type { PersonRef } from '../../../src/model/person.ts';
import type { CommandProgress, Request, Run } from '../../../src/model/request.ts';
import type { OpenStore } from '../../../src/store/open.ts';

/** What every part of the store's contract is run against: two instances on one database (one and the same where only one may be). */
export interface Subject {
  one: OpenStore;
  two: OpenStore;
  /** The clock of both. */
  clock: { now(): number; set(time: number): void; advance(ms: number): void };
}

export const AUDIT_KEY = 'a key of the tests, long enough to be one';
export const T0 = Date.UTC(2026, 0, 5, 9);
export const ALICE: PersonRef = { platform: 'slack', id: 'U0ALICE', tenant: 'T1', name: 'Alice' };
export const BOB: PersonRef = { platform: 'slack', id: 'U0BOB', tenant: 'T1', name: 'Bob' };

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function fakeClock(): Subject['clock'] {
  let time = T0;
  return {
    now: () => time,
    set: (to) => {
      time = to;
    },
    advance: (ms) => {
      time += ms;
    },
  };
}

let machines = 0;

/** A machine nobody else in the test run has. */
export function aMachine(): Machine {
  machines += 1;
  const id = machines.toString(16).padStart(40, '0');
  const name = `ws-${machines}.corp.example`;
  return {
    ...{ id, name, osPlatform: 'Windows11', osVersion: '23H2', health: 'Active', lastSeen: null },
    ...{ risk: 'None', group: 'Clients', tags: [], lastIp: '10.0.0.1' },
  };
}

export function aRequest(changes: Partial<Request> = {}): Request {
  return {
    ...{ id: newRequestId(), version: 1, status: 'received', round: 1, platform: 'slack', requester: ALICE },
    ...{ channel: `C${newRequestId()}`, place: 'place', replyTo: 'reply', line: 'run ws-042 x.ps1' },
    ...{ machine: 'ws-042', commands: [{ kind: 'run', script: 'x.ps1', args: [] }], reason: null, breakGlass: false },
    ...{ createdAt: T0, terms: null, files: [], warnings: [], note: null, expiresAt: null, startBy: null },
    ...{ approvedAt: null, endedAt: null, endedBy: null, remindedAt: null },
    ...changes,
  } as Request;
}

export function aCommand(changes: Partial<CommandProgress> = {}): CommandProgress {
  return {
    ...{ state: 'waiting', raw: 'Created', startedAt: null, endedAt: null, errors: [], result: 'pending', tries: 0 },
    ...{ exitCode: null, head: [], moreLines: 0, wroteErrors: false, trouble: null },
    ...changes,
  } as CommandProgress;
}

export function aRun(request: Request, number: number, changes: Partial<Run> = {}): Run {
  return {
    ...{ id: runId(request.id, number), requestId: request.id, version: 1, status: 'queued', machine: aMachine() },
    ...{ attempt: 0, intentAt: null, deadline: null, sendStartedAt: null, doubt: null, lookUntil: null },
    ...{ actionId: null, actionStatus: null, sentAt: null, pickedUpAt: null, waits: { for: 'turn' }, notBefore: 0 },
    ...{ queuedAt: T0, commands: [aCommand()], cancel: null, note: null, settledBy: null, endedAt: null },
    missingSince: null,
    ...changes,
  } as Run;
}

/** Stores a request with runs and returns them as stored. */
export async function stored(
  { one }: Pick<Subject, 'one'>,
  request: Request,
  ...runs: ((request: Request) => Run)[]
): Promise<{ request: Request; runs: Run[] }> {
  const made = runs.map((make) => make(request));
  await one.store.transaction(async (tx) => {
    await tx.insertRequest(request);
    for (const run of made) await tx.insertRun(run);
  });
  return { request, runs: made };
}

/** How many of the promises came true; the others must have failed with this code. */
export async function winners(attempts: Promise<unknown>[], loserCode: string): Promise<number> {
  const results = await Promise.allSettled(attempts);
  const wrong = results.find((one) => one.status === 'rejected' && one.reason?.code !== loserCode);
  if (wrong?.status === 'rejected') throw wrong.reason;
  return results.filter((one) => one.status === 'fulfilled').length;
}

/** Waits until the condition holds, or fails after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 8_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A promise with its handles. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
