import { DefenderError } from '../errors.ts';
import { type Aim, type Command, MAX_MACHINES } from '../model/command.ts';
import { type Machine, shortName } from '../model/machine.ts';
import { code, type Text, text } from '../model/notice.ts';
import { nearest } from '../nearest.ts';
import { formatLine, type RequestLine } from './command.ts';
import { tooManyMachines } from './command-aim.ts';
import type { Deps } from './deps.ts';
import { machineFacts } from './machine-facts.ts';
import { callAll, someOf } from './machine-names.ts';
import type { Purpose } from './ports.ts';
import { Refusal } from './refusal.ts';

const LISTED = 8;

/** A request, or a question about one; the reason is for the lines that would work. */
export interface Asked {
  machine: string;
  aim?: Aim;
  commands: readonly Command[];
  reason?: string | null;
  breakGlass?: boolean;
}

export type Machines = [Machine, ...Machine[]];

/** What a request aims at, and those that it leaves out, for people. */
export interface Aimed {
  machines: Machines;
  leftOut: string[];
}

type Options = { fresh: boolean; purpose: Purpose };

/** The machines that a request means. Throws Refusal, or DefenderError when Defender can't be asked. */
export async function whichMachines(
  deps: Pick<Deps, 'defender' | 'clock'>,
  asked: Asked,
  options: Options,
): Promise<Aimed> {
  if (asked.aim === undefined) return { machines: [await oneMachine(deps, asked, options)], leftOut: [] };
  if (asked.aim.by === 'names') {
    return { machines: await allNamed(deps, asked, asked.aim.names, options), leftOut: [] };
  }
  return alike(deps, asked.aim, options);
}

async function oneMachine(deps: Pick<Deps, 'defender' | 'clock'>, asked: Asked, options: Options): Promise<Machine> {
  const query = asked.machine.toLowerCase();
  const found = await deps.defender.findMachines(query, { ...options, only: 'exact' });
  const exact = found.filter((machine) => names(machine).includes(query));
  const [only, second] = exact;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw severalMachines(asked, exact, deps.clock.now());
  throw await unknownMachine(deps, asked.machine);
}

/** Each name is one machine, or nothing is done: whoever names them means all of them, and no other. */
async function allNamed(
  deps: Pick<Deps, 'defender' | 'clock'>,
  asked: Asked,
  wanted: readonly string[],
  { purpose }: Options,
): Promise<Machines> {
  const found = await deps.defender.machinesNamed(wanted, purpose);
  const called = (name: string) => found.filter((machine) => names(machine).includes(name.toLowerCase()));
  const unknown = wanted.filter((name) => called(name).length === 0);
  if (unknown.length === 1) throw await unknownMachine(deps, unknown[0] ?? '');
  if (unknown.length > 1) {
    throw new Refusal(`I don't know these machines: ${unknown.join(', ')}. Nothing was asked of anybody.`);
  }
  const double = wanted.find((name) => called(name).length > 1);
  if (double !== undefined) {
    throw severalMachines(
      { ...asked, machine: double, aim: { by: 'names', names: [...wanted] } },
      called(double),
      deps.clock.now(),
    );
  }
  return atLeastOne(wanted.flatMap(called), 'No machine was named.');
}

/** All machines with a tag, or of a device group; those that have no live response are left out, and named. */
async function alike(
  { defender }: Pick<Deps, 'defender'>,
  aim: Extract<Aim, { is: string }>,
  { purpose }: Options,
): Promise<Aimed> {
  const found = await defender.machinesWith(aim, purpose);
  const what = aim.by === 'tag' ? `the tag “${aim.is}”` : `the device group “${aim.is}”`;
  const hint = aim.by === 'tag' ? 'Tags are written exactly as Defender has them, capitals too.' : '';
  const able = found.filter((machine) => !isHopeless(machine));
  if (able.length > MAX_MACHINES) throw new Refusal(`With ${what}: ${tooManyMachines(able.length)}`);
  const none = found.length === 0 ? `No machine has ${what}.` : `No machine with ${what} has live response.`;
  const machines = atLeastOne(able, [none, hint].join(' ').trim());
  const rest = callAll(found.filter(isHopeless));
  return {
    machines,
    leftOut: rest.length === 0 ? [] : [`Left out, since Defender has no live response for them: ${someOf(rest)}.`],
  };
}

/** Each of them once: a second run on the same machine would do everything twice. */
function atLeastOne(machines: readonly Machine[], otherwise: string): Machines {
  const [first, ...others] = [...new Map(machines.map((machine) => [machine.id.toLowerCase(), machine])).values()];
  if (first === undefined) throw new Refusal(otherwise);
  return [first, ...others];
}

/** Whether Defender has no live response for its system at all. */
export function isHopeless({ osPlatform }: Pick<Machine, 'osPlatform'>): boolean {
  return /^(ios|android)/i.test(osPlatform);
}

function names(machine: Machine): string[] {
  return [machine.id, machine.name, shortName(machine)].map((name) => name.toLowerCase());
}

function severalMachines(asked: Asked, machines: readonly Machine[], now: number): Refusal {
  const line = (id: string): string => {
    const request: RequestLine = {
      kind: 'request',
      reason: null,
      breakGlass: false,
      ...asked,
      commands: [...asked.commands],
      machine: id,
    };
    const { aim } = asked;
    if (aim?.by !== 'names') return formatLine(request);
    const names = aim.names.map((name) => (name === asked.machine ? id : name));
    return formatLine({ ...request, machine: '', aim: { ...aim, names } });
  };
  return new Refusal(
    `Several machines are called ${asked.machine}, so I did nothing. Say which one by its id:`,
    ...machines
      .slice(0, LISTED)
      .map((machine): Text => [code(line(machine.id)), text(` · ${machineFacts(machine, now)}`)]),
    ...(machines.length > LISTED ? [`… and ${machines.length - LISTED} more.`] : []),
  );
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
