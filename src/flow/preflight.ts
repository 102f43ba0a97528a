import { actionOf } from '../actions/index.ts';
import { DefenderError } from '../errors.ts';
import type { Command } from '../model/command.ts';
import { type LibraryFile, type Machine, shortName } from '../model/machine.ts';
import { code, type Text, text } from '../model/notice.ts';
import type { BoundFile } from '../model/request.ts';
import { nearest } from '../nearest.ts';
import { pathTrouble } from '../policy/index.ts';
import { bindFiles } from './binding.ts';
import { duration } from './collect.ts';
import { formatLine } from './command.ts';
import { tooLongToShow } from './command-line.ts';
import type { Deps } from './deps.ts';
import type { Purpose, Store } from './ports.ts';
import { Refusal } from './refusal.ts';

/** Full reports come about once a day; older than this they deserve a word. */
const STALE = 48 * 3_600_000;
const LISTED = 8;

/** What a request turned out to aim at, with everything an approver should know. */
export interface Preflight {
  machine: Machine;
  /** With the library's own spelling. */
  commands: Command[];
  files: BoundFile[];
  warnings: string[];
}

/** A request, or a question about one; the reason is for the lines that would work. */
interface Asked {
  machine: string;
  commands: readonly Command[];
  reason?: string | null;
  breakGlass?: boolean;
}

/** Looks at machine and library before anybody is asked. Throws Refusal, or DefenderError when Defender can't be asked. */
export async function preflight(
  deps: Pick<Deps, 'defender' | 'clock'> & { store: Pick<Store, 'lastApprovedDigest'> },
  asked: Asked,
  options: { fresh: boolean; purpose: Purpose },
): Promise<Preflight> {
  const machine = await oneMachine(deps, asked, options);
  refuseHopeless(machine, asked.commands);
  const needsLibrary = asked.commands.some((command) => actionOf(command).libraryFile(command) !== null);
  const library = needsLibrary ? await deps.defender.library(options) : [];
  const commands = asked.commands.map((command) => spelled(command, library));
  // Also what was stored before such lines were refused, and what the library's own spelling adds.
  const hidden = tooLongToShow(commands);
  if (hidden !== null) throw new Refusal(hidden);
  const files = bindFiles({ commands }, library);
  const warnings = [
    ...machineWarnings(machine, deps.clock.now()),
    ...commands.flatMap((command) => [...actionOf(command).warnings(command), ...systemWarnings(command, machine)]),
    ...(await changedSince(deps, files)),
  ];
  return { machine, commands, files, warnings: [...new Set(warnings)] };
}

async function oneMachine(
  deps: Pick<Deps, 'defender' | 'clock'>,
  asked: Asked,
  options: { fresh: boolean; purpose: Purpose },
): Promise<Machine> {
  const query = asked.machine.toLowerCase();
  const found = await deps.defender.findMachines(query, { ...options, only: 'exact' });
  const exact = found.filter((machine) => names(machine).includes(query));
  const [only, second] = exact;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw severalMachines(asked, exact, deps.clock.now());
  throw await unknownMachine(deps, asked.machine);
}

function names(machine: Machine): string[] {
  return [machine.id, machine.name, shortName(machine)].map((name) => name.toLowerCase());
}

function severalMachines(asked: Asked, machines: readonly Machine[], now: number): Refusal {
  const line = (machine: string): string =>
    formatLine({ kind: 'request', reason: null, breakGlass: false, ...asked, commands: [...asked.commands], machine });
  return new Refusal(
    `Several machines are called ${asked.machine}, so I did nothing. Say which one by its id:`,
    ...machines
      .slice(0, LISTED)
      .map((machine): Text => [code(line(machine.id)), text(` · ${machineFacts(machine, now)}`)]),
    ...(machines.length > LISTED ? [`… and ${machines.length - LISTED} more.`] : []),
  );
}

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

/** At most so many reads for the names that come close: who asks for them is owed an answer, not the minute's budget. */
const GUESSES = 3;

async function unknownMachine(deps: Pick<Deps, 'defender'>, typed: string): Promise<Refusal> {
  const label = (typed.split('.')[0] ?? typed).toLowerCase();
  const { names, all } = await namesLike(deps, label);
  const close = nearest(label, names, 5);
  if (close.length > 0) return new Refusal(`I don't know the machine “${typed}”. Close to it: ${close.join(', ')}.`);
  return new Refusal(
    all
      ? `I don't know the machine “${typed}”, and nothing is called like it. Machines appear here once Defender has onboarded them.`
      : `I don't know the machine “${typed}”, and could not look for names like it. “machines ${label.slice(0, 3)}” lists some.`,
  );
}

