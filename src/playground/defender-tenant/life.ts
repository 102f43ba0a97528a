import { type Actions, isFinal, type TenantAction, type TenantCommand } from './actions.ts';
import { paramOf } from './bodies.ts';
import type { TenantClock } from './clock.ts';
import { perform } from './effects.ts';
import type { Library } from './library.ts';
import type { Machines, TenantMachine } from './machines.ts';
import type { Settings } from './options.ts';

/** A script that works longer than this is stopped. */
const SCRIPT_LIMIT = 10 * 60_000;
const SUBMITTED_FOR = 3_000;
const CANCEL_TAKES = 3_000;

/** Moves actions through their lives on the simulated clock. */
export interface Life {
  start(action: TenantAction): void;
  /** The device of a machine answers again: what waits for it begins. */
  wake(machineId: string): void;
  /** `race`: the work is done by the time the cancel arrives, and the action is Cancelled all the same. */
  cancel(action: TenantAction, by: { requestor: string; comment: string }, race: boolean): void;
  /** Makes a command of this action fail when its turn comes. */
  doom(action: TenantAction, index: number, errors: string[]): void;
}

interface Deps {
  actions: Actions;
  machines: Machines;
  library: Library;
  settings: Settings;
  clock: TenantClock;
  random: () => number;
  changed: () => void;
}

interface Plan {
  pending: number;
  work: number;
  tail: number;
}

/** The life of an action: Pending, InProgress, each command in turn, and an end some time after the last of them. */
export function createLife(deps: Deps): Life {
  const { clock, settings, library } = deps;
  const plans = new Map<string, Plan>();
  const dooms = new Map<string, string[]>();

  const between = ([from, to]: readonly [number, number]) => from + deps.random() * Math.max(0, to - from);
  const machineOf = (action: TenantAction): TenantMachine | undefined => deps.machines.byId(action.machineId);
  const planOf = (action: TenantAction): Plan => plans.get(action.id) ?? { pending: 0, work: 0, tail: 0 };

  function draw(commands: number): Plan {
    const { total, perCommand, pending, tail } = settings.timings;
    const plan = { pending: between(pending), tail: between(tail) };
    const work = between(total) + perCommand * (commands - 1) - plan.pending - plan.tail;
    return { ...plan, work: Math.max(0, work / commands) };
  }

  function touch(action: TenantAction, change: () => void): void {
    if (isFinal(action)) return;
    change();
    action.updatedAt = clock.time();
    deps.changed();
  }

  function end(action: TenantAction, status: TenantAction['status']): void {
    touch(action, () => {
      action.status = status;
    });
  }

  function begin(action: TenantAction): void {
    if (action.status !== 'Pending' || machineOf(action)?.reachable !== true) return;
    touch(action, () => {
      action.status = 'InProgress';
      action.started = true;
    });
    next(action, 0);
  }

  function next(action: TenantAction, index: number): void {
    const command = action.commands[index];
    if (command === undefined) {
      clock.after(planOf(action).tail, () => end(action, 'Succeeded'));
      return;
    }
    const planned = library.find(paramOf(command, 'ScriptName'))?.workMs ?? planOf(action).work;
    const work = Math.min(planned, SCRIPT_LIMIT);
    touch(action, () => {
      command.status = 'Submitted';
    });
    clock.after(Math.min(SUBMITTED_FOR, work / 4), () => execute(action, command));
    clock.after(work, () => finish(action, command, planned > SCRIPT_LIMIT));
  }

  function execute(action: TenantAction, command: TenantCommand): void {
    touch(action, () => {
      command.status = 'Executing';
      command.startedAt = clock.time();
    });
  }

  function finish(action: TenantAction, command: TenantCommand, late: boolean): void {
    touch(action, () => settle(action, command, late));
    if (command.status === 'Completed') next(action, command.index + 1);
    else clock.after(planOf(action).tail, () => end(action, late ? 'TimeOut' : 'Failed'));
  }

  function settle(action: TenantAction, command: TenantCommand, late: boolean): void {
    const machine = machineOf(action);
    const doom = dooms.get(`${action.id} ${command.index}`);
    command.startedAt ??= clock.time();
    command.endedAt = clock.time();
    if (doom !== undefined || late || machine === undefined) {
      command.status = 'Failed';
      command.errors = doom ?? ['The script did not finish within 10 minutes.'];
      return;
    }
    const { status, errors, result } = perform(command, machine, library);
    Object.assign(command, { status, errors, result });
  }

  return {
    start(action) {
      const plan = draw(action.commands.length);
      plans.set(action.id, plan);
      clock.after(plan.pending, () => begin(action));
      clock.after(settings.queueMs, () => {
        if (action.status === 'Pending') end(action, settings.queueEnds);
      });
    },
    wake(machineId) {
      for (const action of deps.actions.all()) {
        if (action.machineId !== machineId || action.status !== 'Pending') continue;
        clock.after(planOf(action).pending, () => begin(action));
      }
    },
    cancel(action, by, race) {
      touch(action, () => {
        action.cancellation = { ...by, at: clock.time() };
      });
      if (race)
        for (const command of action.commands) if (command.status !== 'Completed') settle(action, command, false);
      if (race || action.status === 'Pending') end(action, 'Cancelled');
      else clock.after(CANCEL_TAKES, () => end(action, 'Cancelled'));
    },
    doom(action, index, errors) {
      dooms.set(`${action.id} ${index}`, errors);
    },
  };
}
