import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { Router } from 'express';
import { checkMessage } from '../../../src/chat/slack/check.ts';
import { createSlack, type Slack } from '../../../src/chat/slack/index.ts';
import { AppError } from '../../../src/errors.ts';
import type { Click, TypedLine } from '../../../src/flow/ports.ts';
import { answer, type PrivateAnswer } from '../../../src/model/notice.ts';
import { clock, FakeSlack, memoryLog, memoryMetrics, refuse, SECRET, signed, until } from './fake-slack.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('listening to Slack', () => {
  let fake: FakeSlack;
  let slack: Slack;
  let server: Server;
  let log: ReturnType<typeof memoryLog>;
  let metrics: ReturnType<typeof memoryMetrics>;
  let lines: TypedLine[];
  let clicks: Click[];
  let homes: string[];
  let typed: (line: TypedLine) => Promise<PrivateAnswer>;
  let clicked: (click: Click) => Promise<PrivateAnswer | null>;

  beforeEach(async () => {
    fake = await FakeSlack.start();
    fake.on('auth.test', { team_id: 'T0HOME', user_id: 'U0BOT', enterprise_id: 'E0HOME' });
    fake.on('conversations.info', { channel: { id: 'C0SOC', name: 'soc', is_ext_shared: false } });
    [log, metrics, lines, clicks, homes] = [memoryLog(), memoryMetrics(), [], [], []];
    typed = async () => answer('Got it, LR-8K3F2Q.');
    clicked = async () => null;
    const router = Router();
    slack = createSlack({
      botToken: 'xoxb-secret',
      signingSecret: SECRET,
      apiUrl: fake.apiUrl,
      channels: () => ['C0SOC'],
      userGroups: () => [],
      router,
      inbox: {
        typed(line) {
          lines.push(line);
          return typed(line);
        },
        clicked(click) {
          clicks.push(click);
          return clicked(click);
        },
        tell: async () => {},
        suggest: async () => [],
        home: async ({ person }) => {
          homes.push(person.id);
          return null;
        },
      },
      clock,
      log,
      metrics,
      ackBy: 200,
    });
    server = createServer(express().use(router));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await slack.stop();
    await fake.stop();
  });

  async function connect(): Promise<void> {
    slack.start();
    await until(() => slack.health() === 'ok' && slack.chat.channelName('C0SOC') === '#soc');
  }

  function send(body: string, headers: Record<string, string>): Promise<Response> {
    const { port } = server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body, headers });
  }
  const sendForm = (body: string, headers = signed(body, Date.now())) =>
    send(body, { 'content-type': FORM, ...headers });
  const sendJson = (value: object, body = JSON.stringify(value)) =>
    send(body, { 'content-type': 'application/json', ...signed(body, Date.now()) });
  const sendPayload = (value: object) => sendForm(String(new URLSearchParams({ payload: JSON.stringify(value) })));

  const command = (change: Record<string, string> = {}) =>
    String(
      new URLSearchParams({
        command: '/liveresponse',
        text: 'run ws-042 minidump.ps1',
        user_id: 'U0ANA',
        user_name: 'ana',
        team_id: 'T0HOME',
        channel_id: 'C0SOC',
        channel_name: 'soc',
        trigger_id: '1.2.abc',
        response_url: `${fake.origin}/respond/1`,
        is_enterprise_install: 'false',
        ...change,
      }),
    );
  const click = (change: object = {}) => ({
    type: 'block_actions',
    user: { id: 'U0LEA', team_id: 'T0HOME', name: 'lea' },
    team: { id: 'T0HOME', domain: 'home' },
    channel: { id: 'C0SOC', name: 'soc' },
    container: { type: 'message', message_ts: '1700000001.123456', channel_id: 'C0SOC' },
    trigger_id: '3.4.def',
    response_url: `${fake.origin}/respond/2`,
    actions: [{ type: 'button', action_id: 'lr:approve', block_id: 'b', value: 'LR-8K3F2Q:1', action_ts: '1.1' }],
    ...change,
  });
  const opened = (change: object = {}) => ({
    type: 'event_callback',
    team_id: 'T0HOME',
    event_id: 'Ev2',
    event: { type: 'app_home_opened', user: 'U0ANA', channel: 'D0ANA', tab: 'home', event_ts: '1700000009.000100' },
    ...change,
  });
  const turned = {
    actions: [{ type: 'button', action_id: 'lrhome:older', block_id: 'b', value: '12', action_ts: '1.1' }],
  };
  const mention = (change: object = {}, event: object = {}) => ({
    type: 'event_callback',
    team_id: 'T0HOME',
    event_id: 'Ev1',
    authorizations: [{ team_id: 'T0HOME', enterprise_id: null, is_enterprise_install: false }],
    event: {
      type: 'app_mention',
      user: 'U0ANA',
      team: 'T0HOME',
      text: '<@U0BOT> cancel &lt;now&gt; <http://ws-042.contoso.com|ws-042.contoso.com>',
      channel: 'C0SOC',
      ts: '1700000009.000100',
      thread_ts: '1700000001.123456',
      ...event,
    },
    ...change,
  });

  it('hands a command on, and answers its author alone', async () => {
    await connect();
    const response = await sendForm(command());
    const body = (await response.json()) as { response_type: string; text: string };
    assert.equal(response.status, 200);
    assert.equal(body.response_type, 'ephemeral');
    assert.equal(body.text, 'Got it, LR-8K3F2Q.');
    assert.deepEqual(checkMessage(body), []);
    const [line] = lines;
    assert.ok(line);
    const { replyTo, ...rest } = line;
    assert.deepEqual(rest, {
      delivery: 'slack:1.2.abc',
      person: { platform: 'slack', id: 'U0ANA', tenant: 'T0HOME', name: 'ana' },
      channel: 'C0SOC',
      place: 'C0SOC',
      thread: null,
      text: 'run ws-042 minidump.ps1',
    });
    assert.ok(replyTo.includes('/respond/1'));
    assert.equal(metrics.acks, 1);
  });

  it('takes any command name, no words at all, and a form with a charset', async () => {
    const body = command({ command: '/lr', text: '' });
    const response = await send(body, { 'content-type': `${FORM}; charset=utf-8`, ...signed(body, Date.now()) });
    assert.equal(response.status, 200);
    assert.equal(lines[0]?.text, '');
  });

  it('takes a command while the Web API of Slack is away', async () => {
    await fake.stop();
    slack.start();
    assert.equal((await sendForm(command())).status, 200);
    assert.equal(slack.health(), 'degraded');
    assert.equal(lines.length, 1);
    fake = await FakeSlack.start();
  });

  it('knows no channel in a private chat', async () => {
    await sendForm(command({ channel_id: 'D0ANA', channel_name: 'directmessage' }));
    assert.deepEqual([lines[0]?.channel, lines[0]?.place], [null, null]);
  });

  it('tells the author when nothing was stored, without the inside of the error', async () => {
    typed = async () => Promise.reject(new Error('password=hunter2'));
    const body = (await (await sendForm(command())).json()) as { text: string };
    assert.match(body.text, /Something went wrong on my side.* Nothing was stored\.$/);
    assert.doesNotMatch(body.text, /hunter2/);
    typed = async () => Promise.reject(new AppError('database', 'My database is away.'));
    const second = (await (await sendForm(command())).json()) as { text: string };
    assert.equal(second.text, 'My database is away. Nothing was stored.');
  });

  it('gives the second of two equal deliveries to the inbox under the same key', async () => {
    const body = command();
    const headers = signed(body, Date.now());
    await sendForm(body, headers);
    assert.equal((await sendForm(body, headers)).status, 200);
    assert.deepEqual(
      lines.map((line) => line.delivery),
      ['slack:1.2.abc', 'slack:1.2.abc'],
    );
  });

  it('acknowledges a click when it is stored, and tells the clicker what there is to tell', async () => {
    await connect();
    clicked = async () => answer('You asked for LR-8K3F2Q yourself.');
    const response = await sendPayload(click());
    assert.deepEqual([response.status, await response.text()], [200, '']);
    const [only] = clicks;
    assert.ok(only);
    const { replyTo: _, ...rest } = only;
    assert.deepEqual(rest, {
      delivery: 'slack:3.4.def',
      person: { platform: 'slack', id: 'U0LEA', tenant: 'T0HOME', name: 'lea' },
      channel: 'C0SOC',
      action: 'approve',
      id: 'LR-8K3F2Q:1',
      openUntil: null,
      words: null,
    });
    await until(() => fake.of('/respond/2').length === 1);
    const said = fake.of('/respond/2')[0]?.body;
    assert.deepEqual([said?.response_type, said?.replace_original], ['ephemeral', false]);
    assert.equal(said?.text, 'You asked for LR-8K3F2Q yourself.');
  });

  it('says nothing after a click that the card answers', async () => {
    await sendPayload(click());
    await slack.stop();
    assert.deepEqual(
      fake.calls.filter((call) => call.method.startsWith('/respond')),
      [],
    );
  });

  it('tells the clicker when the click was not stored', async () => {
    clicked = async () => Promise.reject(new Error('boom'));
    assert.equal((await sendPayload(click())).status, 200);
    await until(() => fake.of('/respond/2').length === 1);
    assert.match(String(fake.of('/respond/2')[0]?.body.text), /Nothing was stored/);
  });

  it('explains a button of another version, and lets foreign actions, forms and searches pass without a wait', async () => {
    const action = (action_id: string) =>
      click({ actions: [{ type: 'button', action_id, block_id: 'b', value: 'x' }] });
    assert.equal((await sendPayload(action('lr:dance'))).status, 200);
    await until(() => fake.of('/respond/2').length === 1);
    assert.match(String(fake.of('/respond/2')[0]?.body.text), /older version/);
    const others = [
      action('other'),
      { type: 'shortcut', callback_id: 'x', trigger_id: 't', user: { id: 'U0ANA' }, team: { id: 'T0HOME' } },
      { type: 'view_submission', view: { callback_id: 'x' }, user: { id: 'U0ANA' }, team: { id: 'T0HOME' } },
      { type: 'block_suggestion', action_id: 'x', value: 'y', user: { id: 'U0ANA' }, team: { id: 'T0HOME' } },
      { type: 'something_new' },
    ];
    for (const other of others) assert.equal((await sendPayload(other)).status, 200, other.type);
    assert.equal(clicks.length, 0);
  });

  it('takes a mention in a thread as a line and answers there, to its author alone', async () => {
    await connect();
    assert.equal((await sendJson(mention())).status, 200);
    const [line] = lines;
    assert.deepEqual(
      [line?.delivery, line?.thread, line?.text, line?.person.id],
      ['slack:Ev1', 'C0SOC:1700000001.123456', 'cancel <now> ws-042.contoso.com', 'U0ANA'],
    );
    await until(() => fake.of('chat.postEphemeral').length === 1);
    const { user, channel, thread_ts } = fake.of('chat.postEphemeral')[0]?.body ?? {};
    assert.deepEqual([user, channel, thread_ts], ['U0ANA', 'C0SOC', '1700000001.123456']);
  });

  it('lets Slack deliver a mention again that was not stored', async () => {
    typed = async () => Promise.reject(new Error('boom'));
    assert.equal((await sendJson(mention())).status, 500);
    assert.ok(log.lines.some((line) => line.startsWith('A delivery failed')));
  });

  it('does not listen to bots', async () => {
    assert.equal((await sendJson(mention({}, { bot_id: 'B0X' }))).status, 200);
    assert.deepEqual(lines, []);
  });

  it('does not listen to bots that name no person', async () => {
    const event = mention({}, { bot_id: 'B0X', user: undefined, subtype: 'bot_message' });
    assert.equal((await sendJson(event)).status, 200);
    assert.deepEqual([lines, metrics.rejected], [[], []]);
  });

  it('lets an event go that it cannot read, with a log line and a count, so that Slack does not repeat it', async () => {
    const events = [mention({}, { user: 'nobody' }), mention({ event: null }), mention({ event: 'x' }), { event: {} }];
    for (const event of events) assert.equal((await sendJson(event)).status, 200, JSON.stringify(event));
    assert.deepEqual(lines, []);
    assert.deepEqual([...new Set(metrics.rejected)], ['unreadable']);
    assert.match(log.lines.join('\n'), /An event is not understood/);
  });

  it('says 400 to a command or click that it cannot read, whatever is wrong with it', async () => {
    const { actions: _, ...noActions } = click();
    const bad = [click({ user: null }), click({ user: { id: '@ana' } }), { actions: 7 }];
    for (const body of bad) assert.equal((await sendPayload(body)).status, 400, JSON.stringify(body));
    assert.equal((await sendPayload(noActions)).status, 200, 'nothing that any listener wants');
    assert.equal((await sendForm(command({ user_id: 'ana' }))).status, 400);
    assert.equal((await sendForm('command=%2Fliveresponse&text=help')).status, 400);
    for (const body of ['payload=null', 'payload=7', 'payload=%5B%5D']) {
      assert.ok([200, 400].includes((await sendForm(body)).status), body);
    }
    assert.deepEqual([lines, clicks], [[], []]);
  });

  it('takes the least that a command and a click can be, each once', async () => {
    await connect();
    const body = 'command=%2Fliveresponse&text=help&user_id=U0ANA&channel_id=C0SOC';
    const headers = signed(body, Date.now());
    for (let i = 0; i < 2; i++) assert.equal((await sendForm(body, headers)).status, 200);
    const [first, second] = lines.map((line) => line.delivery);
    assert.match(first ?? '', /^slack:[0-9a-f]{40}$/);
    assert.equal(second, first);
    const least = { type: 'block_actions', user: { id: 'U0LEA' }, actions: [{ action_id: 'lr:approve', value: 'x' }] };
    const inMessage = { ...least, container: { channel_id: 'C0SOC' } };
    for (const payload of [least, inMessage]) assert.equal((await sendPayload(payload)).status, 200);
    assert.deepEqual(
      clicks.map(({ channel, id }) => [channel, id]),
      [
        [null, 'x'],
        ['C0SOC', 'x'],
      ],
    );
    assert.deepEqual(metrics.rejected, []);
  });

  it('works for its own workspace and organisation only', async () => {
    await connect();
    const body = (await (await sendForm(command({ team_id: 'T0OTHER' }))).json()) as { text: string };
    assert.match(body.text, /another Slack workspace/);
    assert.equal((await sendPayload(click({ team: { id: 'T0OTHER' } }))).status, 200);
    assert.equal((await sendJson(mention({ team_id: 'T0OTHER', authorizations: null }))).status, 200);
    assert.equal((await sendJson(opened({ team_id: 'T0OTHER', authorizations: null }))).status, 200);
    assert.equal((await sendPayload(click({ ...turned, team: { id: 'T0OTHER' } }))).status, 200);
    assert.deepEqual([lines, clicks, homes], [[], [], []]);
    assert.deepEqual(metrics.rejected, Array(5).fill('workspace'));
    assert.equal((await sendJson(opened({ team_id: 'T0SISTER', enterprise_id: 'E0HOME' }))).status, 200);
    assert.deepEqual(homes, ['U0ANA']);
    assert.equal((await sendForm(command({ team_id: 'T0SISTER', enterprise_id: 'E0HOME' }))).status, 200);
    assert.equal(lines.length, 1);
  });

  describe('proof', () => {
    const now = () => Date.now();
    const good = 'v0='.padEnd(67, 'a');
    const rejected: [string, (body: string) => Record<string, string>][] = [
      ['a forged signature', (body) => signed(body, now(), 'another secret')],
      ['the signature of another body', () => signed('something else', now())],
      ['a delivery of six minutes ago', (body) => signed(body, now() - 360_000)],
      ['a delivery from the future', (body) => signed(body, now() + 360_000)],
      ['no headers', () => ({})],
      ['a time that is no number', () => ({ 'x-slack-request-timestamp': 'now', 'x-slack-signature': good })],
      ['a signature without a shape', (body) => ({ ...signed(body, now()), 'x-slack-signature': 'garbage' })],
      [
        'a signature of another version',
        (body) => ({ ...signed(body, now()), 'x-slack-signature': good.replace('v0', 'v1') }),
      ],
    ];
    for (const [name, headers] of rejected) {
      it(`turns away ${name}, with nothing but a count and a log line`, async () => {
        const body = command();
        const response = await sendForm(body, headers(body) as never);
        assert.deepEqual([response.status, await response.text()], [401, '']);
        assert.deepEqual([lines, metrics.rejected], [[], ['signature']]);
        assert.match(log.lines.join('\n'), /Turned an inbound call away/);
        assert.doesNotMatch(log.lines.join('\n'), /minidump/);
      });
    }

    it('turns away what is too long before it looks at anything else', async () => {
      const response = await sendForm('x'.repeat(300 * 1024), {} as never);
      assert.equal(response.status, 413);
      assert.deepEqual(metrics.rejected, ['too_large']);
    });

    it('turns away what cannot be read, without quoting it in the log', async () => {
      const body = 'minidump is no JSON';
      const response = await send(body, { 'content-type': 'text/plain', ...signed(body, Date.now()) });
      assert.equal(response.status, 400);
      const packed = await send('x', { 'content-type': FORM, 'content-encoding': 'gzip', ...signed('x', Date.now()) });
      assert.equal(packed.status, 400);
      assert.deepEqual(metrics.rejected, ['unreadable', 'unreadable']);
      assert.doesNotMatch(log.lines.join('\n'), /minidump/);
    });

    it('turns away an empty body', async () => {
      assert.equal((await send('', signed('', Date.now()))).status, 400);
    });

    it("answers Slack's check of the certificate and of the address", async () => {
      assert.equal((await sendForm('ssl_check=1&token=x', {} as never)).status, 200);
      const response = await sendJson({ type: 'url_verification', challenge: 'abc' });
      assert.deepEqual(await response.json(), { challenge: 'abc' });
      assert.deepEqual(lines, []);
    });

    it('turns away an unsigned check of the address', async () => {
      const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
      assert.equal((await send(body, { 'content-type': 'application/json' })).status, 401);
    });
  });

  it('ends only when what it took has been answered', async () => {
    let finish: (said: PrivateAnswer) => void = () => {};
    clicked = () => new Promise((resolve) => (finish = resolve));
    const response = sendPayload(click());
    await until(() => clicks.length === 1);
    let stopped = false;
    const stop = slack.stop().then(() => {
      stopped = true;
    });
    assert.equal(
      (await response.then(
        (each) => each.status,
        () => 0,
      )) === 200 && stopped,
      false,
    );
    finish(answer('late'));
    await stop;
    assert.equal(fake.of('/respond/2').length, 1);
  });

  it('survives an answer that nobody can deliver', async () => {
    fake.on('/respond/2', refuse('expired_url'));
    fake.on('chat.postEphemeral', refuse('user_not_in_channel'));
    fake.on('chat.postMessage', refuse('cannot_dm_bot'));
    clicked = async () => answer('too late');
    await sendPayload(click());
    await until(() => log.lines.some((each) => each.includes('did not arrive')));
    assert.doesNotMatch(log.lines.join('\n'), /respond\/2|too late/);
  });

  it('asks for patience when storing takes long, and answers when it is done', async () => {
    let finish: (said: PrivateAnswer) => void = () => {};
    typed = () => new Promise((resolve) => (finish = resolve));
    const body = (await (await sendForm(command())).json()) as { text: string };
    assert.match(body.text, /slow right now/);
    finish(answer('Got it, LR-8K3F2Q.'));
    await until(() => fake.of('/respond/1').length === 1);
    assert.equal(fake.of('/respond/1')[0]?.body.text, 'Got it, LR-8K3F2Q.');
  });
});
