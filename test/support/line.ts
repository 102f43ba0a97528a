import type { Machine } from '../../src/model/machine.ts';
import { machine } from './fake-defender.ts';
import { aDecision, aRequest, aRun } from './records.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/** Machines `line-0` and so on. */
export function machinesOfLine(count: number): Machine[] {
  return Array.from({ length: count }, (_, index) =>
    machine({ id: index.toString(16).padStart(40, '0'), name: `line-${index}.contoso.com` }),
  );
}

/** Approved requests in line, each to collect a file from a machine of its own; the ids of their runs. */
export async function fillLine(world: World, machines: readonly Machine[]): Promise<string[]> {
  const now = world.now();
  const ids: string[] = [];
  for (const [index, one] of machines.entries()) {
    const id = `LR-${index.toString().padStart(6, '0')}`;
    await world.store.transaction(async (tx) => {
      const commands = [{ kind: 'get' as const, path: 'C:\\Temp\\a.log' }];
      const request = { id, commands, status: 'approved' as const, approvedAt: now, startBy: now + 24 * 60 * MINUTE };
      await tx.insertRequest(aRequest(request));
      await tx.insertRun(aRun({ id: `${id}.1`, requestId: id, machine: one, queuedAt: now + index }));
      await tx.insertDecision(aDecision({ requestId: id }));
    });
    ids.push(`${id}.1`);
  }
  return ids;
}

/** The most calls in any stretch of time, a minute unless told. */
export function busiest(calls: readonly number[], within = MINUTE): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of calls.entries()) {
    while (at - (calls[first] ?? at) >= within) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/**
 * Lets a full line go out: the clock wakes it once a second, as it does in production; long waits in between are skipped. `sentAt` is
 * filled by whoever counts the submissions.
 */
export async function sendLine(
  world: World,
  line: { runs: number; perMinute: number; sentAt: readonly number[]; advance(milliseconds: number): void },
): Promise<void> {
  const { runs, perMinute, sentAt } = line;
  for (let turns = 0; sentAt.length < runs; turns++) {
    if (turns >= runs) throw new Error(`the line stands still after ${sentAt.length}`);
    const tenthLast = sentAt.at(-perMinute) ?? 0;
    line.advance(Math.max(1_000, tenthLast + MINUTE - 2_000 - world.now()));
    await world.work({ queue: 'dispatch', id: 'next' });
    await world.settle();
  }
}

/** How long a line takes at least, from the first submission to the last: the last of each ten waits for the first of the ten before. */
export function leastTime(runs: number, perMinute: number): number {
  return (Math.ceil(runs / perMinute) - 1) * MINUTE;
}
