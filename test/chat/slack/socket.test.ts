import assert from 'node:assert/strict';
import { answer, type PrivateAnswer } from '../../../src/model/notice.ts';
import { APP, type SlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';
import { until } from './fake-slack.ts';
import { APP_TOKEN, type Bot, createBot, QUICK, startWorkspace } from './socket-bot.ts';

const ana = { user: 'U0ANA', channel: 'C0SOC' };
const COMMAND = { ...ana, text: 'run ws-042 minidump.ps1' };
const MENTION = { ...ana, text: `<@${APP.userId}> status` };

/** A promise that somebody else keeps. */
function promised<T>() {
  let keep: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
}

describe('Slack in Socket Mode', () => {
  let workspace: SlackWorkspace;
  let bot: Bot;
  const others: Bot[] = [];

  beforeEach(async () => {
    workspace = await startWorkspace();
    bot = createBot(workspace.apiUrl);
  });
  afterEach(async () => {
    await Promise.all([bot, ...others.splice(0)].map(({ slack }) => slack.stop()));
    assert.deepEqual(workspace.socketMode?.complaints(), []);
    await workspace.stop();
    for (const words of [...bot.log.lines]) assert.ok(!words.includes(APP_TOKEN) && !words.includes('ticket='), words);
  });

  const links = () => workspace.socketMode?.links() ?? 0;
  const whispers = () => workspace.state().ephemerals.map(({ text }) => text);
  const opened = () => workspace.state().calls.filter(({ method }) => method === 'apps.connections.open');
  async function connect(one = bot): Promise<void> {
    one.slack.start();
    await until(() => one.slack.health() === 'ok');
  }

  it('takes commands without a signing secret, and answers their author in the acknowledgement', async () => {
    assert.equal(bot.slack.health(), 'degraded');
    await connect();
    const { status, failure } = await workspace.command(COMMAND);
    assert.deepEqual([status, failure], [200, null]);
    assert.deepEqual(whispers(), ['Got it, LR-8K3F2Q.']);
    const [line] = bot.lines;
    assert.deepEqual([line?.text, line?.person.id, line?.channel], [COMMAND.text, 'U0ANA', 'C0SOC']);
    assert.equal(bot.metrics.acks, 1);
    assert.deepEqual(bot.router.stack, [], 'and nothing is taken over HTTP');
  });

  it('gives a delivery that comes twice to the inbox under the same key', async () => {
    await connect();
    const first = await workspace.command({ ...COMMAND, times: 2 });
    await workspace.replay(first.id);
    assert.equal(bot.lines.length, 3);
    assert.equal(new Set(bot.lines.map(({ delivery }) => delivery)).size, 1);
    await workspace.command(COMMAND);
    assert.equal(new Set(bot.lines.map(({ delivery }) => delivery)).size, 2);
  });

  it('acknowledges when it has stored, and not before', async () => {
    await connect();
    const stored = promised<PrivateAnswer | null>();
    bot.typed = () => stored.promise;
    const delivery = workspace.command(COMMAND);
    await until(() => bot.lines.length === 1);
    assert.equal(workspace.state().deliveries.length, 0);
    stored.keep(null);
    assert.deepEqual((await delivery).body, '');
  });

  it('gets an event that it could not store again, under the same key', async () => {
    const hasty = await startWorkspace(100);
    const other = createBot(hasty.apiUrl);
    await connect(other);
    other.typed = async () => {
      other.typed = async () => null;
      throw new Error('the database is away');
    };
    const delivery = await hasty.say(MENTION);
    assert.equal(delivery?.failure, null);
    assert.ok(other.lines.length >= 2);
    assert.equal(new Set(other.lines.map((line) => line.delivery)).size, 1);
    await other.slack.stop();
    await hasty.stop();
  });

  for (const reason of ['warning', 'refresh_requested'] as const) {
    it(`connects anew before it lets go of a connection that ends soon (${reason}), and answers there what came there`, async () => {
      await connect();
      const stored = promised<PrivateAnswer | null>();
      bot.typed = () => stored.promise;
      const before = workspace.command(COMMAND);
      await until(() => bot.lines.length === 1);
      workspace.socketMode?.dismiss(reason);
      await until(() => links() === 2);
      const after = workspace.command(COMMAND);
      await until(() => bot.lines.length === 2);
      assert.equal(bot.slack.health(), 'ok');
      stored.keep(answer('Got it.'));
      assert.deepEqual([(await before).failure, (await after).failure], [null, null]);
      await until(() => links() === 1);
      assert.deepEqual(whispers(), ['Got it.', 'Got it.']);
    });
  }

  it('loses nothing that Slack delivers again when the connection breaks, and does nothing twice', async () => {
    await connect();
    const stored = promised<PrivateAnswer | null>();
    bot.typed = () => stored.promise;
    const [command, mention] = [workspace.command(COMMAND), workspace.say(MENTION)];
    await until(() => bot.lines.length === 2);
    workspace.socketMode?.cut();
    await until(() => opened().length === 2);
    stored.keep(answer('Got it, LR-8K3F2Q.'));
    assert.equal((await command).failure, 'connection');
    assert.equal((await mention)?.failure, null);
    const keys = bot.lines.map(({ delivery }) => delivery);
    assert.deepEqual([keys.length, new Set(keys).size], [3, 2]);
    // Slack tells the author of the command that it failed; what it came to reaches them another way.
    await until(() => whispers().filter((words) => words === 'Got it, LR-8K3F2Q.').length >= 2);
    assert.ok(whispers().includes('/liveresponse failed with the error "dispatch_failed"'));
  });

  it('notices a connection on which nothing comes any more', async () => {
    const wary = createBot(workspace.apiUrl, { socketTimes: { ...QUICK, beat: 25 } });
    others.push(wary);
    await connect(wary);
    workspace.socketMode?.freeze();
    await until(() => opened().length > 1 && wary.slack.health() === 'ok');
    assert.equal((await workspace.command(COMMAND)).failure, null);
  });

  it('keeps asking while Slack does not let it in, and then works', async () => {
    for (const kind of ['status', 'reset', 'error'] as const)
      workspace.fault({ method: 'apps.connections.open', kind });
    workspace.fault({ method: 'apps.connections.open', kind: 'rate_limited', retryAfter: 1 });
    const began = Date.now();
    await connect();
    assert.ok(Date.now() - began >= 1_000, 'waits as long as Slack says');
    assert.equal(opened().length, 5);
    assert.equal((await workspace.command(COMMAND)).failure, null);
  });

  it('says what to mend where the token is not good, without showing it', async () => {
    const wrong: [token: string, words: RegExp][] = [
      ['xapp-another', /invalid_auth.*Slack doesn't accept SLACK_APP_TOKEN.*connections:write/],
      ['xoxb-secret', /not_allowed_token_type.*SLACK_APP_TOKEN isn't an app-level token/],
    ];
    for (const [appToken, words] of wrong) {
      const odd = createBot(workspace.apiUrl, { appToken });
      others.push(odd);
      odd.slack.start();
      await until(() => odd.log.lines.some((line) => words.test(line)));
      assert.equal(odd.slack.health(), 'degraded');
      assert.ok(odd.log.lines.every((line) => !line.includes(appToken)));
    }
  });

  it('says what to mend where Socket Mode was switched off, or too many use the token', async () => {
    await connect();
    workspace.socketMode?.dismiss('link_disabled', true);
    await until(() => bot.log.lines.some((line) => /link_disabled.*switch it on under Socket Mode/.test(line)));
    await until(() => links() === 1);
    others.push(...Array.from({ length: 10 }, () => createBot(workspace.apiUrl)));
    for (const { slack } of others) slack.start();
    await until(() => links() === 10);
    await until(() =>
      others.some(({ log }) => log.lines.some((line) => /too_many_websockets.*All ten connections/.test(line))),
    );
    assert.equal(others.filter(({ slack }) => slack.health() === 'ok').length, 9);
  });

  it('shares the work among several instances, each delivery with one of them', async () => {
    const second = createBot(workspace.apiUrl);
    others.push(second);
    await Promise.all([connect(), connect(second)]);
    for (let i = 0; i < 6; i++) assert.equal((await workspace.command(COMMAND)).failure, null);
    assert.deepEqual([bot.lines.length, second.lines.length], [3, 3]);
    await second.slack.stop();
    for (let i = 0; i < 2; i++) assert.equal((await workspace.command(COMMAND)).failure, null);
    assert.deepEqual([bot.lines.length, second.lines.length], [5, 3]);
  });

  it('takes nothing more once it stops, and answers what it took', async () => {
    await connect();
    const stored = promised<PrivateAnswer | null>();
    bot.typed = () => stored.promise;
    const taken = workspace.command(COMMAND);
    await until(() => bot.lines.length === 1);
    bot.slack.takeNoMore();
    const late = workspace.command(COMMAND);
    const stopped = bot.slack.stop();
    stored.keep(answer('Got it, LR-8K3F2Q.'));
    assert.equal((await taken).failure, null);
    assert.equal((await late).failure, 'connection');
    await stopped;
    assert.deepEqual([bot.lines.length, links()], [1, 0]);
    assert.equal(whispers()[0], 'Got it, LR-8K3F2Q.');
  });

  it('stops at once while it is not connected', async () => {
    workspace.fault({ method: 'apps.connections.open', kind: 'hang', times: 5 });
    bot.slack.start();
    await until(() => opened().length === 1);
    const began = Date.now();
    await bot.slack.stop();
    assert.ok(Date.now() - began < 1_500);
  });

  it('survives what it cannot read, with a count and a log line that quotes nothing', async () => {
    await connect();
    const frames = [
      'x-secret-x',
      'null',
      '[]',
      '{"type":"events_api"}',
      '{"type":"slash_commands","envelope_id":"e1","payload":null}',
      '{"type":"slash_commands","envelope_id":"","payload":{}}',
      '{"type":"slash_commands","envelope_id":"e2","payload":{"command":"/x-secret-x"}}',
      '{"type":"interactive","envelope_id":"e3","payload":{"type":"block_actions","actions":7}}',
    ];
    for (const frame of frames) workspace.socketMode?.sendRaw(frame);
    await until(() => bot.metrics.rejected.length === frames.length);
    assert.deepEqual(new Set(bot.metrics.rejected), new Set(['unreadable']));
    assert.ok(bot.log.lines.every((line) => !line.includes('x-secret-x')));
    assert.equal((await workspace.command(COMMAND)).failure, null);
    assert.equal(opened().length, 1, 'on the same connection');
  });

  it('asks for patience when storing takes long, and answers when it is done', async () => {
    const slow = createBot(workspace.apiUrl, { ackBy: 20, socketTimes: QUICK });
    others.push(slow);
    await connect(slow);
    const stored = promised<PrivateAnswer | null>();
    slow.typed = () => stored.promise;
    assert.match((await workspace.command(COMMAND)).body, /slow right now/);
    stored.keep(answer('Got it, LR-8K3F2Q.'));
    await until(() => whispers().includes('Got it, LR-8K3F2Q.'));
  });
});
