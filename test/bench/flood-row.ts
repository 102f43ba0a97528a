import { setTimeout as pause } from 'node:timers/promises';
import { SECRETS, startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import { type Acknowledgement, type Comparison, compare } from './acknowledge.ts';
import { type Database, PREPARE, SETTLE } from './bot-rows.ts';
import { approvalBody, typedBody } from './deliveries.ts';
import { drive } from './drive.ts';
import { lineOf, startFarEnds, WIDE_POLICY } from './far-ends.ts';

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

/** Measures a fresh bot on the given database under so many commands a second, then so many clicks, next to bare Bolt. */
export async function floodRow(database: Database, perSecond: number, seconds: number): Promise<FloodRow> {
  const ends = await startFarEnds();
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env: { LOG_LEVEL: 'warn' } });
  const bare = startChild(new URL('./bare-bolt.ts', import.meta.url), [SECRETS.signingSecret]);
  try {
    ends.slack.setBotUrl(bot.slackUrl);
    const bareUrl = await bare.says((line) => line.startsWith('http'));
    await pause(SETTLE);
    const both: Comparison = {
      bot: { pid: bot.pid, url: bot.slackUrl },
      bare: { pid: bare.pid, url: bareUrl },
      perSecond,
      proof: () => ({ slackSecret: SECRETS.signingSecret }),
    };
    const before = Array.from({ length: BEFORE.lines }, (_, index) =>
      typedBody(lineOf(index), ASK[index % ASK.length]),
    );
    await drive({ url: bot.slackUrl, proof: both.proof(), perSecond: BEFORE.perSecond, bodies: before });
    const lines = Array.from({ length: perSecond * seconds }, (_, index) => lineOf(BEFORE.lines + index));
    const commands = await compare(both, () => lines.map((line, index) => typedBody(line, ASK[index % ASK.length])));
    await pause(PREPARE);
    const ids = commands.sent.flatMap(({ body }) => /LR-[0-9A-Z]{6}/.exec(body)?.[0] ?? []);
    const clicks = await compare(both, () => ids.map((id, index) => approvalBody(id, APPROVE[index % APPROVE.length])));
    return { perSecond, command: commands.row, click: clicks.row };
  } finally {
    await Promise.all([bot.kill9(), bare.kill()]);
    await ends.close();
  }
}
