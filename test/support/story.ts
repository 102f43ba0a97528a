import type { Click, MachineAction } from '../../src/flow/ports.ts';
import { plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { machine, scriptResult } from './fake-defender.ts';
import type { World } from './world.ts';

export const SCRIPT = 'run ws-042 minidump.ps1 OfficeClickToRun';
export const SCRIPT_THEN_GET = `${SCRIPT} then get C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip`;
export const TIER0 = `${SCRIPT} --reason "INC-1234 dump"`;

/** A request with its run, and its action where Defender has one. */
export interface Story {
  request: Request;
  run: Run;
  action: MachineAction | undefined;
}

/** How a request stands now. */
export async function storyOf(world: World, id: string): Promise<Story> {
  const request = await world.request(id);
  const run = await world.run(id);
  return { request, run, action: world.defender.list.findLast((one) => one.comment.startsWith(`[${run.id}]`)) };
}

/** Asked by Ana, approved by Lea, and sent as far as Defender's planned answer lets it. */
export async function approved(world: World, line = SCRIPT): Promise<Story> {
  const request = await world.ask('U0ANA', line);
  await world.click('U0LEA', 'approve', `${request.id}:${request.round}`);
  return storyOf(world, request.id);
}

/** Running at Defender. */
export async function running(world: World, line = SCRIPT): Promise<Story & { action: MachineAction }> {
  const story = await approved(world, line);
  if (story.run.status !== 'running' || story.action === undefined) throw new Error(`it is ${story.run.status}`);
  return { ...story, action: story.action };
}

/** Sent, never answered, looked for in vain. `create`: Defender has it, but shows it to nobody yet. */
export async function unclear(world: World): Promise<Story> {
  world.defender.next({ outcome: 'unclear', why: 'the connection was reset' });
  const { request } = await approved(world);
  await lookInVain(world);
  const story = await storyOf(world, request.id);
  if (story.run.status !== 'unclear') throw new Error(`it is ${story.run.status}`);
  return story;
}

/** Lets the time pass in which Defender's lists may lag. */
export async function lookInVain(world: World): Promise<void> {
  world.advance(world.deps.visibilityLag + 1_000);
  await world.tick();
}

/** Time passes, and what it brings is done. */
export async function pass(world: World, milliseconds: number): Promise<void> {
  world.advance(milliseconds);
  await world.tick();
}

/** The run goes to its good end, with what its script wrote. */
export async function finish(world: World, id: string, output = 'Done\n'): Promise<Story> {
  const { action } = await storyOf(world, id);
  if (action === undefined) throw new Error(`${id} has no action`);
  world.defender.results.set('*', scriptResult({ output }));
  world.defender.go(
    action.id,
    'Succeeded',
    action.commands.map(() => ({ status: 'Completed', startedAt: world.now(), endedAt: world.now() + 3_000 })),
  );
  await pass(world, 6_000);
  return storyOf(world, id);
}

/** The state line of the card, as plain words. */
export function stateLine(world: World, id: string): string {
  const { symbol, words } = world.card(id).state;
  return `${symbol} ${plain(words)}`;
}

/** What the buttons of the card are for, in their order. */
export function buttons(world: World, id: string): string[] {
  return world.card(id).buttons.map((button) => button.action);
}

/** Asked by Ana for a machine whose rule wants two approvals and a reason; the request's id. */
export async function askedOfTwo(world: World): Promise<string> {
  world.defender.machines = [machine({ tags: ['tier0'] })];
  return (await world.ask('U0ANA', TIER0)).id;
}

/** The facts of the card, one line each. */
export function facts(world: World, id: string): string[] {
  return world.card(id).facts.map(plain);
}

/** The warnings of the card, one line each. */
export function warnings(world: World, id: string): string[] {
  return world.card(id).warnings.map(plain);
}

/** The private answers since the last look. */
export function whispers(world: World): string[] {
  const words = world.chat.whispered();
  world.chat.answers.length = 0;
  return words;
}

/** What the buttons of an unclear run carry: the run and the attempt. */
export function attempt(run: Run): string {
  return `${run.id}:${run.attempt}`;
}

/** How often an audit entry was written. */
export async function audited(world: World, action: string): Promise<number> {
  return (await world.audit()).filter((entry) => entry.action === action).length;
}

/** A button of one of these requests, as somebody may press it: on the card of this round, or of the one before. */
export async function pressOne(
  world: World,
  asked: readonly string[],
  event: { user: string; action: Click['action']; request: number; older: boolean },
): Promise<void> {
  const id = asked[event.request % Math.max(1, asked.length)];
  if (id === undefined || id === '') return;
  const request = await world.request(id);
  const round = event.older ? request.round - 1 : request.round;
  const run = await world.store.transaction((tx) => tx.run(`${id}.1`));
  const ids: Partial<Record<Click['action'], string>> = {
    approve: `${id}:${round}`,
    deny: `${id}:${round}`,
    it_ran: `${id}.1:${run?.attempt}`,
    it_did_not_run: `${id}.1:${run?.attempt}`,
  };
  await world.click(event.user, event.action, ids[event.action] ?? id);
}
