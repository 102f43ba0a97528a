import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Log } from '../../src/flow/ports.ts';
import type { Platform } from '../../src/model/person.ts';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { GROUPS, PEOPLE, startTeamsChannel, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import { botEnvironment, FAST_POLICY, freePort, SECRETS, TEAMS_APP } from '../support/bot.ts';
import type { Side } from '../support/sides/side.ts';
import { slackSide } from '../support/sides/slack.ts';
import { teamsSide } from '../support/sides/teams.ts';
import { QUICK } from '../torture/scene.ts';

/** In Teams, Lea is a lead by name and Leo only through an Entra group. */
const POLICY = FAST_POLICY.replace(
  `users: [${PEOPLE.lea}, ${PEOPLE.leo}]`,
  `users: [${PEOPLE.lea}], entraGroups: [${GROUPS.leads}]`,
);

/** The whole bot in this process, with both platforms and Defender. */
export interface Stage {
  sides: Record<Platform, Side>;
  teams: TeamsChannel;
  defender: DefenderTenant;
  /** What the bot logged as an error. */
  errors: string[];
  close(): Promise<void>;
}

/** Sets the stage: a bot on an empty database, ready for both platforms. */
export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'liveresponse-journeys-'));
  const [slack, teams, defender] = await Promise.all([
    startSlackWorkspace(SECRETS),
    startTeamsChannel(TEAMS_APP),
    startDefenderTenant(QUICK),
  ]);
  const policyFile = join(folder, 'policy.yaml');
  await writeFile(policyFile, POLICY);
  const port = await freePort();
  const environment = botEnvironment({ slack, teams, defender, dataDir: join(folder, 'data') }, port);
  const errors: string[] = [];
  const app = await startApp(readConfig({ ...environment, POLICY_FILE: policyFile }), logOf(errors));
  const url = `http://127.0.0.1:${port}`;
  slack.setBotUrl(`${url}/slack/events`);
  teams.setBotUrl(`${url}/api/messages`);
  return {
    sides: { slack: slackSide(slack), teams: teamsSide(teams) },
    teams,
    defender,
    errors,
    async close() {
      await app.stop();
      await Promise.all([slack.stop(), teams.stop(), defender.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function logOf(errors: string[]): Log {
  const error = (fields: object, message: string) => {
    const cause = 'error' in fields ? String(fields.error) : '';
    errors.push(`${message} ${cause}`);
  };
  return { debug() {}, info() {}, warn() {}, error };
}
