import { actionOf } from '../actions/index.ts';
import type { Aim, Command } from '../model/command.ts';
import { isMachine, type LibraryFile, type Machine, shortName } from '../model/machine.ts';
import type { BoundFile } from '../model/request.ts';
import { nearest } from '../nearest.ts';
import { pathTrouble } from '../policy/index.ts';
import { bindFiles } from './binding.ts';
import { tooLongToShow } from './command-line.ts';
import type { Deps } from './deps.ts';
import { healthWarnings, systemWarnings } from './machine-warnings.ts';
import type { Purpose, Store } from './ports.ts';
import { Refusal } from './refusal.ts';
import { type Asked, isHopeless, type Machines, whichMachines } from './which-machines.ts';

/** What a request turned out to aim at, with everything an approver should know. */
export interface Preflight {
  machines: Machines;
  /** With the library's own spelling. */
  commands: Command[];
  files: BoundFile[];
  warnings: string[];
}

/** Looks at machines and library before anybody is asked. Throws Refusal, or DefenderError when Defender can't be asked. */
export async function preflight(
  deps: Pick<Deps, 'defender' | 'clock'> & { store: Pick<Store, 'lastApprovedDigest'> },
  asked: Asked,
  options: { fresh: boolean; purpose: Purpose },
): Promise<Preflight> {
  const { machines, leftOut } = await whichMachines(deps, asked, options);
  for (const machine of machines) refuseHopeless(machine, asked.commands);
  const needsLibrary = asked.commands.some((command) => actionOf(command).libraryFile(command) !== null);
  const library = needsLibrary ? await deps.defender.library(options) : [];
  const commands = asked.commands.map((command) => spelled(command, library, asked.aim));
  // Also what was stored before such lines were refused, and what the library's own spelling adds.
  const names = machines.map((machine) => machine.name || machine.id);
  const hidden = tooLongToShow(commands, names);
  if (hidden !== null) throw new Refusal(hidden);
  const files = bindFiles({ commands }, library);
  const warnings = [
    ...leftOut,
    ...healthWarnings(machines, deps.clock.now()),
    ...commands.flatMap((command) => [...actionOf(command).warnings(command), ...systemWarnings(command, machines)]),
    ...(await changedSince(deps, files)),
  ];
  return { machines, commands, files, warnings: [...new Set(warnings)] };
}

/** What can't work on this system at all is refused before anybody is asked. */
function refuseHopeless(machine: Machine, commands: readonly Command[]): void {
  if (isHopeless(machine)) {
    throw new Refusal(`${shortName(machine)} runs ${machine.osPlatform}, and Defender has no live response for it.`);
  }
  for (const command of commands) {
    const trouble = command.kind === 'get' ? pathTrouble(command.path, machine.osPlatform) : null;
    if (trouble !== null) throw new Refusal(trouble);
  }
}

function spelled(command: Command, library: readonly LibraryFile[], aim: Aim | undefined): Command {
  const action = actionOf(command);
  const typed = action.libraryFile(command);
  if (typed === null) return command;
  // The most likely slip, which the library alone would explain as a file that it lacks.
  const slip = aim !== undefined && isMachine(typed) && !/\.\w{1,5}$/.test(typed);
  const instead = slip
    ? [`With --${aim.by === 'names' ? 'machines' : aim.by} no machine stands behind ${command.kind}.`]
    : [];
  return action.withLibraryFile(command, inLibrary(typed, library, instead).fileName);
}

/** The library file that somebody means: its exact name, or the only one with it before the ending. Throws Refusal. */
export function inLibrary(typed: string, library: readonly LibraryFile[], hints: readonly string[] = []): LibraryFile {
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
    ...hints,
  );
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
