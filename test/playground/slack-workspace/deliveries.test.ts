import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifySlackRequest } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';

const SECRET = 'signing-secret';

interface Inbound {
  body: string;
  valid: boolean;
  type: string;
  /** The urlencoded fields, or those of the payload. */
  fields: Record<string, unknown>;
}

const button = (action_id: string, value: string) => ({
  type: 'actions' as const,
  elements: [{ type: 'button' as const, action_id, value, text: { type: 'plain_text' as const, text: 'Approve' } }],
});

describe('Deliveries of the simulated Slack workspace', () => {
  let workspace: SlackWorkspace;
  let client: WebClient;
  let bot: Server;
  let inbound: Inbound[];
  let answer: { status: number; body: string; type?: string };
  let now: number;

  beforeEach(async () => {
    inbound = [];
    answer = { status: 200, body: '' };
    now = Date.now();
    bot = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const type = String(request.headers['content-type']);
      inbound.push({ body, type, valid: isValid(request.headers, body), fields: read(body, type) });
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body);
    });
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    const botUrl = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/slack/events`;
    workspace = await startSlackWorkspace({
      botToken: 't',
      signingSecret: SECRET,
      botUrl,
      pace: 'off',
      now: () => now,
    });
    client = new WebClient('t', { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
  });
  afterEach(async () => {
    await workspace.stop();
    bot.closeAllConnections();
    await new Promise((resolve) => bot.close(resolve));
  });

  const respond = (url: unknown, body: object) =>
    fetch(String(url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const last = (): Inbound => inbound.at(-1) ?? assert.fail('nothing arrived');
  const post = async () => {
    const posted = await client.chat.postMessage({ channel: 'C0SOC', text: 'card', blocks: [button('approve', 'r1')] });
    return String(posted.ts);
  };

  it('sends a command with a signature that Bolt accepts', async () => {
    const delivery = await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'run a b' });
    assert.equal(delivery.status, 200);
    assert.equal(last().type, 'application/x-www-form-urlencoded');
    assert.equal(last().valid, true);
    assert.equal(last().fields.text, 'run a b');
    assert.equal(last().fields.user_id, 'U0ANA');
    assert.equal(last().fields.trigger_id, delivery.triggerId);
  });

  it('shows an acknowledgement with words to the author alone', async () => {
    answer = { status: 200, body: 'Got it.' };
    await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' });
    answer = { status: 200, body: JSON.stringify({ text: 'And this.' }), type: 'application/json' };
    await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' });
    assert.deepEqual(
      workspace.state().ephemerals.map(({ to, text }) => [to, text]),
      [
        ['U0ANA', 'Got it.'],
        ['U0ANA', 'And this.'],
      ],
    );
  });

  it('tells the author in the words of Slack when the bot fails', async () => {
    answer = { status: 500, body: '' };
    const delivery = await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' });
    assert.equal(delivery.failure, 'status');
    assert.equal(workspace.state().ephemerals[0]?.user, 'USLACKBOT');
    workspace.setBotUrl('http://127.0.0.1:1/');
    assert.equal((await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' })).failure, 'connection');
  });

  it('forges, ages and repeats requests on demand', async () => {
    const command = { user: 'U0ANA', channel: 'C0SOC', text: 'x' };
    for (const signing of [{ secret: 'other' }, { skew: -3600 }, { unsigned: true }]) {
      await workspace.command({ ...command, signing });
      assert.equal(last().valid, false);
    }
    inbound.length = 0;
    await workspace.command({ ...command, times: 2 });
    assert.equal(inbound.length, 2);
    assert.equal(inbound[0]?.body, inbound[1]?.body);
    const { id } = await workspace.command(command);
    now += 1000;
    await workspace.replay(id);
    assert.deepEqual(inbound[3], inbound[2]);
    await assert.rejects(workspace.replay('unknown'));
  });

  it('serves a response_url five times and for thirty minutes', async () => {
    await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' });
    const url = last().fields.response_url;
    for (let n = 0; n < 5; n += 1) assert.equal((await respond(url, { text: `${n}` })).status, 200);
    assert.equal((await respond(url, { text: 'one too many' })).status, 404);
    assert.equal(workspace.state().ephemerals.length, 5);
    await workspace.command({ user: 'U0ANA', channel: 'C0SOC', text: 'x' });
    now += 30 * 60_000 + 1;
    assert.equal((await respond(last().fields.response_url, { text: 'too late' })).status, 404);
  });

  it('answers a response_url even where the bot is no member', async () => {
    await workspace.command({ user: 'U0ANA', channel: 'C0PRIVATE', text: 'x' });
    assert.equal(last().fields.channel_name, 'privategroup');
    await respond(last().fields.response_url, { text: 'invite me' });
    assert.equal(workspace.state().ephemerals[0]?.channel, 'C0PRIVATE');
  });

  it('sends a click with the message as it stands and the button as it was', async () => {
    const ts = await post();
    await workspace.click({ user: 'U0LEA', channel: 'C0SOC', ts, actionId: 'approve' });
    const payload = last().fields as { user: { id: string }; message: { ts: string }; actions: { value: string }[] };
    assert.equal(last().valid, true);
    assert.deepEqual([payload.user.id, payload.message.ts, payload.actions[0]?.value], ['U0LEA', ts, 'r1']);
  });

  it('lets people click on what a card showed a moment ago, but not on what it never showed', async () => {
    const ts = await post();
    await client.chat.update({ channel: 'C0SOC', ts, text: 'gone' });
    const click = { user: 'U0LEA', channel: 'C0SOC', ts };
    await workspace.click({ ...click, actionId: 'approve', value: 'r1' });
    assert.equal(inbound.length, 1);
    await assert.rejects(workspace.click({ ...click, actionId: 'approve', value: 'r2' }));
    await assert.rejects(workspace.click({ ...click, actionId: 'deny' }));
  });

  it('replaces the clicked card unless the answer says otherwise', async () => {
    const ts = await post();
    await workspace.click({ user: 'U0LEA', channel: 'C0SOC', ts, actionId: 'approve' });
    const url = last().fields.response_url;
    await respond(url, { text: 'private', response_type: 'ephemeral', replace_original: false });
    assert.equal(workspace.state().messages[0]?.text, 'card');
    assert.equal(workspace.state().ephemerals[0]?.to, 'U0LEA');
    await respond(url, { text: 'replaced' });
    assert.equal(workspace.state().messages[0]?.text, 'replaced');
  });

  it('lets a click on an ephemeral message change or remove it', async () => {
    await client.chat.postEphemeral({
      channel: 'C0SOC',
      user: 'U0ANA',
      text: 'again?',
      blocks: [button('again', 'q1')],
    });
    const ts = workspace.state().ephemerals[0]?.ts ?? '';
    const click = { user: 'U0ANA', channel: 'C0SOC', ts, actionId: 'again' };
    await assert.rejects(workspace.click({ ...click, user: 'U0LEA' }));
    await workspace.click(click);
    const payload = last().fields as { container: { is_ephemeral: boolean }; message?: unknown; response_url: string };
    assert.deepEqual([payload.container.is_ephemeral, payload.message], [true, undefined]);
    await respond(payload.response_url, { text: 'yes', replace_original: true });
    assert.equal(workspace.state().ephemerals[0]?.text, 'yes');
    await respond(payload.response_url, { delete_original: true });
    assert.equal(workspace.state().ephemerals.length, 0);
    await assert.rejects(workspace.click(click));
  });

  it('sends an event for a message that names the app, and for no other', async () => {
    await workspace.say({ user: 'U0ANA', channel: 'C0SOC', text: 'hello' });
    assert.equal(inbound.length, 0);
    await workspace.say({ user: 'U0ANA', channel: 'C0SOC', text: '<@U0LIVE> status' });
    assert.equal(last().valid, true);
    assert.equal((last().fields.event as { text: string }).text, '<@U0LIVE> status');
  });

  it('can be driven from another process', async () => {
    const control = async (path: string, body: object) => {
      const response = await respond(`${workspace.url}/_control/${path}`, body);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    assert.equal((await control('command', { user: 'U0ANA', channel: 'C0SOC', text: 'x' })).body.status, 200);
    const ts = await post();
    assert.equal((await control('click', { user: 'U0LEA', channel: 'C0SOC', ts, actionId: 'approve' })).status, 200);
    assert.equal((await control('click', { user: 'U0LEA', channel: 'C0SOC', ts, actionId: 'none' })).status, 400);
    await control('fault', { kind: 'status' });
    await assert.rejects(client.auth.test());
    const state = (await (await fetch(`${workspace.url}/_control/state`)).json()) as { messages: unknown[] };
    assert.equal(state.messages.length, 1);
  });

  it('wakes whoever waits for a change', async () => {
    const waiting = workspace.waitFor((state) => state.messages.find((message) => message.text === 'card'));
    await post();
    assert.equal((await waiting).channel, 'C0SOC');
    await assert.rejects(workspace.waitFor(() => null, 5));
  });
});

function isValid(headers: Record<string, unknown>, body: string): boolean {
  try {
    verifySlackRequest({
      signingSecret: SECRET,
      body,
      headers: {
        'x-slack-signature': String(headers['x-slack-signature']),
        'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
      },
    });
    return true;
  } catch {
    return false;
  }
}

function read(body: string, type: string): Record<string, unknown> {
  if (type === 'application/json') return JSON.parse(body) as Record<string, unknown>;
  const fields = Object.fromEntries(new URLSearchParams(body));
  return fields.payload ? (JSON.parse(fields.payload) as Record<string, unknown>) : fields;
}
