import { renderCard } from '../../../src/chat/slack/render.ts';
import { render } from '../../../src/flow/render.ts';
import type { Request } from '../../../src/model/request.ts';
import type { Message } from '../../../src/playground/slack-workspace/index.ts';
import type { Day } from './day.ts';
import { OUTPUT } from './machines.ts';
import type { Asked } from './people.ts';
import { SHARED } from './place.ts';
import { buttonsOf } from './reader.ts';

/** How the card of each end begins. */
const CARDS: Record<string, RegExp> = {
  denied: /^✘ Denied by Lead/,
  withdrawn: /^– Withdrawn by Analyst/,
  expired: /^– Expired /,
  succeeded: /^(✔|⚠|\?) Finished/,
  failed: /^✘ Failed: ./,
  timed_out: /^✘ Timed out/,
  cancelled: /^– Cancelled/,
  several: /^\S 4 of 4 done · .* 100 %/,
};
const OVER = ['approve', 'deny', 'withdraw', 'cancel', 'it_ran', 'it_did_not_run'];
/** A post on its way when the process died may have arrived. */
const ON_ITS_WAY = 15_000;

/** What a reader finds wrong with one request at the end of the day, in words; nothing where all is right. */
export async function wrongWith(day: Day, one: Asked): Promise<string[]> {
  const request = await day.world.request(one.id);
  const cards = day.reader.cards(one.id);
  const found = [
    ...(day.reader.wasTold(one.who, one.id) ? [] : ['its author was never answered']),
    ...(request.status === 'refused' ? refused(day, one, cards) : await shown(day, one, request, cards)),
    ...foreign(day, one, cards),
  ];
  return found.map((words) => `${one.id} (${request.status}) “${one.line}” in ${one.channel}: ${words}`);
}

function refused({ reader }: Day, one: Asked, cards: readonly Message[]): string[] {
  const told = ['Try again', 'know the machine'].some((words) => reader.wasTold(one.who, words));
  return [...(told ? [] : ['its author was never told why']), ...(cards.length === 0 ? [] : ['it has a card'])];
}

async function shown(day: Day, one: Asked, request: Request, cards: readonly Message[]): Promise<string[]> {
  const card = cards.at(-1);
  if (card === undefined) return ['it has no card'];
  const run = await day.world.run(one.id);
  const several = request.machineCount !== undefined && request.status === 'done';
  const end = several ? 'several' : request.status === 'done' ? run.status : request.status;
  const newest = await render(day.bot.deps(), one.id);
  const words = newest === null ? '' : renderCard(newest).text;
  const alive = cards.flatMap(buttonsOf).filter((button) => OVER.includes(button));
  const most = 1 + one.shows + (mayBeTwice(day, cards.slice(0, -1)) ? 1 : 0);
  return [
    ...(CARDS[end]?.test(card.text) ? [] : [`it ended ${end}, but its card says “${card.text.split('\n')[0]}”`]),
    ...(card.text === words ? [] : [`its card isn't the newest: “${card.text}” instead of “${words}”`]),
    ...(alive.length === 0 ? [] : [`there are still buttons on it: ${alive}`]),
    ...(cards.length <= most ? [] : [`it has ${cards.length} cards instead of at most ${most}`]),
    ...said(day, one, request, cards),
  ];
}

/** Whether the bot couldn't know that one of these arrived: Slack said nothing, or the process died meanwhile. */
function mayBeTwice({ troubles, agenda }: Day, older: readonly Message[]): boolean {
  return older.every((message) => {
    const at = Number(message.ts) * 1_000;
    return (
      troubles.unclear.some((one) => one.arrived && one.channel === message.channel && Math.abs(one.at - at) < 2) ||
      agenda.restarts.some((restart) => at <= restart && restart - at < ON_ITS_WAY)
    );
  });
}

/** Each thing is said once; twice only where nobody could know that it had arrived, and never only where that was unclear twice. */
function said(day: Day, one: Asked, request: Request, cards: readonly Message[]): string[] {
  const thread = cards.flatMap((card) => day.reader.thread(card));
  const unclear = day.troubles.unclear.filter(({ thread: ts }) => cards.some((card) => card.ts === ts));
  const arrived = unclear.filter((each) => each.arrived).length + restartsNear(day, thread);
  const lost = unclear.length - unclear.filter((each) => each.arrived).length;
  const wrong: string[] = [];
  const once = (what: string, looks: RegExp): void => {
    const times = thread.filter(({ text }) => looks.test(text)).length;
    if (times > 2 || times > 1 + arrived) wrong.push(`${what} was said ${times} times`);
    if (times === 0 && lost + arrived < 2) wrong.push(`${what} was never said`);
  };
  if (request.approvedAt !== null) once('the approval', / approved\./);
  if (request.status === 'denied') once('the denial', / denied it/);
  if (request.status === 'expired' || request.status === 'done') once('the end', endOf(one.id));
  const twice = thread.length - new Set(thread.map(({ text }) => text)).size;
  if (twice > arrived) wrong.push(`${twice} replies stand twice, ${arrived} of which it couldn't know`);
  return wrong;
}

const restartsNear = ({ agenda }: Day, thread: readonly Message[]): number =>
  thread.filter(({ ts }) =>
    agenda.restarts.some((at) => Number(ts) * 1_000 <= at && at - Number(ts) * 1_000 < ON_ITS_WAY),
  ).length;

const endOf = (id: string): RegExp => new RegExp(`\\(${id}\\)|${id}: Open results`);

/** Words of another request in its threads or on its cards, now that nothing waits in line; or output where others read it. */
function foreign(day: Day, { id, channel }: Asked, cards: readonly Message[]): string[] {
  const all = cards.flatMap((card) => [card, ...day.reader.thread(card)]);
  const others = all.flatMap(({ text }) => text.match(/LR-\w{6}/g) ?? []).filter((other) => other !== id);
  const leaks = channel === SHARED && all.some((message) => JSON.stringify(message).includes(OUTPUT));
  return [
    ...(others.length === 0 ? [] : [`it speaks of ${others}`]),
    ...(leaks ? ['it shows output to outsiders'] : []),
  ];
}
