import assert from 'node:assert/strict';
import { WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { type SlackWorkspace, startSlackWorkspace } from '../../../src/playground/slack-workspace/index.ts';

const TOKEN = 'xoxb-test';
const section = (words: string) => ({ type: 'section' as const, text: { type: 'plain_text' as const, text: words } });

describe('The Web API of the simulated Slack workspace', () => {
  let workspace: SlackWorkspace;
  let client: WebClient;
  let now = Date.UTC(2026, 10, 24, 9);

  const clientFor = (token: string | undefined) =>
    new WebClient(token, {
      slackApiUrl: workspace.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: 500,
    });
  const code = async (call: Promise<unknown>): Promise<string> => {
    const error = await call.then(
      () => assert.fail('the call was accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof WebAPIPlatformError, String(error));
    return error.data.error;
  };

  beforeEach(async () => {
    workspace = await startSlackWorkspace({ botToken: TOKEN, signingSecret: 's', now: () => now });
    client = clientFor(TOKEN);
  });
  afterEach(() => workspace.stop());

  it('tells the bot who it is', async () => {
    const answer = await client.auth.test();
    assert.deepEqual([answer.team_id, answer.user_id, answer.bot_id], ['T0CONTOSO', 'U0LIVE', 'B0LIVE']);
  });

  it('refuses a wrong token and a missing one by their own codes', async () => {
    assert.equal(await code(clientFor('xoxb-wrong').auth.test()), 'invalid_auth');
    assert.equal(await code(clientFor(undefined).auth.test()), 'not_authed');
    assert.equal(await code(client.apiCall('chat.delete', {})), 'unknown_method');
  });

  it('lists user groups and their people, disabled ones only when asked for them', async () => {
    const of = (usergroup: string, more = {}) => client.usergroups.users.list({ usergroup, ...more });
    assert.deepEqual((await of('S0LEADS')).users, ['U0LEA', 'U0LEO']);
    assert.equal(await code(of('S0NONE')), 'no_such_subteam');
    workspace.setUserGroup({ id: 'S0LEADS', disabled: true });
    assert.equal(await code(of('S0LEADS')), 'no_such_subteam');
    assert.deepEqual((await of('S0LEADS', { include_disabled: true })).users, ['U0LEA', 'U0LEO']);
    const listed = await client.usergroups.list({ include_users: true, include_count: true });
    assert.deepEqual(
      listed.usergroups?.map(({ id, users, user_count }) => [id, users, user_count]),
      [['S0ANALYSTS', ['U0ANA'], 1]],
    );
  });

  it('keeps user groups from an app without the scope, from a workspace that pays nothing, and from who asks too often', async () => {
    const ask = () => client.usergroups.users.list({ usergroup: 'S0LEADS' });
    workspace.setSubscription({ plan: 'free' });
    assert.equal(await code(ask()), 'plan_upgrade_required');
    workspace.setSubscription({ plan: 'paid', scopes: ['chat:write'] });
    assert.equal(await code(ask()), 'missing_scope');
    for (let i = 2; i < 20; i++) await ask().catch(() => undefined);
    await assert.rejects(ask(), WebAPIRateLimitedError);
    now += 3_000;
    assert.equal(await code(ask()), 'missing_scope');
  });

  it('keeps what was posted, with blocks and metadata as they were sent', async () => {
    const metadata = { event_type: 'request', event_payload: { id: 'LR-000001' } };
    const answer = await client.chat.postMessage({
      channel: 'C0SOC',
      text: 'hello',
      blocks: [section('hello')],
      metadata,
    });
    const [message] = workspace.state().messages;
    assert.equal(message?.ts, answer.ts);
    assert.equal(message?.text, 'hello');
    assert.deepEqual(message?.blocks, [{ block_id: 'b0x', ...section('hello') }]);
    assert.deepEqual(message?.metadata, metadata);
  });

  it('takes JSON bodies as well', async () => {
    const response = await fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'C0SOC', text: 'hello', blocks: [section('hello')] }),
    });
    assert.equal(((await response.json()) as { ok: boolean }).ok, true);
  });

  it('says where the bot cannot post, as Slack says it', async () => {
    assert.equal(await code(client.chat.postMessage({ channel: 'C0NONE', text: 'x' })), 'channel_not_found');
    assert.equal(await code(client.chat.postMessage({ channel: 'C0PRIVATE', text: 'x' })), 'channel_not_found');
    assert.equal(await code(client.chat.postMessage({ channel: 'C0GENERAL', text: 'x' })), 'not_in_channel');
    workspace.invite('C0PRIVATE');
    await client.chat.postMessage({ channel: 'C0PRIVATE', text: 'x' });
  });

  it('refuses empty, broken and oversized messages', async () => {
    const post = (blocks: unknown) => {
      now += 1000;
      return client.apiCall('chat.postMessage', { channel: 'C0SOC', text: 'x', blocks });
    };
    assert.equal(await code(client.apiCall('chat.postMessage', { channel: 'C0SOC' })), 'no_text');
    assert.equal(await code(post([{ type: 'nonsense' }])), 'invalid_blocks');
    assert.equal(await code(post(Array.from({ length: 51 }, () => section('x')))), 'invalid_blocks');
    assert.equal(await code(post(Array.from({ length: 5 }, () => section('x'.repeat(3000))))), 'msg_blocks_too_long');
    assert.equal(await code(post('[{')), 'invalid_blocks_format');
    assert.equal(workspace.state().messages.length, 0);
  });

  it('says which block is wrong', async () => {
    const error = await client
      .apiCall('chat.postMessage', { channel: 'C0SOC', text: 'x', blocks: [{ type: 'header' }] })
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof WebAPIPlatformError);
    assert.match(String(error.data.response_metadata?.messages), /\[ERROR\] \/blocks\/0\/text/);
  });

  it('edits only messages of the bot, and takes the blocks away where only text is sent', async () => {
    const posted = await client.chat.postMessage({ channel: 'C0SOC', text: 'a', blocks: [section('a')] });
    const ts = String(posted.ts);
    await client.chat.update({ channel: 'C0SOC', ts, text: 'b', blocks: [section('b')] });
    assert.deepEqual(workspace.state().messages[0]?.blocks, [{ block_id: 'b0x', ...section('b') }]);
    await client.chat.update({ channel: 'C0SOC', ts, text: 'c' });
    assert.equal(workspace.state().messages[0]?.blocks, null);
    await workspace.say({ user: 'U0ANA', channel: 'C0SOC', text: 'mine' });
    const theirs = workspace.state().messages[1]?.ts ?? '';
    assert.equal(await code(client.chat.update({ channel: 'C0SOC', ts: theirs, text: 'x' })), 'cant_update_message');
    assert.equal(await code(client.chat.update({ channel: 'C0SOC', ts: '1.0', text: 'x' })), 'message_not_found');
    assert.equal(await code(client.chat.update({ channel: 'C0SOC', ts, text: 'x'.repeat(4001) })), 'msg_too_long');
  });

  it('keeps the blocks where neither text nor blocks are sent', async () => {
    const posted = await client.chat.postMessage({ channel: 'C0SOC', text: 'a', blocks: [section('a')] });
    await client.apiCall('chat.update', {
      channel: 'C0SOC',
      ts: posted.ts,
      metadata: { event_type: 'x', event_payload: {} },
    });
    assert.equal(workspace.state().messages[0]?.blocks?.length, 1);
  });

  it('threads replies under a parent only, and lists them in pages', async () => {
    const parent = await client.chat.postMessage({ channel: 'C0SOC', text: 'parent' });
    const thread_ts = String(parent.ts);
    const reply = await client.chat.postMessage({ channel: 'C0SOC', thread_ts, text: 'one' });
    assert.equal(
      await code(client.chat.postMessage({ channel: 'C0SOC', thread_ts: String(reply.ts), text: 'x' })),
      'cannot_reply_to_message',
    );
    const reading = client.conversations.replies({ channel: 'C0SOC', ts: thread_ts });
    assert.equal(await code(reading), 'missing_scope');
    workspace.setSubscription({ scopes: ['channels:history'] });
    const first = await client.conversations.replies({ channel: 'C0SOC', ts: thread_ts, limit: 1 });
    assert.deepEqual(
      [first.messages?.[0]?.text, first.messages?.[0]?.reply_count, first.has_more],
      ['parent', 1, true],
    );
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await client.conversations.replies({ channel: 'C0SOC', ts: thread_ts, limit: 1, cursor });
    assert.deepEqual([second.messages?.[0]?.text, second.has_more], ['one', false]);
    assert.equal(await code(client.conversations.replies({ channel: 'C0SOC', ts: '1.0' })), 'thread_not_found');
  });

  it('tells what stands in a channel, the newest first, with metadata where it is asked for, to who may read there', async () => {
    const { ts } = await client.chat.postMessage({ channel: 'C0SOC', text: 'one' });
    const metadata = { event_type: 'x', event_payload: { id: '1' } };
    await client.chat.postMessage({ channel: 'C0SOC', text: 'two', metadata });
    await client.chat.postMessage({ channel: 'C0SOC', text: 'a reply', thread_ts: String(ts) });
    assert.equal(await code(client.conversations.history({ channel: 'C0SOC' })), 'missing_scope');
    workspace.setSubscription({ scopes: ['channels:history'] });
    const bare = await client.conversations.history({ channel: 'C0SOC' });
    assert.deepEqual(
      bare.messages?.map((one) => [one.text, one.metadata]),
      [
        ['two', undefined],
        ['one', undefined],
      ],
    );
    const later = { channel: 'C0SOC', oldest: String(ts), include_all_metadata: true };
    const { messages } = await client.conversations.history(later);
    assert.deepEqual([messages?.length, messages?.[0]?.metadata], [1, metadata]);
    workspace.invite('C0PRIVATE');
    assert.equal(await code(client.conversations.history({ channel: 'C0PRIVATE' })), 'missing_scope');
    workspace.setSubscription({ scopes: ['groups:history'] });
    assert.deepEqual((await client.conversations.history({ channel: 'C0PRIVATE' })).messages, []);
  });

  it('shows an ephemeral message only to members of the channel', async () => {
    await client.chat.postEphemeral({ channel: 'C0SOC', user: 'U0ANA', text: 'psst' });
    assert.equal(workspace.state().ephemerals[0]?.to, 'U0ANA');
    assert.equal(
      await code(client.chat.postEphemeral({ channel: 'C0SOC', user: 'U0EVE', text: 'x' })),
      'user_not_in_channel',
    );
  });

  it('tells guests, foreigners, bots and the departed apart', async () => {
    const flags = async (user: string) => {
      const { user: found } = await client.users.info({ user });
      return [found?.is_restricted, found?.team_id, found?.is_bot, found?.deleted];
    };
    assert.deepEqual(await flags('U0ANA'), [false, 'T0CONTOSO', false, false]);
    assert.deepEqual(await flags('U0GUS'), [true, 'T0CONTOSO', false, false]);
    assert.deepEqual(await flags('U0EVE'), [false, 'T0FABRIKAM', false, false]);
    assert.deepEqual(await flags('U0OTHERBOT'), [false, 'T0CONTOSO', true, false]);
    assert.deepEqual(await flags('U0DEE'), [false, 'T0CONTOSO', false, true]);
    assert.equal(await code(client.users.info({ user: 'U0NOBODY' })), 'user_not_found');
    assert.equal((await client.conversations.info({ channel: 'C0SHARED' })).channel?.is_ext_shared, true);
  });

  it('takes a short burst per channel, then one message a second', async () => {
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
    for (let n = 0; n < 4; n += 1) await post('C0SOC');
    const error = await post('C0SOC').catch((reason: unknown) => reason);
    assert.ok(error instanceof WebAPIRateLimitedError);
    assert.equal(error.retryAfter, 1);
    await post('D0ANA');
    now += 1000;
    await post('C0SOC');
    assert.equal(workspace.state().messages.length, 6);
  });

  it('fails on demand, before or after the call took effect', async () => {
    const post = (text: string) => client.chat.postMessage({ channel: 'C0SOC', text });
    workspace.fault({ kind: 'status', method: 'chat.postMessage' });
    await assert.rejects(post('lost'));
    workspace.fault({ kind: 'reset', applied: true });
    await assert.rejects(post('kept'));
    workspace.fault({ kind: 'hang' });
    await assert.rejects(post('late'));
    workspace.fault({ kind: 'rate_limited', retryAfter: 7 });
    await assert.rejects(post('slow'), (error) => error instanceof WebAPIRateLimitedError && error.retryAfter === 7);
    assert.deepEqual(
      workspace.state().messages.map((message) => message.text),
      ['kept'],
    );
    now += 60_000;
    workspace.fault({ kind: 'error', error: 'restricted_action' });
    assert.equal(await code(post('no')), 'restricted_action');
  });
});
