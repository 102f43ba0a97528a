import assert from 'node:assert/strict';
import { createClient } from '../../../src/chat/slack/client.ts';
import { createFind, type Find, isUp } from '../../../src/chat/slack/find.ts';
import type { Sought } from '../../../src/flow/ports.ts';
import { FakeSlack, hangUp, memoryLog, type Reaction, refuse, status } from './fake-slack.ts';

const HISTORY = 'conversations.history';
const REPLIES = 'conversations.replies';
const SINCE = 1_700_000_100_000;
const sought: Sought = { place: 'C0SOC', thread: null, mark: 'the-mark', since: SINCE };
const mine = { event_type: 'liveresponse_request', event_payload: { mark: 'the-mark' } };
const message = (user: string, metadata: unknown = mine) => ({ ts: '1700000101.000100', user, metadata });
const hang: Reaction = () => undefined;

describe('looking for a post in Slack', () => {
  let fake: FakeSlack;
  let find: Find;
  let log: ReturnType<typeof memoryLog>;
  beforeEach(async () => {
    fake = await FakeSlack.start();
    log = memoryLog();
    find = createFind({ client: client(), workspace: workspace('U0BOT'), log, within: 500 });
  });
  afterEach(() => fake.stop());
  const client = () => createClient({ botToken: 'xoxb-x', apiUrl: fake.apiUrl, log });
  const workspace = (botUser: string | null) => {
    const home = { team: 'T0HOME', enterprise: null, botUser };
    return { known: () => home, home: () => home, soon: async () => home, start() {}, lost() {}, async stop() {} };
  };
  const shows = (...messages: unknown[]) => fake.on(HISTORY, { messages, has_more: false });

  it('finds it by mark and author, from a minute before it can have been sent', async () => {
    shows(message('U0MAX', null), message('U0BOT'));
    const found = 'C0SOC:1700000101.000100';
    assert.deepEqual(await find(sought), { thread: found, message: found });
    const { channel, oldest, include_all_metadata } = fake.of(HISTORY)[0]?.body ?? {};
    assert.deepEqual([channel, oldest, include_all_metadata], ['C0SOC', '1700000040', 'true']);
  });

  it('finds a reply in its thread', async () => {
    fake.on(REPLIES, { messages: [message('U0BOT', { ...mine, event_type: 'liveresponse_reply' })] });
    const thread = 'C0SOC:1700000001.123456';
    const found = { thread, message: 'C0SOC:1700000101.000100' };
    assert.deepEqual(await find({ ...sought, thread }), found);
    assert.equal(fake.of(REPLIES)[0]?.body.ts, '1700000001.123456');
  });

  for (const [what, shown] of [
    ['another app’s message with the same mark', message('U0OTHERBOT')],
    ['a message of ours with another mark', message('U0BOT', { ...mine, event_payload: { mark: 'another' } })],
    ['a message of ours with another’s metadata', message('U0BOT', { ...mine, event_type: 'other' })],
    ['a message of ours without any', message('U0BOT', null)],
    ['metadata that nobody understands', message('U0BOT', { event_type: 1, event_payload: 'x' })],
  ] as const) {
    it(`takes for it no ${what}`, async () => {
      shows(shown);
      assert.equal(await find(sought), 'not_there');
    });
  }

  it('reads page after page, and tells nothing where there are too many', async () => {
    const page = { messages: [], has_more: true, response_metadata: { next_cursor: 'next' } };
    fake.on(HISTORY, page, { messages: [message('U0BOT')] });
    assert.notEqual(await find(sought), 'not_there');
    assert.deepEqual(
      fake.of(HISTORY).map(({ body }) => body.cursor),
      [undefined, 'next'],
    );
    fake.on(HISTORY, page);
    assert.equal(await find({ ...sought, mark: 'another' }), 'not_told');
    assert.equal(fake.of(HISTORY).length, 7);
    fake.on(HISTORY, { messages: [], has_more: true });
    assert.equal(await find(sought), 'not_told', 'more, and no way to read it');
  });

  for (const [what, reaction] of [
    ['the scope is missing', refuse('missing_scope', { needed: 'channels:history' })],
    ['Slack throttles', status(429)],
    ['Slack stumbles', status(500)],
    ['the connection breaks', hangUp],
    ['Slack is too slow', hang],
    ['Slack answers something else', { messages: 'none' }],
  ] as [string, Reaction][]) {
    it(`tells nothing where ${what}, says so once in the log, and doesn’t ask again soon`, async () => {
      fake.on(HISTORY, reaction);
      for (const mark of ['a', 'b', 'c']) assert.equal(await find({ ...sought, mark }), 'not_told');
      assert.equal(fake.of(HISTORY).length, 1);
      await find({ ...sought, place: 'C0OTHER' });
      assert.equal(fake.of(HISTORY).length, 2, 'another channel is another question');
      assert.equal(log.lines.filter((line) => line.includes('looked for')).length, 1);
    });
  }

  it('asks nothing about a private chat, nor while it isn’t known who the bot is', async () => {
    assert.equal(await find({ ...sought, place: 'U0LEA' }), 'not_told');
    const stranger = createFind({ client: client(), workspace: workspace(null), log });
    assert.equal(await stranger(sought), 'not_told');
    assert.deepEqual(fake.calls, []);
  });

  for (const [what, reaction, up] of [
    ['a good answer', {}, true],
    ['a refusal', refuse('token_revoked'), true],
    ['an internal error', refuse('internal_error'), false],
    ['503', status(503), false],
    ['429', status(429), false],
    ['a broken connection', hangUp, false],
    ['no answer in time', hang, false],
  ] as [string, Reaction, boolean][]) {
    it(`takes ${what} for a Slack that is ${up ? 'up' : 'down'}`, async () => {
      fake.on('auth.test', reaction);
      assert.equal(await isUp(client(), 50), up);
    });
  }
});
