import { setTimeout as pause } from 'node:timers/promises';
import type { FarEnds } from './far-ends.ts';
import { type Spread, spread } from './numbers.ts';

/** Slack's pace of one post a second and channel: a card and a reply each time, so that no journey waits for another. */
const BETWEEN = 2_200;
const PATIENCE = 15_000;

/** One request after the other: from its acknowledgement to its card, and from the click to the call that reaches Defender. */
export async function journeys(
  ends: FarEnds,
  count: number,
): Promise<{ acknowledgedToCard: Spread; clickToDefender: Spread }> {
  const cards: number[] = [];
  const calls: number[] = [];
  for (let index = 0; index < count; index++) {
    const line = `run bench-${index} minidump.ps1 Journey${index}`;
    const { body } = await ends.slack.command({ user: 'U0ANA', channel: 'C0SOC', text: line });
    const acknowledged = Date.now();
    const id = /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? '';
    const ts = await cardOf(ends, id);
    cards.push(Number(ts) * 1_000 - acknowledged);
    await pause(BETWEEN / 2);
    const clicked = Date.now();
    await ends.slack.click({ user: 'U0LEA', channel: 'C0SOC', ts, actionId: 'lr:approve' });
    calls.push((await submissionOf(ends, id)) - clicked);
    await pause(BETWEEN);
  }
  return { acknowledgedToCard: spread(cards), clickToDefender: spread(calls) };
}

/** The card's ts, which is the time of its post, as soon as it can be approved. */
function cardOf({ slack }: FarEnds, id: string): Promise<string> {
  return slack.waitFor(
    ({ messages }) =>
      messages.find((one) => one.threadTs === null && JSON.stringify(one.blocks).includes(`"${id}:1"`))?.ts,
    PATIENCE,
  );
}

/** When the submission of the request reached Defender. */
async function submissionOf({ defender }: FarEnds, id: string): Promise<number> {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await pause(25)) {
    const call = defender.state().calls.findLast((one) => one.raw?.includes(`[${id}.1]`) === true);
    if (call !== undefined) return call.at;
  }
  throw new Error(`${id} did not reach Defender.`);
}
