import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { machineId } from '../../src/playground/defender-tenant/machines.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { policyWith, SECRETS } from '../support/bot.ts';

/** Our own limits as wide as the policy lets them be. */
export const WIDE_POLICY = policyWith('pollEvery: 5s, callsPerMinute: 600, concurrentSessions: 600');

/** Stand-ins without limits of their own, in this process. */
export interface FarEnds {
  slack: SlackWorkspace;
  defender: DefenderTenant;
  close(): Promise<void>;
}

/** Machines `bench-0` and so on. */
export const MACHINES = 40;

/** Starts Slack and Defender with more machines than usual. */
export async function startFarEnds(): Promise<FarEnds> {
  const slack = await startSlackWorkspace({ ...SECRETS, pace: 'off' });
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
    defender,
    close: async () => {
      await Promise.all([slack.stop(), defender.close()]);
    },
  };
}
