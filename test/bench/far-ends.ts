import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { machineId } from '../../src/playground/defender-tenant/machines.ts';
import {
  APP,
  type Channel,
  type Pace,
  type SlackWorkspace,
  startSlackWorkspace,
} from '../../src/playground/slack-workspace/index.ts';
import { startTeamsChannel, type TeamsChannel } from '../../src/playground/teams-channel/index.ts';
import { policyWith, SECRETS } from '../support/bot.ts';

/** Our own limits as wide as the policy lets them be. */
export const WIDE_POLICY = policyWith('pollEvery: 5s, callsPerMinute: 600, concurrentSessions: 600');

/** The bot of the bench as Entra knows it. */
export const TEAMS_APP = { appId: '6f1d2c3b-4a59-4e87-8c6d-0b1a2f3e4d5c', appPassword: 'a secret of the bench only' };

/** Stand-ins without limits of their own, in this process. */
export interface FarEnds {
  slack: SlackWorkspace;
  teams: TeamsChannel;
  defender: DefenderTenant;
  close(): Promise<void>;
}

/** Machines `bench-0` and so on. */
export const MACHINES = 40;

/** Starts all of them, with more machines than usual; Slack with limits where they are given, and with more channels. */
export async function startFarEnds(slackHas: { pace?: Pace; channels?: string[] } = {}): Promise<FarEnds> {
  const channels = (slackHas.channels ?? []).map((id) => channelOf(id));
  const slack = await startSlackWorkspace({ ...SECRETS, pace: slackHas.pace ?? 'off', channels });
  const teams = await startTeamsChannel({ ...TEAMS_APP, pace: 'off' });
  const limits = { submissionsPerMinute: 10_000, readsPerMinute: 10_000, readsPerHour: 100_000, sessions: 10_000 };
  const defender = await startDefenderTenant({ limits });
  const model = defender.machines.find('ws-042');
  if (model === undefined) throw new Error('The tenant has no ws-042.');
  for (let index = 0; index < MACHINES; index++) {
    const name = `bench-${index}`;
    defender.machines.all().push({ ...model, id: machineId(name), computerDnsName: `${name}.contoso.example` });
  }
  return {
    slack,
    teams,
    defender,
    close: async () => {
      await Promise.all([slack.stop(), teams.stop(), defender.close()]);
    },
  };
}

function channelOf(id: string): Channel {
  const members = ['U0ANA', 'U0LEA', 'U0LEO', APP.userId];
  return { id, name: id.toLowerCase(), kind: 'public', members, shared: false };
}

/** What turns Teams on. */
export function withTeams({ teams }: Pick<FarEnds, 'teams'>): NodeJS.ProcessEnv {
  return {
    TEAMS_APP_ID: TEAMS_APP.appId,
    TEAMS_APP_PASSWORD: TEAMS_APP.appPassword,
    TEAMS_TENANT_ID: teams.tenantId,
    TEAMS_LOGIN_URL: teams.loginUrl,
    TEAMS_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    GRAPH_URL: teams.graphUrl,
  };
}

/** What turns Slack off. */
export const WITHOUT_SLACK: NodeJS.ProcessEnv = {
  SLACK_BOT_TOKEN: undefined,
  SLACK_SIGNING_SECRET: undefined,
  SLACK_API_URL: undefined,
};

/** A command; none is the same as another, which the bot would ask about. */
export function lineOf(index: number): string {
  return `run bench-${index % MACHINES} minidump.ps1 Process${index} then get C:\\windows\\TEMP\\Process${index}.dmp.zip`;
}
