// Walks the whole way with Microsoft's own emulator: npm run build && npx tsx test/emulator/run.ts [folder for pictures]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { startBot } from '../support/bot.ts';
import { startEmulator } from './emulator.ts';
import { startGoBetween } from './go-between.ts';
import { install, VERSION } from './install.ts';
import { STEPS } from './journey.ts';
import { openPage } from './page.ts';
import { mintIdentity, POLICY } from './people.ts';

const folder = await mkdtemp(join(tmpdir(), 'liveresponse-emulator-'));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
try {
  const program = await install(folder);
  const identity = mintIdentity();
  const between = await startGoBetween(identity);
  ends.unshift(between.close);
  const defender = await startDefenderTenant({ speed: 30 });
  ends.unshift(defender.close);
  const env = {
    SLACK_BOT_TOKEN: undefined,
    SLACK_SIGNING_SECRET: undefined,
    SLACK_API_URL: undefined,
    TEAMS_APP_ID: identity.appId,
    TEAMS_TENANT_ID: identity.tenantId,
    TEAMS_APP_PASSWORD: identity.appPassword,
    TEAMS_LOGIN_URL: between.loginUrl,
    TEAMS_OPENID_METADATA_URL: between.openIdMetadataUrl,
  };
  const bot = await startBot({ slack: { apiUrl: '' }, defender, dataDir: join(folder, 'data'), policy: POLICY, env });
  ends.unshift(bot.kill9);
  const botUrl = `${bot.url}/api/messages`;
  between.connect({ botUrl });
  const emulator = await startEmulator(program, folder, { identity, between });
  ends.unshift(emulator.stop);
  const page = await openPage(emulator.url, process.argv[2]);
  ends.unshift(page.close);
  say(`The emulator ${VERSION} and the bot are up.`);
  for (const [name, step] of Object.entries(STEPS)) {
    await step({ emulator, page, between, botUrl });
    say(`✔ ${name}`);
  }
  const turnedAway = between.passed.filter(({ status }) => status >= 400);
  for (const { from, method, path, status } of turnedAway) say(`${from} ${method} ${path}: ${status}`);
  for (const line of bot.log.filter((one) => /"level":"(?:warn|error)"/.test(one))) say(line);
} finally {
  for (const end of ends) await end();
}
