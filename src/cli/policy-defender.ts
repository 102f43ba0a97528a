import { readDefenderConfig } from '../config.ts';
import { createDefender, type DefenderClient } from '../defender/client.ts';
import { createLog } from '../log.ts';
import { secretsIn } from '../model/credential.ts';

const SILENT = { defenderCall: () => undefined, throttled: () => undefined };

/**
 * Defender as the environment says, for a look from the command line. Null where nothing of it is set; set in part or wrongly, it is
 * an error, so that a typo doesn't silently mean “not configured”.
 */
export function defenderOf(env: NodeJS.ProcessEnv): DefenderClient | null {
  if (!Object.keys(env).some((name) => /^DEFENDER_(?:TENANT|CLIENT|CERTIFICATE|MANAGED)_/.test(name))) return null;
  const { visibilityLag: _, ...config } = readDefenderConfig(env);
  return createDefender({
    ...config,
    clock: { now: () => Date.now() },
    log: createLog('fatal', { destination: process.stderr, secrets: secretsIn(config.credential) }),
    metrics: SILENT,
    budget: {
      takeRead: async () => ({ wait: 0, outage: false }),
      readEnded: async () => undefined,
      blockReads: async () => undefined,
    },
  });
}
