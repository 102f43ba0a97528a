import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import type { Side } from '../support/sides/side.ts';
import { slackSide } from '../support/sides/slack.ts';
import { QUICK } from '../torture/scene.ts';

const APP_TOKEN = 'xapp-1-A0LIVE-0123456789-journey';
const LINE = 'run ws-042 minidump.ps1 OfficeClickToRun --reason "INC-1234"';

describe('a request in Socket Mode', function () {
  this.timeout(60_000);
  let folder: string;
  let slack: SlackWorkspace;
  let defender: DefenderTenant;
  let bot: Bot;
  let side: Side;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liveresponse-socket-'));
    [slack, defender] = await Promise.all([
      startSlackWorkspace({ ...SECRETS, appToken: APP_TOKEN }),
      startDefenderTenant(QUICK),
    ]);
    const env = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: undefined };
    bot = await startBot({ slack, defender, dataDir: join(folder, 'data'), env });
    side = slackSide(slack);
  });
  after(async () => {
    await bot.kill9();
    await Promise.all([slack.stop(), defender.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  const healthOfSlack = async (): Promise<unknown> => {
    const answer = await fetch(`${bot.url}/readyz`);
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { slack: string }).slack;
  };

  it('goes from the typed line to its end, while Slack renews and cuts the connection', async () => {
    await bot.says(/Connected to Slack/);
    assert.equal(await healthOfSlack(), 'ok');
    assert.equal((await fetch(bot.slackUrl, { method: 'POST', body: 'command=/liveresponse' })).status, 404);

    const id = await side.waiting(LINE);
    assert.match(await side.refusal('max', id, 'approve'), /You may not approve/);
    slack.socketMode?.dismiss('warning');
    await side.press('lea', id, 'approve');
    await side.waitFor(() => side.thread(id).some(({ text }) => /^Lea Lead approved/.test(text)), 10_000);
    slack.socketMode?.cut();
    assert.match((await side.ended(id)).text, /Finished/);
    assert.equal(defender.executions(`${id}.1`), 1);

    await bot.says(/Slack renews the connection/);
    await bot.says(/The connection to Slack broke/);
    await slack.waitFor(() => slack.socketMode?.links() === 1);
    assert.match(await side.answer('ana', `status ${id}`), /Finished/);
  });

  it('ends when asked to, and lets go of the connection', async () => {
    assert.equal((await bot.sigterm()).code, 0);
    assert.equal(slack.socketMode?.links(), 0);
    assert.deepEqual(slack.socketMode?.complaints(), []);
    assert.ok(bot.log.length > 0 && bot.log.every((line) => !line.includes('xapp-') && !line.includes('ticket=')));
  });
});
