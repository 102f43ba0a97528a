import type { SlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Crew, DayClock } from './clock.ts';
import type { Fate } from './machines.ts';
import { ANALYSTS, ARCHIVED, CHANNELS, LEADS } from './place.ts';
import { buttonsOf, type Reader } from './reader.ts';
import { isIn } from './trouble.ts';

type Decision = 'approve' | 'deny' | 'withdraw' | 'nobody';

/** What is going to happen to one request, as far as people and machines have it in their hands. */
interface Plan {
  at: number;
  who: string;
  channel: string;
  line: string;
  decision: Decision;
  cancels: boolean;
  fate: Fate;
}

/** One request as its people know it. */
export interface Asked extends Plan {
  /** When its author was told that it was got. */
  acknowledgedAt: number;
  id: string;
  /** There is no such machine, so it is refused. */
  nowhere: boolean;
  /** How often its author had a fresh card posted, since the bot didn't know of one. */
  shows: number;
}

const MINUTE = 60_000;
/** How long somebody looks for a button of a run that may be unclear. */
const PATIENCE = 40 * MINUTE;
const LOOKS_EVERY = 20_000;

/** Machines in one request on several. */
const SEVERAL = 4;

function several(chance: Chance): string {
  const numbers = new Set<number>();
  while (numbers.size < SEVERAL) numbers.add(chance.whole(1, 300));
  return [...numbers].map((number) => `ws-${String(number).padStart(3, '0')}`).join(',');
}

/** Draws what is asked for at that time. */
export function drawPlan(chance: Chance, at: number, number: number): Plan {
  const machine = `ws-${String(chance.whole(1, 300)).padStart(3, '0')}`;
  const words = chance.weighed([
    [5, `run ${machine} minidump.ps1 OfficeClickToRun`],
    [3, `run ${machine} minidump.ps1 Outlook then get C:\\windows\\TEMP\\Outlook-${number}.zip`],
    [2, `get ${machine} C:\\windows\\TEMP\\trace-${number}.etl`],
    [0.6, `run minidump.ps1 OfficeClickToRun --machines ${several(chance)}`],
    [0.3, `run ws-nowhere-${number} minidump.ps1 OfficeClickToRun`],
  ]);
  return {
    at,
    who: chance.of(ANALYSTS),
    channel: chance.of(CHANNELS),
    line: `${words} --reason "INC-${number}"`,
    decision: chance.weighed<Decision>([
      [78, 'approve'],
      [8, 'deny'],
      [7, 'withdraw'],
      [7, 'nobody'],
    ]),
    cancels: chance.part() < 0.07,
    fate: chance.weighed<Fate>([
      [80, 'Succeeded'],
      [10, 'Failed'],
      [6, 'TimeOut'],
      [4, 'never answered'],
    ]),
  };
}

interface Around {
  slack: SlackWorkspace;
  reader: Reader;
  clock: DayClock;
  crew: Crew;
  chance: Chance;
  agenda: Agenda;
}

/** Has people do all of that: ask, look at the card, decide, change their minds. What they asked for is in the list. */
export function playPeople(plans: readonly Plan[], around: Around): Asked[] {
  const asked: Asked[] = [];
  const { clock, crew } = around;
  for (const plan of plans) clock.at(plan.at, () => crew.run(() => live(plan, around, asked)));
  return asked;
}

async function live(plan: Plan, around: Around, asked: Asked[]): Promise<void> {
  const { clock, crew, chance } = around;
  const one = await ask(plan, around);
  asked.push(one);
  const { id } = one;
  if (one.nowhere) return;
  clock.at(clock.now() + 2 * MINUTE, () => crew.run(() => askForCard(one, around)));
  await crew.sleep(chance.whole(20_000, around.agenda.expireAfter / 2));
  if (plan.decision === 'nobody') return settle(id, plan, around);
  await press(id, plan.decision, plan.decision === 'withdraw' ? plan.who : chance.of(LEADS), around);
  if (plan.decision !== 'approve') return;
  if (plan.cancels) {
    await crew.sleep(chance.whole(1_000, 3 * MINUTE));
    await press(id, 'cancel', chance.of([plan.who, ...LEADS]), around, clock.now() + MINUTE);
  }
  await settle(id, plan, around);
}

/** Who is told that nobody knows whether the card stands there has another one posted. */
async function askForCard(one: Asked, { slack, reader, clock, crew, agenda }: Around): Promise<void> {
  for (const end = one.at + 3 * agenda.expireAfter; clock.now() < end; await crew.sleep(LOOKS_EVERY * 3)) {
    if (!reader.wasTold(one.who, `show ${one.id}`)) continue;
    one.shows += 1;
    await slack.command({ user: one.who, channel: one.channel, text: `show ${one.id}` });
    return;
  }
}

/** Where nobody can tell whether it ran, a lead says so, of each machine. */
async function settle(id: string, { fate, line }: Plan, around: Around): Promise<void> {
  if (fate !== 'never answered') return;
  const machines = line.includes('--machines') ? SEVERAL : 1;
  for (let machine = 0; machine < machines; machine++) {
    await press(id, around.chance.of(['it_ran', 'it_did_not_run']), around.chance.of(LEADS), around);
  }
}

/** Types it, again where Slack says that the app didn't answer, elsewhere where the channel takes no words. */
async function ask(plan: Plan, { slack, clock, crew, agenda: { archived } }: Around): Promise<Asked> {
  for (;;) {
    if (plan.channel === ARCHIVED && isIn(archived, clock.now())) await crew.sleep(archived.to - clock.now());
    const answer = await slack.command({ user: plan.who, channel: plan.channel, text: plan.line });
    const id = /LR-\w{6}/.exec(answer.body)?.[0];
    if (id !== undefined) {
      return { ...plan, acknowledgedAt: clock.now(), id, nowhere: plan.line.includes('nowhere'), shows: 0 };
    }
    if (answer.failure === null) throw new Error(`${plan.who} typed ${plan.line} and was told: ${answer.body}`);
    await crew.sleep(10_000);
  }
}

/** Presses a button of the newest card, as soon as it is there. */
async function press(id: string, button: string, who: string, around: Around, until?: number): Promise<void> {
  const { slack, reader, clock, crew, agenda } = around;
  for (const end = until ?? clock.now() + PATIENCE; clock.now() < end; ) {
    const card = reader.cards(id).at(-1);
    const closed = card?.channel === ARCHIVED && isIn(agenda.archived, clock.now());
    if (card !== undefined && !closed && buttonsOf(card).includes(button)) {
      const { failure } = await slack.click({
        user: who,
        channel: card.channel,
        ts: card.ts,
        actionId: `lr:${button}`,
      });
      if (failure === null) return;
    }
    await crew.sleep(LOOKS_EVERY);
  }
}
