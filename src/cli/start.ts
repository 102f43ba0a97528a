import { ignoredNames, readConfig, secretsOf } from '../config.ts';
import { createLog } from '../log.ts';

/** However stuck something is, the process has ended so long after it was asked to. Milliseconds. */
const HARD_STOP = 9_500;
/** The same for one that isn't ready yet: it has no work to finish. */
const STOP_WHILE_STARTING = 3_000;

/** Runs the bot until SIGTERM or SIGINT. Throws AppError when it can't start. */
export async function start(): Promise<void> {
  // Before anything that takes time: a signal that nobody listens to ends the process as if it had failed.
  const asked = stopAsked();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, { secrets: secretsOf(config) });
  const ignored = ignoredNames(process.env);
  if (ignored.length > 0)
    log.warn({ variables: ignored }, 'these variables are not settings of this bot and are ignored');
  const starting = import('../app.ts').then(({ startApp }) => startApp(config, log));
  process.on('SIGHUP', () => void starting.then((app) => app.reloadPolicy()).catch(() => undefined));
  const first = await Promise.race([starting, asked]);
  if (first === null) {
    log.info({}, 'stopping while starting');
    const late = setTimeout(() => process.exit(0), STOP_WHILE_STARTING);
    await starting.catch(() => undefined);
    clearTimeout(late);
  }
  await asked;
  log.info({}, 'stopping');
  setTimeout(() => process.exit(0), HARD_STOP);
  // What failed to start has stopped itself.
  const app = await starting.catch(() => null);
  await app?.stop();
  log.info({}, 'stopped');
  process.exit(0);
}

/** Null once a signal has asked this process to end. */
function stopAsked(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(null));
  });
}
