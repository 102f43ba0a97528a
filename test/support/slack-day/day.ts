import { useFakeTimers as fakeDates } from 'sinon';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { GRANTED } from '../../../src/playground/slack-workspace/user-groups.ts';
import { createWorld, type World } from '../world.ts';
import { type Agenda, agendaOf } from './agenda.ts';
import { BOT_TOKEN, type Bot, createBot, SIGNING_SECRET } from './bot.ts';
import { createChance } from './chance.ts';
import { createDayClock, type DayClock } from './clock.ts';
import { liveMachines } from './machines.ts';
import { type Asked, drawPlan, playPeople } from './people.ts';
import { CHANNELS, channels, LEADS, library, machines, members, policyOf } from './place.ts';
import { buttonsOf, createReader, type Reader } from './reader.ts';
import { createTroubles, type Troubles } from './trouble.ts';
import { createWitness, type Witness } from './witness.ts';

/** A day that has been played. */
export interface Day {
  world: World;
  slack: SlackWorkspace;
  bot: Bot;
  clock: DayClock;
  reader: Reader;
  agenda: Agenda;
  troubles: Troubles;
  witness: Witness;
  asked: Asked[];
  /** Cards of which the bot knew nothing at the end of the day, until somebody clicked on them. */
  doubles: number;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const LONGEST_EVENING = 12 * 60 * MINUTE;
/** So long the process is down between its death and the next one. */
const DOWN = 15_000;

export interface DayOptions {
  requests: number;
  seed: number;
  /** Whether the app has the scopes to read its channels, which our manifest doesn't ask for. */
  mayRead: boolean;
}

/** Plays a day of so many requests, and the evening until everything has come to its end. */
export async function playDay({ requests, seed, mayRead }: DayOptions): Promise<Day> {
  const world = await createWorld();
  const dates = fakeDates({ now: world.now(), toFake: ['Date'] });
  const clock = createDayClock(world.now, (time) => {
    world.advance(time - world.now());
    dates.setSystemTime(time);
  });
  const agenda = agendaOf(world.now(), requests);
  const troubles = createTroubles(createChance(seed), clock.now, agenda);
  const witness = createWitness(clock.now, agenda.outage);
  let bot: Bot | null = null;
  const slack = await startSlackWorkspace({
    ...{ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, members, channels },
    now: clock.now,
    wait: (milliseconds) => (bot as Bot).crew().sleep(milliseconds),
    trouble: troubles.draw,
    heard: witness.hear,
  });
  bot = await createBot({
    world,
    clock,
    apiUrl: () => slack.apiUrl,
    every: () => agenda.looksEvery(clock.now()),
  });
  slack.setBotUrl(bot.url);
  if (mayRead) slack.setSubscription({ scopes: [...GRANTED, 'channels:history', 'groups:history'] });
  const day: Day = {
    ...{ world, slack, bot, clock, agenda, troubles, witness },
    reader: createReader(slack),
    asked: [],
    doubles: 0,
    async close() {
      day.bot.kill();
      await slack.stop();
      await day.bot.close();
      dates.restore();
    },
  };
  try {
    await live(day, requests, seed);
  } catch (error) {
    await day.close();
    throw error;
  }
  return day;
}

async function live(day: Day, requests: number, seed: number): Promise<void> {
  const { world, clock, agenda, bot } = day;
  world.policy(policyOf(agenda.expireAfter));
  world.defender.machines = machines;
  world.defender.files = library;
  const chance = createChance(seed + 1);
  const plans = agenda.times(chance).map((at, index) => drawPlan(chance, at, index));
  const fates = new Map(plans.map(({ fate }, index) => [`INC-${index}`, fate]));
  const fateOf = (comment: string) => fates.get(/INC-\d+/.exec(comment)?.[0] ?? '') ?? 'Succeeded';
  liveMachines(world.defender, { clock, chance, fateOf });
  await bot.start();
  for (const at of agenda.restarts) {
    clock.at(at, bot.kill);
    clock.at(at + DOWN, () => clock.crew().run(bot.start));
  }
  const around = { ...day, crew: clock.crew(), chance, agenda };
  day.asked = playPeople(plans, around);
  await clock.play(agenda.end);
  await untilOver(day, requests);
  await clickOnDoubles(day);
  await untilOver(day, requests);
  day.troubles.end();
}

async function untilOver(day: Day, requests: number): Promise<void> {
  for (const last = day.clock.now() + LONGEST_EVENING; day.clock.now() < last; ) {
    await day.clock.play(day.clock.now() + MINUTE);
    if (day.asked.length === requests && (await isOver(day))) return;
  }
}

/** A card that was posted twice can show an old state, until somebody clicks on it: so somebody does. */
async function clickOnDoubles(day: Day): Promise<void> {
  const { asked, reader, slack } = day;
  for (const { id } of asked) {
    for (const card of reader.cards(id)) {
      const [button] = buttonsOf(card).filter((action) => action !== 'results');
      if (button === undefined) continue;
      day.doubles += 1;
      await slack.click({ user: LEADS[0] ?? '', channel: card.channel, ts: card.ts, actionId: `lr:${button}` });
    }
  }
}

/** Whether all has ended, and everything that was to be said has been. */
async function isOver({ world, clock }: Day): Promise<boolean> {
  const open = await world.store.requestsBy({ status: ['received', 'waiting', 'approved'], limit: 1 });
  const some = await Promise.all(
    CHANNELS.map(async (channel) => {
      const far = clock.now() + LONGEST_EVENING;
      const left = [
        ...(await world.store.sender.nextCards(channel, far, 1)),
        ...(await world.store.sender.nextReplies(channel, far, 1)),
      ];
      return left.length > 0;
    }),
  );
  return open.length === 0 && !some.includes(true);
}
