import { setTimeout as pause } from 'node:timers/promises';
import { createSigner } from '../../src/playground/teams-channel/sign.ts';
import { startBot } from '../support/bot.ts';
import { startChild } from '../support/children.ts';
import { type Acknowledgement, type Comparison, compare } from './acknowledge.ts';
import { type Database, type Plan, PREPARE } from './bot-rows.ts';
import { type Deliveries, drive } from './drive.ts';
import { lineOf, startFarEnds, TEAMS_APP, WIDE_POLICY, WITHOUT_SLACK, withTeams } from './far-ends.ts';
import { SETTLE } from './slack-pair.ts';
import { approvalActivity, requestIds, typedActivities } from './teams-deliveries.ts';

/** What was measured of one bot with Teams alone. */
export interface TeamsRows {
  /** A message: stored, then answered. */
  command: Acknowledgement;
  /** A click: stored, decided with rights asked afresh, then answered with what came of it, if that is soon. */
  click: Acknowledgement;
  /** How many of the bot's answers to clicks told that it is done; the others say that it is still being checked. */
  clicksDone: number;
}

/** Measures a fresh bot with Teams on the given database, next to bare botbuilder on express. */
export async function teamsRows(database: Database, plan: Plan): Promise<TeamsRows> {
  const ends = await startFarEnds();
  const { teams } = ends;
  const env = { LOG_LEVEL: 'warn', ...WITHOUT_SLACK, ...withTeams(ends) };
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env });
  const { appId } = TEAMS_APP;
  const bare = startChild(new URL('./bare-botbuilder.ts', import.meta.url), [
    appId,
    teams.tenantId,
    teams.openIdMetadataUrl,
  ]);
  const signer = createSigner({ appId, now: Date.now });
  try {
    const to = (url: string) => (load: Deliveries) =>
      drive({ ...load, url, proof: { bearer: signer.token(teams.serviceUrl) } });
    const both: Comparison = {
      bot: { pids: [bot.pid], drive: to(`${bot.url}/api/messages`) },
      bare: { pids: [bare.pid], drive: to(await bare.says((line) => line.startsWith('http'))) },
      perSecond: plan.perSecond,
    };
    await pause(SETTLE);
    const lines = Array.from({ length: plan.perSecond * plan.loadSeconds }, (_, index) => lineOf(index));
    const messages = await typedActivities(teams, lines);
    const commands = await compare(both, () => messages);
    await pause(PREPARE);
    const ids = requestIds(teams);
    const clicks = await compare(both, () => ids.map((id) => approvalActivity(messages[0] ?? '', id)));
    const clicksDone = clicks.sent.filter(({ body }) => body.includes('Done.')).length;
    return { command: commands.row, click: clicks.row, clicksDone };
  } finally {
    await Promise.all([bot.kill9(), bare.kill()]);
    await ends.close();
  }
}
