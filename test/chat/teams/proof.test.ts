import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { CONVERSATIONS, PEOPLE, type TokenOddity } from '../../../src/playground/teams-channel/index.ts';
import { type Edge, startEdge } from './edge.ts';

const WORDS = 'run ws-042 minidump.ps1 a-word-that-must-not-be-logged';

describe('the proof of what Teams sends', () => {
  let edge: Edge;
  const written: string[] = [];
  // biome-ignore lint/suspicious/noConsole: what the SDK writes there is what is looked for
  const before = { error: console.error, warn: console.warn, log: console.log };

  beforeEach(async () => {
    written.length = 0;
    for (const method of ['error', 'warn', 'log'] as const)
      console[method] = (...words: unknown[]) => void written.push(words.map(String).join(' '));
    edge = await startEdge();
  });
  afterEach(async () => {
    await edge.stop();
    Object.assign(console, before);
  });

  const say = (oddity: Parameters<Edge['channel']['say']>[0]['oddity'] = {}) =>
    edge.channel.say({ person: PEOPLE.ana, conversation: CONVERSATIONS.soc, text: `@Live Response ${WORDS}`, oddity });

  /** Nothing happened, and nothing but the fact was written down. */
  function assertNothing(status: number | null | undefined, expected = 401): void {
    assert.equal(status, expected);
    assert.deepEqual(edge.recorded.lines, []);
    assert.deepEqual(edge.recorded.told, []);
    assert.deepEqual(edge.memory.size, 0, 'no service URL is learned');
    assert.doesNotMatch(edge.logged(), /must-not-be-logged|eyJ|Bearer|stand-in-1|Error:/);
    assert.match(edge.logged(), /Turned an inbound call away/);
    assert.equal(edge.rejected.length, 1);
    assert.deepEqual(written, [], 'nothing goes to the console');
  }

  it('takes what is signed for this bot', async () => {
    const { delivery } = await say();
    assert.equal(delivery?.status, 200);
    assert.equal(edge.recorded.lines[0]?.text, WORDS);
    assert.deepEqual(edge.rejected, []);
    assert.deepEqual(written, []);
  });

  const ODDITIES: (TokenOddity | null)[] = [
    null,
    'garbage',
    'expired',
    'not_before',
    'wrong_audience',
    'wrong_issuer',
    'wrong_service_url',
    'missing_service_url',
    'unknown_key',
    'wrong_key',
    'alg_none',
    'hs256',
    'other_endorsements',
  ];
  for (const token of ODDITIES) {
    it(`turns away ${token === null ? 'what has no token' : `a token that is odd: ${token}`}, and still takes the next`, async () => {
      const { delivery } = await say({ token });
      assertNothing(delivery?.status);
      assert.equal(delivery?.body, '');
      assert.equal((await say()).delivery?.status, 200);
    });
  }

  const ACTIVITIES: [string, Record<string, unknown>][] = [
    ['of a channel that the key doesn’t vouch for', { channelId: 'directline' }],
    ['of a channel that has keys of its own', { channelId: 'AseChannel' }],
    ['of no channel', { channelId: undefined }],
    ['with a service URL elsewhere', { serviceUrl: 'https://smba.example.net/amer/' }],
    ['with a service URL that only looks like Teams’', { serviceUrl: 'https://smba.trafficmanager.net.example.net/' }],
    ['with somebody’s name in the service URL', { serviceUrl: 'https://smba.trafficmanager.net@example.net/' }],
    ['without a service URL', { serviceUrl: undefined }],
  ];
  for (const [what, activity] of ACTIVITIES) {
    it(`turns away an activity ${what}`, async () => {
      assertNothing((await say({ activity })).delivery?.status);
    });
  }

  it('turns away another tenant’s activity, however well signed', async () => {
    assertNothing((await say({ tenant: '99999999-0000-4000-8000-000000000000' })).delivery?.status);
  });

  it('turns loopback away where no stand-in is configured', async () => {
    await edge.restart({ standIn: false });
    assertNothing((await say()).delivery?.status);
  });

  it('turns everything away while the keys can’t be had', async () => {
    await edge.stop();
    edge = await startEdge({}, {}, false);
    edge.channel.fault({ kind: 'status', on: 'openid', status: 503, times: 1 });
    assertNothing((await say()).delivery?.status);
    assert.equal((await say()).delivery?.status, 200);
  });

  for (const [what, body, headers] of [
    ['an empty object', '{}', {}],
    ['a list', '[]', {}],
    ['a word', '"run"', {}],
    ['no JSON', '{"type": "message"', {}],
    ['nothing', '', {}],
    ['something packed', gzipSync('{}').toString('latin1'), { 'content-encoding': 'gzip' }],
  ] as const) {
    it(`can’t read ${what}`, async () => {
      assertNothing((await edge.channel.deliverRaw({ body, headers })).status, 400);
      assert.equal((await say()).delivery?.status, 200);
    });
  }

  it('takes no body over 256 KB', async () => {
    const body = JSON.stringify({ type: 'message', text: 'x'.repeat(256 * 1024) });
    assertNothing((await edge.channel.deliverRaw({ body })).status, 413);
  });

  it('survives a flood of all of it', async () => {
    const bodies = ['{}', '[]', 'null', '{"type":1}', '{"type":"message"}', '{"type":"invoke","channelId":"msteams"}'];
    await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        edge.channel.deliverRaw({ body: bodies[i % bodies.length] ?? '', token: i % 2 ? null : 'wrong_key' }),
      ),
    );
    const cut = new Promise((resolve) => {
      const call = request(edge.url, { method: 'POST', headers: { 'content-length': '1000' } });
      call.on('error', resolve).write('{"type"');
      setImmediate(() => call.destroy());
    });
    await cut;
    assert.equal((await say()).delivery?.status, 200);
    assert.equal(edge.recorded.lines.length, 1);
    assert.deepEqual(written, []);
  });
});
