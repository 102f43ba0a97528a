import { setTimeout as pause } from 'node:timers/promises';
import { type Acknowledgement, compare } from './acknowledge.ts';
import { PREPARE } from './bot-rows.ts';
import { approvalBody, typedBody } from './deliveries.ts';
import { lineOf } from './far-ends.ts';
import type { Pair } from './slack-pair.ts';

/** Everybody who may ask, in turn: one person alone would meet the limit for one person. */
const ASK = ['U0ANA', 'U0GUS', 'U0LEA', 'U0LEO'];
/** Everybody who may approve. */
const APPROVE = ['U0LEA', 'U0LEO'];
/** Typed before at an ordinary pace, so that what is measured isn't the start of the process. */
const BEFORE = { lines: 40, perSecond: 20 };

/** How a bot with Slack acknowledges far more than people type. */
export interface FloodRow {
  perSecond: number;
  command: Acknowledgement;
  click: Acknowledgement;
}

/** Measures a fresh bot under so many commands a second, then so many clicks, next to bare Bolt, and closes both. */
export async function floodRow(pair: Pair, perSecond: number, seconds: number): Promise<FloodRow> {
  const both = pair.both(perSecond);
  try {
    const before = Array.from({ length: BEFORE.lines }, (_, index) =>
      typedBody(lineOf(index), ASK[index % ASK.length]),
    );
    for (const one of [both.bare, both.bot]) await one.drive({ perSecond: BEFORE.perSecond, bodies: before });
    const lines = Array.from({ length: perSecond * seconds }, (_, index) => lineOf(BEFORE.lines + index));
    const commands = await compare(both, () => lines.map((line, index) => typedBody(line, ASK[index % ASK.length])));
    await pause(PREPARE);
    const ids = commands.sent.flatMap(({ body }) => /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? []);
    const clicks = await compare(both, () => ids.map((id, index) => approvalBody(id, APPROVE[index % APPROVE.length])));
    return { perSecond, command: commands.row, click: clicks.row };
  } finally {
    await pair.close();
  }
}
