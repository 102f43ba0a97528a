import type { Command } from '../model/command.ts';
import { type Machine, shortName } from '../model/machine.ts';
import { osName } from './machine-facts.ts';
import { callAll, someOf } from './machine-names.ts';
import type { Machines } from './which-machines.ts';

/** Full reports come about once a day; older than this they deserve a word. */
const STALE = 48 * 3_600_000;

/** What speaks against machines answering soon, one sentence each. */
export function healthWarnings(machines: Machines, now: number): string[] {
  const [only, ...others] = machines;
  if (others.length === 0) return ofOne(only, now);
  const namesOf = namesAmong(machines);
  const ill = machines.filter(({ health }) => health !== 'Active');
  const stale = machines.filter((machine) => staleness(machine, now) !== null);
  return [
    ...byWord(ill, ({ health }) => health || 'unknown').map(
      ([word, some]) => `Defender calls ${namesOf(some)} “${word}”: may be off or unreachable.`,
    ),
    ...(stale.length === 0 ? [] : [`No full report for 48 h or longer from ${namesOf(stale)}: may be off.`]),
  ];
}

function ofOne(machine: Machine, now: number): string[] {
  const warnings: string[] = [];
  const name = shortName(machine);
  if (machine.health !== 'Active')
    warnings.push(`Defender calls ${name} “${machine.health || 'unknown'}”: it may be off or unreachable.`);
  const stale = staleness(machine, now);
  if (stale !== null) warnings.push(stale);
  return warnings;
}

function staleness(machine: Machine, now: number): string | null {
  const name = shortName(machine);
  if (machine.lastSeen === null) return `${name} has never sent a full report.`;
  const age = now - Date.parse(machine.lastSeen);
  if (Number.isNaN(age)) return `When ${name} last sent a full report can't be read, it may be off.`;
  return age > STALE ? `No full report from ${name} for ${Math.floor(age / 86_400_000)} days, it may be off.` : null;
}

/** Scripts that look made for another system than that of a machine. */
export function systemWarnings(command: Command, machines: Machines): string[] {
  if (command.kind !== 'run') return [];
  const { script } = command;
  const [, ...others] = machines;
  const namesOf = namesAmong(machines);
  const odd = machines.filter((machine) => machine.osPlatform !== '' && !fits(script, machine));
  const untold = machines.filter(({ osPlatform }) => osPlatform === '');
  return [
    ...byWord(odd, osName).map(
      ([system, some]) =>
        `${script} looks made for another system than ${system}${others.length === 0 ? '' : `, the system of ${namesOf(some)}`}.`,
    ),
    ...(untold.length === 0
      ? []
      : [
          `Defender doesn't say which system ${namesOf(untold)} ${untold.length === 1 ? 'runs' : 'run'}, so nobody knows whether ${script} fits.`,
        ]),
  ];
}

function fits(script: string, { osPlatform }: Machine): boolean {
  return /^windows/i.test(osPlatform) ? !/\.sh$/i.test(script) : !/\.(ps1|psm1|bat|cmd|exe|vbs)$/i.test(script);
}

function byWord(machines: readonly Machine[], wordOf: (machine: Machine) => string): [string, Machine[]][] {
  const found = new Map<string, Machine[]>();
  for (const machine of machines) found.set(wordOf(machine), [...(found.get(wordOf(machine)) ?? []), machine]);
  return [...found];
}

/** Those of the machines, as people call them among all. */
function namesAmong(all: Machines): (some: readonly Machine[]) => string {
  const names = new Map(callAll(all).map((name, index) => [all[index], name]));
  return (some) => someOf(some.map((machine) => names.get(machine) ?? shortName(machine)));
}
