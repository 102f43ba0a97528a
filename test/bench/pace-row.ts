import { setTimeout as pause } from 'node:timers/promises';
import type { Message, SlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { startBot } from '../support/bot.ts';
import type { Database } from './bot-rows.ts';
import { farAway } from './far-away.ts';
import { lineOf, startFarEnds, WIDE_POLICY } from './far-ends.ts';
import { round, type Spread, spread } from './numbers.ts';
import { SETTLE } from './slack-pair.ts';

/** How fast cards follow commands that come all at once, next to what Slack allows. */
export interface PaceRow {
  channels: number;
  /** Commands typed at once in each of them. */
  cards: number;
  /** Milliseconds from the bot to Slack, and as many back. */
  way: number;
  /** Of one post a second and channel, from the first card to the last: the channel that used most of it, and the one that used least. */
  percent: { most: number; least: number };
  /** Posts and edits that Slack refused for being too many. */
  throttled: number;
  /** Replies that were posted in a channel while one of its cards waited. */
  repliesBefore: number;
  /** Milliseconds from the approving click to the edit that shows it, while cards were being posted. */
  decision: Spread;
}

const ASK = ['U0ANA', 'U0LEA', 'U0LEO'];
/** One post a second, and no burst: what Slack promises. */
const STRICT = { postsPerSecond: 1, burst: 1 };
/** Each so many'th card is approved as soon as it stands, so that there are edits and replies to make meanwhile. */
const APPROVED = 3;

/** Measures a fresh bot on the given database. */
export async function paceRow(
  database: Database,
  { channels, cards, way }: Pick<PaceRow, 'channels' | 'cards' | 'way'>,
): Promise<PaceRow> {
  const names = Array.from({ length: channels }, (_, index) => `C0PACE${index}`);
  const ends = await startFarEnds({ pace: STRICT, channels: names });
  const road = await farAway(ends.slack.apiUrl, way);
  const bot = await startBot({
    ...ends,
    ...database,
    slack: { apiUrl: road.url },
    policy: WIDE_POLICY.replace('slack: [', `slack: [${names.join(', ')}, `),
    env: { LOG_LEVEL: 'warn' },
  });
  ends.slack.setBotUrl(bot.slackUrl);
  const decisions = approveSome(ends.slack);
  try {
    await pause(SETTLE);
    const asked = names.flatMap((channel, at) =>
      Array.from({ length: cards }, (_, index) =>
        ends.slack.command({ user: ASK[index % ASK.length] ?? '', channel, text: lineOf(at * cards + index) }),
      ),
    );
    await Promise.all(asked);
    await allPosted(ends.slack, names, cards);
    await decisions.all();
    return { channels, cards, way, ...seen(ends.slack, names), decision: spread(decisions.took()) };
  } finally {
    decisions.stop();
    await bot.kill9();
    road.close();
    await ends.close();
  }
}

const isCard = ({ threadTs, channel }: Message): boolean => threadTs === null && channel.startsWith('C0PACE');

/** A lead's clicks on Approve, on some of the cards, as soon as they stand. */
function approveSome(slack: SlackWorkspace): { took(): number[]; all(): Promise<void>; stop(): void } {
  const clicked = new Map<string, number>();
  const took = new Map<string, number>();
  let looked = 0;
  const stop = slack.onChange(() => {
    const { messages } = slack.look();
    for (const [key, at] of clicked) {
      const message = messages.find(({ channel, ts }) => `${channel} ${ts}` === key);
      if (took.has(key) || !message || message.text.includes('Waiting for approval')) continue;
      took.set(key, Date.now() - at);
    }
    for (; looked < messages.length; looked++) {
      const message = messages[looked];
      if (message === undefined || !isCard(message)) continue;
      if (messages.filter((one) => isCard(one) && one.channel === message.channel).length % APPROVED !== 1) continue;
      const { channel, ts } = message;
      clicked.set(`${channel} ${ts}`, Date.now());
      const user = message.text.includes('Leo Lead wants') ? 'U0LEA' : 'U0LEO';
      setImmediate(() => void slack.click({ user, channel, ts, actionId: 'lr:approve' }));
    }
  });
  const all = () => until(slack, () => took.size === clicked.size, 60_000, 'Not all decisions were shown.');
  return { took: () => [...took.values()], all, stop };
}

/** Resolves when each channel has all of its cards. */
function allPosted(slack: SlackWorkspace, names: readonly string[], cards: number): Promise<void> {
  const all = () => slack.look().messages.filter(isCard).length >= names.length * cards;
  return until(slack, all, cards * 10_000, 'Not all cards were posted.');
}

/** Resolves when it holds, which may be at once. */
function until(slack: SlackWorkspace, holds: () => boolean, most: number, otherwise: string): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(() => reject(new Error(otherwise))), most);
    const stop = slack.onChange(() => holds() && finish(resolve));
    const finish = (then: () => void): void => {
      clearTimeout(late);
      stop();
      then();
    };
  });
}

function seen(
  slack: SlackWorkspace,
  names: readonly string[],
): Pick<PaceRow, 'percent' | 'throttled' | 'repliesBefore'> {
  const { messages, calls } = slack.state();
  const of = (channel: string) => messages.filter((one) => one.channel === channel);
  const used = names.map((channel) => {
    const times = of(channel)
      .filter(isCard)
      .map(({ ts }) => Number(ts));
    return ((times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0))) * 100;
  });
  const before = names.map((channel) => {
    const all = of(channel);
    return all.slice(0, all.findLastIndex(isCard)).filter((one) => !isCard(one)).length;
  });
  return {
    percent: { most: round(Math.max(...used)), least: round(Math.min(...used)) },
    throttled: calls.filter(({ method, status }) => method.startsWith('chat.') && status === 429).length,
    repliesBefore: before.reduce((sum, count) => sum + count, 0),
  };
}
