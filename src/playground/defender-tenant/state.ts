import { type Actions, actionToWire, isFinal, runIdOf } from './actions.ts';
import type { Calls } from './calls.ts';
import type { TenantClock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import { fileToWire, type Library } from './library.ts';
import type { Machines } from './machines.ts';
import type { Settings } from './options.ts';
import type { TenantState } from './tenant.ts';

/** Everything that can be observed, as a copy. */
export function observe(deps: {
  settings: Settings;
  clock: TenantClock;
  machines: Machines;
  library: Library;
  actions: Actions;
  calls: Calls;
  faults: Faults;
  holds: Holds;
}): TenantState {
  const { settings, clock, machines, library, actions, calls, faults, holds } = deps;
  return {
    now: clock.time(),
    elapsed: clock.elapsed(),
    settings: structuredClone(settings),
    machines: structuredClone(machines.all()),
    library: library.all().map(fileToWire),
    actions: actions.all().map((action) => ({
      runId: runIdOf(action.comment),
      started: action.started,
      final: isFinal(action),
      action: actionToWire(action),
    })),
    executions: actions.executionCounts(),
    calls: calls.list(),
    faults: faults.pending(),
    held: holds.count(),
  };
}
