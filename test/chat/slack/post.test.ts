import assert from 'node:assert/strict';
import { Router } from 'express';
import { checkMessage } from '../../../src/chat/slack/check.ts';
import { createSlack, type Slack } from '../../../src/chat/slack/index.ts';
import { ChatError, type ErrorCode } from '../../../src/errors.ts';
import { answer, type Card, text } from '../../../src/model/notice.ts';
import {
  clock,
  FakeSlack,
  hangUp,
  memoryLog,
  memoryMetrics,
  type Reaction,
  refuse,
  status,
  until,
} from './fake-slack.ts';

const card: Card = {
  requestId: 'LR-8K3F2Q',
  title: 'Live response LR-8K3F2Q',
  state: { symbol: '⏳', words: [text('Waiting for approval')] },
  headline: [text('Ana wants to run on ws-042')],
  commands: [],
  facts: [],
  warnings: [],
  footer: [],
  buttons: [],
  audience: null,
};
const reply = { text: [text('Lea Lead approved.')], output: [], moreLines: 0, buttons: [] };
const MESSAGE = 'C0SOC:1700000001.123456';

describe('posting to Slack', () => {
  let fake: FakeSlack;
  let slack: Slack;
  let log: ReturnType<typeof memoryLog>;

  function create(apiUrl: string): Slack {
    log = memoryLog();
    const inbox = {
      typed: async () => answer('x'),
      clicked: async () => null,
      tell: async () => {},
      suggest: async () => [],
      home: async () => null,
    };
    return createSlack({
      botToken: 'xoxb-secret',
      signingSecret: 's',
      apiUrl,
      channels: () => ['C0SOC'],
      userGroups: () => [],
      router: Router(),
      inbox,
      clock,
      log,
      metrics: memoryMetrics(),
    });
  }

  beforeEach(async () => {
    fake = await FakeSlack.start();
    fake.on('chat.postMessage', { channel: 'C0SOC', ts: '1700000001.123456' });
    fake.on('auth.test', { team_id: 'T0HOME', user_id: 'U0BOT', enterprise_id: null });
    fake.on('conversations.info', { channel: { name: 'soc', is_ext_shared: false } });
    slack = create(fake.apiUrl);
  });
  afterEach(async () => {
    await slack.stop();
    await fake.stop();
  });

  it('posts a card once, without previews, with the id of the request and nothing more for other apps', async () => {
    assert.deepEqual(await slack.chat.post('C0SOC', card), { thread: MESSAGE, message: MESSAGE });
    const [call, ...more] = fake.of('chat.postMessage');
    assert.deepEqual(more, []);
    assert.equal(call?.authorization, 'Bearer xoxb-secret');
    assert.deepEqual(checkMessage(call?.body ?? {}), []);
    const { channel, metadata, unfurl_links, unfurl_media, link_names, parse } = call?.body ?? {};
    assert.deepEqual(
      { channel, metadata, unfurl_links, unfurl_media, link_names, parse },
      {
        channel: 'C0SOC',
        metadata: { event_type: 'liveresponse_request', event_payload: { request_id: 'LR-8K3F2Q' } },
        unfurl_links: 'false',
        unfurl_media: 'false',
        link_names: 'false',
        parse: 'none',
      },
    );
  });

  it('edits with text and blocks, and replies in the thread', async () => {
    await slack.chat.edit(MESSAGE, card);
    await slack.chat.reply(MESSAGE, reply);
    const [edit] = fake.of('chat.update');
    assert.equal(edit?.body.ts, '1700000001.123456');
    assert.ok(Array.isArray(edit?.body.blocks) && typeof edit.body.text === 'string');
    assert.equal(fake.of('chat.postMessage')[0]?.body.thread_ts, '1700000001.123456');
  });

  const endings: [string, Reaction, ErrorCode, ErrorCode][] = [
    ['429', status(429, { 'retry-after': '7' }), 'chat_throttled', 'chat_throttled'],
    ['429 without a wait', status(429), 'chat_throttled', 'chat_throttled'],
    ['ratelimited in words', refuse('ratelimited'), 'chat_throttled', 'chat_throttled'],
    ['not_in_channel', refuse('not_in_channel'), 'chat_not_in_channel', 'chat_not_in_channel'],
    ['channel_not_found', refuse('channel_not_found'), 'chat_not_in_channel', 'chat_not_in_channel'],
    ['message_not_found', refuse('message_not_found'), 'chat_gone', 'chat_gone'],
    ['edit_window_closed', refuse('edit_window_closed'), 'chat_gone', 'chat_gone'],
    ['cannot_reply_to_message', refuse('cannot_reply_to_message'), 'chat_gone', 'chat_gone'],
    ['cant_update_message', refuse('cant_update_message'), 'chat_gone', 'chat_gone'],
    ['is_archived', refuse('is_archived'), 'chat_refused', 'chat_refused'],
    ['invalid_blocks', refuse('invalid_blocks'), 'chat_too_long', 'chat_too_long'],
    ['msg_too_long', refuse('msg_too_long'), 'chat_too_long', 'chat_too_long'],
    ['msg_blocks_too_long', refuse('msg_blocks_too_long'), 'chat_too_long', 'chat_too_long'],
    ['missing_scope', refuse('missing_scope', { needed: 'chat:write' }), 'chat_refused', 'chat_refused'],
    ['a refused token', refuse('invalid_auth'), 'chat_refused', 'chat_refused'],
    ['internal_error', refuse('internal_error'), 'chat_unclear', 'chat_unreachable'],
    ['team_added_to_org', refuse('team_added_to_org'), 'chat_unreachable', 'chat_unreachable'],
    ['404 of a proxy', status(404), 'chat_refused', 'chat_refused'],
    ['500', status(500), 'chat_unclear', 'chat_unreachable'],
    ['408', status(408), 'chat_unclear', 'chat_unreachable'],
    ['a redirect', status(307, { location: '/api/elsewhere' }), 'chat_unclear', 'chat_unreachable'],
    ['a broken connection', hangUp, 'chat_unclear', 'chat_unreachable'],
    ['200 with a page', status(200), 'chat_unclear', 'chat_unreachable'],
    [
      'an endless body',
      (_call, response) => {
        const pour = () =>
          !response.destroyed && void response.write(Buffer.alloc(256 * 1024, 32), () => setImmediate(pour));
        pour();
      },
      'chat_unclear',
      'chat_unreachable',
    ],
  ];
  for (const [name, reaction, posting, editing] of endings) {
    it(`tells from ${name} what happened to a post (${posting}) and an edit (${editing}), and asks once`, async () => {
      fake.on('chat.postMessage', reaction);
      fake.on('chat.update', reaction);
      await assert.rejects(slack.chat.post('C0SOC', card), { code: posting });
      await assert.rejects(slack.chat.edit(MESSAGE, card), { code: editing });
      assert.equal(fake.of('chat.postMessage').length, 1);
      assert.deepEqual(fake.of('elsewhere'), []);
    });
  }

  it('calls a post that Slack took but did not name unclear', async () => {
    fake.on('chat.postMessage', {});
    await assert.rejects(slack.chat.post('C0SOC', card), { code: 'chat_unclear' });
  });

  it('is certain that nothing was posted where no connection came about', async () => {
    await fake.stop();
    await assert.rejects(slack.chat.post('C0SOC', card), { code: 'chat_unreachable' });
    fake = await FakeSlack.start();
  });

  it('says how long to wait, which scope is missing and what is too long', async () => {
    fake.on('chat.postMessage', status(429, { 'retry-after': '7' }));
    const caught = await slack.chat.reply(MESSAGE, reply).catch((error: unknown) => error);
    assert.ok(caught instanceof ChatError && caught.retryAfter === 7000);
    fake.on('chat.postMessage', refuse('missing_scope', { needed: 'chat:write' }));
    await assert.rejects(slack.chat.post('C0SOC', card), /lacks: chat:write\./);
    fake.on('chat.postMessage', refuse('msg_too_long'));
    await assert.rejects(slack.chat.post('C0SOC', card), /too long for Slack/);
  });

  it('is degraded until Slack accepts the token, and again when it no longer does', async () => {
    assert.equal(slack.health(), 'degraded');
    slack.start();
    await until(() => slack.health() === 'ok');
    fake.on('chat.postMessage', refuse('token_revoked'));
    fake.on('auth.test', refuse('token_revoked'));
    await assert.rejects(slack.chat.post('C0SOC', card), { code: 'chat_refused' });
    assert.equal(slack.health(), 'degraded');
  });

  it('knows channels by name once it has asked, and without markup before', async () => {
    assert.equal(slack.chat.channelName('C0SOC'), 'the channel of the policy');
    assert.equal(await slack.chat.isShared('C0SOC'), false);
    assert.equal(slack.chat.channelName('C0SOC'), '#soc');
    assert.equal(slack.chat.placeIn('C0SOC'), 'C0SOC');
  });

  it('keeps token and bodies out of the log', async () => {
    fake.on(
      'chat.postMessage',
      refuse('invalid_blocks', { response_metadata: { messages: ['[ERROR] bad: secret words'] } }),
    );
    await assert.rejects(slack.chat.post('C0SOC', card));
    fake.on('chat.postMessage', hangUp);
    await assert.rejects(slack.chat.post('C0SOC', card));
    assert.ok(log.lines.length > 0);
    assert.doesNotMatch(log.lines.join('\n'), /xoxb|secret|Ana wants/);
  });
});
