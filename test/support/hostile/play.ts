import { AppError } from '../../../src/errors.ts';
import type { Chat } from '../../../src/flow/ports.ts';
import type { Platform } from '../../../src/model/person.ts';
import { libraryFile, machine } from '../fake-defender.ts';
import { pass } from '../story.ts';
import { createWorld, type World } from '../world.ts';
import { FATES, HOUR, type Stage } from './fates.ts';
import { createPeople } from './people.ts';
import type { Fate, Scene } from './scene.ts';
import { createWire, type Sent } from './wire.ts';

/** What came of a scene. */
export interface Played {
  /** Everything that went to Slack. */
  sent: Sent[];
  /** The request; null where its line was refused. */
  request: string | null;
  /** What jobs threw besides what they are taken up again for. */
  thrown: unknown[];
}

/** Rules are named by whoever runs the bot, who may write what they like. */
const POLICY = `version: 1
channels: { slack: [C0SOC] }
groups:
  analysts: { slack: { users: [U0ANA] } }
  leads: { slack: { users: [U0LEA, U0LEO] } }
requesters: [analysts, leads]
approvers: [leads]
rules:
  - name: "Rule <!channel> *b* <https://evil.example|x>"
    match: { commands: [run, get, put] }
    approvals: 1
    breakGlass: true
default: { approvals: 1, breakGlass: true }
breakGlass: { allowed: [analysts, leads], reviewWithin: 24h }
limits: { commandsPerPerson: 600/m }
`;

export const MACHINE = 'aa00000000000000000000000000000000000042';

/** Plays a story from the typed line to its end, and everything around it that people may ask. */
export async function play(fate: Fate, scene: Scene): Promise<Played> {
  const world = await createWorld();
  world.policy(POLICY);
  furnish(world, fate === 'several' ? withLinux(scene) : scene);
  const { ana, lea, leo } = scene.people;
  const told = { names: { U0ANA: ana, U0LEA: lea, U0LEO: leo }, channel: scene.channel, shared: fate === 'shared' };
  const wire = createWire({ clock: world.deps.clock, told });
  (world.deps.chats as Map<Platform, Chat>).set('slack', wire.chat);
  const people = createPeople(world, wire);
  const stage = { fate, world, people, scene, told };
  const request = await story(stage);
  await lookAround(stage, request);
  const thrown = world.failed.map(({ error }) => error).filter((error) => !(error instanceof AppError));
  return { sent: wire.sent, request, thrown };
}

/** Its commands are for Linux, and would be refused on what calls itself something else. */
function withLinux(scene: Scene): Scene {
  return { ...scene, neighbours: scene.neighbours.map((one) => ({ ...one, osPlatform: 'Linux' })) };
}

const neighbourId = (index: number) => `bb0000000000000000000000000000000000000${index}`;

function furnish({ defender }: World, scene: Scene): void {
  const { script, tool, library, neighbours } = scene;
  const told = machine({ id: MACHINE, osPlatform: 'Linux', ...scene.machine });
  defender.machines = [told, ...neighbours.map((one, i) => ({ ...one, id: neighbourId(i) }))];
  defender.files = [libraryFile(script), libraryFile(tool), ...library];
  // Looks for names find everything: what comes close is told too.
  defender.findMachines = async (query) =>
    defender.machines.filter(({ id }) => query === id || !/^[0-9a-f]{40}$/.test(query));
}

/** The line of the scene's request, as somebody would type it. */
export function lineOf({ script, tool, args, path, reason }: Scene, fate: Fate): string {
  const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`;
  const several = fate === 'several';
  const aim = several ? ` --machines ${[MACHINE, neighbourId(0), neighbourId(1)].join()}` : '';
  const glass = fate === 'break glass' ? ' --break-glass' : '';
  const commands = [
    `put ${several ? '' : `${MACHINE} `}${quoted(tool.fileName)}`,
    `run ${[script.fileName, ...args].map(quoted).join(' ')}`,
  ];
  return `${[...commands, `get ${quoted(path)}`].join(' then ')}${aim}${glass} --reason ${quoted(reason)}`;
}

/** What its commands are on a card, letter for letter. */
export function commandsOf({ script, tool, args, path }: Scene): string[] {
  const quoted = args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg));
  return [tool.fileName, [script.fileName, ...quoted].join(' '), path];
}

async function story(stage: Stage): Promise<string | null> {
  const { fate, people, scene, world } = stage;
  const line = fate === 'deleted' ? `library delete "${scene.script.fileName}"` : lineOf(scene, fate);
  const id = /LR-\w{6}/.exec(await people.type('U0ANA', line))?.[0] ?? null;
  if (id === null) return null;
  if (fate === 'deleted') await people.click('U0ANA', 'confirm', id);
  if ((await world.request(id)).status === 'refused') return null;
  await FATES[fate](stage, id);
  return id;
}

/** Words that take others behind them. */
const ASK = [
  'machines',
  'history',
  'help',
  'isolate',
  'library show',
  'explain',
  'status',
  `run ${MACHINE}`,
  `get ${MACHINE}`,
];

/** What people may ask while all of it is there. */
async function lookAround({ fate, people, scene, world }: Stage, id: string | null): Promise<void> {
  const thread = 'C0SOC:1700000000.1';
  for (const [i, words] of scene.questions.entries()) {
    const verb = ASK[i % ASK.length];
    await people.type(i % 2 === 0 ? 'U0ANA' : 'U0LEA', `${verb} ${words}`, i % 3 === 0 ? thread : undefined);
  }
  for (const line of scene.lines) await people.type('U0ANA', line);
  const about = id === null ? [] : [`status ${id}`, `show ${id}`, `again ${id}`, `results ${id}`];
  for (const line of [
    'machines w',
    'library',
    'pending',
    'history',
    'whoami',
    `library show ${scene.script.fileName}`,
    `explain ${lineOf(scene, fate)}`,
    ...about,
  ]) {
    await people.type('U0LEA', line);
  }
  await people.type('U0MAX', lineOf(scene, fate));
  await people.fillIn('U0ANA', scene.form);
  for (const user of ['U0ANA', 'U0LEA', 'U0MAX']) await people.visit(user);
  await pass(world, HOUR);
}
