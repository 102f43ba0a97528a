import assert from 'node:assert/strict';
import { type DefenderTenant, startDefenderTenant } from '../../src/playground/defender-tenant/index.ts';
import { APP, type SlackWorkspace, startSlackWorkspace } from '../../src/playground/slack-workspace/index.ts';
import { type Bot, SECRETS, startBot } from '../support/bot.ts';
import { startPostgres } from '../support/postgres.ts';
import type { Side } from '../support/sides/side.ts';
import { slackSide } from '../support/sides/slack.ts';
import { QUICK } from '../torture/scene.ts';

const APP_TOKEN = 'xapp-1-A0LIVE-0123456789-instances';
const ANA = { user: 'U0ANA', channel: 'C0SOC' };
/** Two processes on one PostgreSQL, each with a connection to Slack, which sends every payload over one of them. */
describe('two instances in Socket Mode', function () {
  this.timeout(120_000);
  let slack: SlackWorkspace;
  let defender: DefenderTenant;
  let bots: [Bot, Bot];
  let side: Side;
  let start: () => Promise<Bot>;

  before(async () => {
    // As patient as Slack, but quicker to deliver an event again.
    const socketTimes = { patience: 2_000, retries: [0, 500, 1_000] };
    const { createDatabase } = await startPostgres();
    let databaseUrl = '';
    [databaseUrl, slack, defender] = await Promise.all([
      createDatabase(),
      startSlackWorkspace({ ...SECRETS, appToken: APP_TOKEN, socketTimes }),
      startDefenderTenant(QUICK),
    ]);
    const env = { SLACK_APP_TOKEN: APP_TOKEN, SLACK_SIGNING_SECRET: undefined };
    start = () => startBot({ slack, defender, databaseUrl, env });
    bots = await Promise.all([start(), start()]);
    await connected(2);
    side = slackSide(slack);
  });
  after(async () => {
    await Promise.all(bots.map((bot) => bot.kill9()));
    await Promise.all([slack.stop(), defender.close()]);
  });

  const socket = () => slack.socketMode ?? assert.fail('not in Socket Mode');
  const connected = (count: number) => slack.waitFor(() => socket().links() === count, 10_000);
  const say = (text: string) => slack.command({ ...ANA, text });
  const mention = (machine: string) =>
    slack.say({ ...ANA, text: `<@${APP.userId}> run ${machine} Get-Processes.ps1 --reason "INC-7"` });
  /** Ids of the requests whose card names the machine. */
  const requestsOn = (machine: string) => side.requests().filter((id) => side.card(id).text.includes(machine));

  it('fill one form in together: each of its steps is with another instance', async () => {
    await slack.shortcut({ user: 'U0ANA', callbackId: 'liveresponse_form' });
    const [machine] = (await slack.suggest({ user: 'U0ANA', block: 'machine', query: 'ws-041' })).options;
    assert.ok(machine);
    await slack.suggest({ user: 'U0ANA', block: 'script1', query: 'Get-Proc' });
    const filled = { machine: machine.value, script1: 'Get-Processes.ps1', words1: 'say "un' };
    await slack.submitModal({ user: 'U0ANA', filled });
    assert.match(slack.state().modals[0]?.errors.words1 ?? '', /never closed/);
    await slack.submitModal({ user: 'U0ANA', filled: { words1: '', reason: 'INC-77' } });
    assert.deepEqual(slack.state().modals, []);
    const id = await side.waitFor(() => requestsOn('ws-041')[0], 20_000);
    await side.shows(id, /Waiting for approval/);
    await slack.openHome({ user: 'U0LEA' });
    await slack.waitFor(({ homes }) => JSON.stringify(homes).includes(id), 10_000);
    await side.press('lea', id, 'deny');
    await side.shows(id, /Denied by Lea Lead/);
  });

  it('answer everybody while Slack renews their connections, and everybody once', async () => {
    const before = side.whispers('ana').length;
    const asked = [say('run ws-001 Get-Processes.ps1'), ...['whoami', 'pending', 'help'].map(say)];
    socket().dismiss('warning');
    asked.push(say('run ws-002 Get-Processes.ps1'), ...['whoami', 'pending', 'help'].map(say));
    const answers = await Promise.all(asked);
    await connected(2);
    const later = ['whoami', 'pending', 'help'].map(say);
    socket().dismiss('refresh_requested', false, 1);
    answers.push(...(await Promise.all([...later, say('whoami')])));
    await connected(2);
    assert.deepEqual(new Set(answers.map(({ failure }) => failure)), new Set([null]));
    await side.waitFor(() => side.whispers('ana').length >= before + answers.length, 20_000);
    for (const machine of ['ws-001', 'ws-002']) await side.waitFor(() => requestsOn(machine).length === 1, 20_000);
    assert.equal(side.whispers('ana').length, before + answers.length);
  });

  it('count a mention once whose acknowledgement is lost, also where the instance that took it is killed', async () => {
    socket().loseAnswers(2);
    const mentions = Promise.all([mention('srv-file-01'), mention('srv-web-01')]);
    for (const machine of ['srv-file-01', 'srv-web-01']) await side.waitFor(() => requestsOn(machine)[0], 20_000);
    await bots[0].kill9();
    for (const delivery of await mentions) assert.equal(delivery?.failure, null);
    assert.equal(socket().links(), 1);
    const pending = await side.answer('lea', 'pending');
    for (const machine of ['ws-001', 'ws-002', 'srv-file-01', 'srv-web-01'])
      assert.equal(pending.split(machine).length - 1, 1, `${machine} in ${pending}`);
  });

  it('share the work again when the killed one is back', async () => {
    bots[0] = await start();
    await connected(2);
    assert.match(await side.answer('ana', 'whoami'), /Ana Analyst/);
    assert.match(await side.answer('lea', 'whoami'), /Lea Lead/);
    assert.deepEqual(socket().complaints(), []);
  });
});
