import assert from 'node:assert/strict';
import { createClient } from '../../../src/chat/slack/client.ts';
import { writeReplyTo } from '../../../src/chat/slack/thread.ts';
import { createWhisper, mayAnswerTo, type Whisper } from '../../../src/chat/slack/whisper.ts';
import { answer } from '../../../src/model/notice.ts';
import { FakeSlack, hangUp, memoryLog, refuse, status } from './fake-slack.ts';

const MINUTE = 60_000;
const said = answer('Got it, LR-8K3F2Q.');

describe('a private answer in Slack', () => {
  let fake: FakeSlack;
  let whisper: Whisper;
  let now = 0;

  beforeEach(async () => {
    fake = await FakeSlack.start();
    now = 0;
    const client = createClient({ botToken: 'xoxb', apiUrl: fake.apiUrl, log: memoryLog() });
    whisper = createWhisper({ client, clock: { now: () => now }, loopback: true });
  });
  afterEach(() => fake.stop());

  const handle = (change: Partial<Parameters<typeof writeReplyTo>[0]> = {}) =>
    writeReplyTo({ url: `${fake.origin}/r`, channel: 'C0SOC', person: 'U0ANA', thread: null, at: 0, ...change });

  it('goes to the response address, to one person, leaving the message alone', async () => {
    await whisper(handle(), said);
    const [call] = fake.of('/r');
    assert.deepEqual(
      [call?.body.response_type, call?.body.replace_original, call?.body.text],
      ['ephemeral', false, 'Got it, LR-8K3F2Q.'],
    );
    assert.equal(call?.authorization, undefined);
    assert.deepEqual(fake.of('chat.postEphemeral'), []);
  });

  const usedUp: [string, () => void, object][] = [
    [
      'has expired by the clock',
      () => {
        now = 30 * MINUTE;
      },
      {},
    ],
    ['was used up', () => fake.on('/r', status(404)), {}],
    ['says so in words', () => fake.on('/r', refuse('used_url')), {}],
    ['never came', () => {}, { url: null }],
    ['belongs to somebody else', () => {}, { url: 'https://evil.example/r' }],
  ];
  for (const [name, prepare, change] of usedUp) {
    it(`becomes an ephemeral message when the address ${name}`, async () => {
      prepare();
      await whisper(handle(change), said);
      const { channel, user } = fake.of('chat.postEphemeral')[0]?.body ?? {};
      assert.deepEqual([channel, user], ['C0SOC', 'U0ANA']);
    });
  }

  for (const code of ['user_not_in_channel', 'not_in_channel', 'channel_not_found', 'is_archived']) {
    it(`goes to the chat with the person where Slack says ${code}`, async () => {
      fake.on('chat.postEphemeral', refuse(code));
      await whisper(handle({ url: null }), said);
      const { channel, text } = fake.of('chat.postMessage')[0]?.body ?? {};
      assert.deepEqual([channel, text], ['U0ANA', 'Got it, LR-8K3F2Q.']);
    });
  }

  it('goes to the chat with the person who asked nowhere', async () => {
    await whisper(handle({ url: null, channel: null }), said);
    assert.equal(fake.of('chat.postMessage')[0]?.body.channel, 'U0ANA');
    assert.deepEqual(fake.of('chat.postEphemeral'), []);
  });

  it('tells what happened when no way works', async () => {
    fake.on('/r', status(404));
    fake.on('chat.postEphemeral', refuse('user_not_in_channel'));
    fake.on('chat.postMessage', refuse('cannot_dm_bot'));
    await assert.rejects(whisper(handle(), said), { code: 'chat_refused' });
    fake.on('chat.postEphemeral', refuse('restricted_action'));
    await assert.rejects(whisper(handle(), said), { code: 'chat_refused' });
  });

  it('is worth another try when the address is busy or broken, without naming it', async () => {
    fake.on('/r', status(429, { 'retry-after': '3' }));
    await assert.rejects(whisper(handle(), said), { code: 'chat_throttled', retryAfter: 3000 });
    fake.on('/r', status(500));
    await assert.rejects(whisper(handle(), said), { code: 'chat_unclear' });
    fake.on('/r', hangUp);
    await assert.rejects(whisper(handle(), said), (error: Error) => {
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /\/r\b.*127|127.*\/r\b/);
      return (error as { code?: unknown }).code === 'chat_unclear';
    });
    const url = `${fake.origin}/r`;
    await fake.stop();
    await assert.rejects(whisper(handle({ url }), said), { code: 'chat_unreachable' });
    fake = await FakeSlack.start();
  });

  it('follows no redirect', async () => {
    fake.on('/r', status(307, { location: '/elsewhere' }));
    await assert.rejects(whisper(handle(), said), { code: 'chat_unclear' });
    assert.deepEqual(fake.of('/elsewhere'), []);
  });

  it('goes to hosts of Slack only, and to this machine only where the Web API is here too', () => {
    const good = ['https://hooks.slack.com/commands/T/1/x', 'https://hooks.slack-gov.com/x', 'https://a.b.slack.com/x'];
    for (const url of good) assert.equal(mayAnswerTo(url, false), true, url);
    const bad = [
      'http://hooks.slack.com/x',
      'https://hooks.slack.com.evil.example/x',
      'https://evilslack.com/x',
      'https://u:p@hooks.slack.com/x',
      'http://127.0.0.1/x',
      'nonsense',
    ];
    for (const url of bad) assert.equal(mayAnswerTo(url, false), false, url);
    assert.equal(mayAnswerTo('http://127.0.0.1:3000/x', true), true);
    assert.equal(mayAnswerTo('http://10.0.0.1/x', true), false);
  });
});
