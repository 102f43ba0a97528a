import type { Machine } from '../model/machine.ts';
import { duration } from './collect.ts';

/** One line about a machine: `Windows 11 · Workstations · Active · last full report 3 h ago`. */
export function machineFacts(machine: Machine, now: number): string {
  return facts(osName(machine), machine.group, machine.health, lastReport(machine, now), tags(machine));
}

/** The same where room is short: what decides whether it will answer comes first. */
export function machineFactsInShort(machine: Machine, now: number): string {
  return facts(machine.health, lastReport(machine, now), osName(machine), machine.group, tags(machine));
}

function facts(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function lastReport({ lastSeen }: Machine, now: number): string {
  if (lastSeen === null) return 'never reported';
  const at = Date.parse(lastSeen);
  return Number.isNaN(at) ? 'last full report unknown' : `last full report ${duration(now - at)} ago`;
}

function tags(machine: Machine): string {
  return machine.tags.length === 0 ? '' : `tags: ${machine.tags.join(', ')}`;
}

/** `Windows 11` for Defender's `Windows11`. */
export function osName(machine: Pick<Machine, 'osPlatform'>): string {
  return machine.osPlatform.replace(/^(Windows(?:Server)?)(\d)/, '$1 $2').replace('WindowsServer', 'Windows Server');
}