/** Short names that begin like it. `all`: none of the looks failed. That there is no such machine is known without them. */
async function namesLike(deps: Pick<Deps, 'defender'>, label: string): Promise<{ names: string[]; all: boolean }> {
  const found: Machine[] = [];
  let guesses = 0;
  // Also where some begin like it: a digit left out (ws-42 for ws-042) shows only behind a shorter beginning.
  for (const length of new Set([label.length, label.length - 2, 3, 2])) {
    if (length < 1 || length > label.length || guesses === GUESSES) continue;
    if (length < 3 && length < label.length && found.length > 0) continue;
    const options = { fresh: false, purpose: 'people', only: 'beginning' } as const;
    try {
      found.push(...(await deps.defender.findMachines(label.slice(0, length), options)));
    } catch (error) {
      if (error instanceof DefenderError) return { names: shortNames(found), all: false };
      throw error;
    }
    guesses += 1;
  }
  return { names: shortNames(found), all: true };
}

const shortNames = (machines: readonly Machine[]): string[] => [...new Set(machines.map(shortName))];

/** What can't work on this system at all is refused before anybody is asked. */
function refuseHopeless(machine: Machine, commands: readonly Command[]): void {
  if (/^(ios|android)/i.test(machine.osPlatform)) {
    throw new Refusal(`${shortName(machine)} runs ${machine.osPlatform}, and Defender has no live response for it.`);
  }
  for (const command of commands) {
    const trouble = command.kind === 'get' ? pathTrouble(command.path, machine.osPlatform) : null;
    if (trouble !== null) throw new Refusal(trouble);
  }
}

function spelled(command: Command, library: readonly LibraryFile[]): Command {
  const action = actionOf(command);
  const typed = action.libraryFile(command);
  if (typed === null) return command;
  return action.withLibraryFile(command, inLibrary(typed, library).fileName);
}

/** The library file that somebody means: its exact name, or the only one with it before the ending. Throws Refusal. */
export function inLibrary(typed: string, library: readonly LibraryFile[]): LibraryFile {
  const name = typed.toLowerCase();
  const exact = library.find((file) => file.fileName.toLowerCase() === name);
  if (exact !== undefined) return exact;
  const fits = library.filter((file) => file.fileName.toLowerCase().replace(/\.[^.]+$/, '') === name);
  const [only, second] = fits;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) {
    throw new Refusal(
      `“${typed}” could be ${fits.map((file) => file.fileName).join(' or ')}. Type it with its ending.`,
    );
  }
  const close = nearest(
    name,
    library.map((file) => file.fileName),
    5,
  );
  throw new Refusal(
    close.length === 0
      ? `The library has no file “${typed}”${library.length === 0 ? '; it is empty, or I may not read it.' : '. “library” lists what it has.'}`
      : `The library has no file “${typed}”. Close to it: ${close.join(', ')}. See all of them with “library”.`,
  );
}

function machineWarnings(machine: Machine, now: number): string[] {
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

function systemWarnings(command: Command, machine: Machine): string[] {
  if (command.kind !== 'run') return [];
  const windows = /^windows/i.test(machine.osPlatform);
  const isWindowsScript = /\.(ps1|psm1|bat|cmd|exe|vbs)$/i.test(command.script);
  const isUnixScript = /\.sh$/i.test(command.script);
  if (machine.osPlatform === '') {
    return [
      `Defender doesn't say which system ${shortName(machine)} runs, so nobody knows whether ${command.script} fits.`,
    ];
  }
  if (windows ? isUnixScript : isWindowsScript) {
    return [`${command.script} looks made for another system than ${osName(machine)}.`];
  }
  return [];
}

async function changedSince(
  deps: { store: Pick<Store, 'lastApprovedDigest'> },
  files: readonly BoundFile[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const file of files) {
    const before = await deps.store.lastApprovedDigest(file.fileName);
    if (before !== null && before !== file.sha256)
      warnings.push(`${file.fileName} changed since its last approved run.`);
  }
  return warnings;
}
