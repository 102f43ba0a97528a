import { startApp } from '../app.ts';
import { readConfig, secretsOf } from '../config.ts';
import { createLog } from '../log.ts';

/** However stuck something is, the process has ended after this. Milliseconds. */
const HARD_STOP = 9_500;

/** Runs the bot until SIGTERM or SIGINT. */
export async function start(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, { secrets: secretsOf(config) });
  const app = await startApp(config, log);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  log.info({}, 'stopping');
  setTimeout(() => process.exit(0), HARD_STOP).unref();
  await app.stop();
  log.info({}, 'stopped');
  process.exit(0);
}
